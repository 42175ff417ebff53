"""A folder of leases, one file a class: verified when loaded or changed, remembered in between.

Whoever can write the folder can't make a lease; who puts an older one back is found out as long as
the process lives. Leaves when to look again to `dialgate_runtime.lookup.lookup`.
"""

from __future__ import annotations

import os

from dialgate_runtime.leases.lease import LIMIT_BYTES, Lease, LeaseRefusedError, read_lease
from dialgate_runtime.leases.rules import NO_KEYS, LeaseRules, parse_rules
from dialgate_runtime.strict_json import JsonError, parse_json, read_file
from dialgate_runtime.values import Value

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from dialgate_runtime.leases.lease import Subject

FOLDER = "lease"
"""Beside the suite's files."""
_Stamp = tuple[int, int, int, int]


def lease_file_name(action_class: str) -> str:
    """The file of a class: its name, with what a path could take for more than a name escaped."""
    return "".join(_escaped(char) for char in action_class) + ".json"


def _escaped(char: str) -> str:
    if (char.isascii() and char.isalnum()) or char in " ._-~":
        return char
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


class Refusal(Value):
    """Why a class has no lease."""

    why: str
    # the rest of a sentence


class LeaseFolder:
    """The leases that lie in a folder; not for several threads at once."""

    def __init__(
        self, folder: str, subject: Subject, rules: LeaseRules, rules_file: str | None = None
    ) -> None:
        """`rules_file` is read instead of `rules`, again whenever it changes."""
        self.folder, self.subject, self.rules = folder, subject, rules
        self._rules_file = rules_file
        self._stamps: dict[str, _Stamp] = {}
        self._found: dict[str, Lease | Refusal] = {}
        self._latest: dict[str, float] = {}
        # by class the latest moment at which a lease that was seen had been issued
        self.look_at_rules()

    def look_at_rules(self) -> None:
        """The rules, read again where their file changed; one that can't be read has no keys."""
        if self._rules_file is None:
            return
        stamp = _stamp(self._rules_file)
        if stamp is not None and stamp == self._stamps.get(""):
            return
        try:
            self.rules = parse_rules(parse_json(read_file(self._rules_file, LIMIT_BYTES)))[0]
        except (OSError, JsonError):
            self.rules = NO_KEYS
        self._stamps, self._found = {} if stamp is None else {"": stamp}, {}

    def lease_of(self, action_class: str) -> Lease | Refusal:
        """The class's lease, verified again where its file changed; or why there is none."""
        path = os.path.join(self.folder, lease_file_name(action_class))  # noqa: PTH118 - pathlib costs as much as the rest
        stamp = _stamp(path)
        if stamp is None:
            self._stamps.pop(action_class, None)
            return Refusal(why="there is no file")
        if stamp != self._stamps.get(action_class):
            self._found[action_class] = self._read(path, action_class)
            self._stamps[action_class] = stamp
        return self._found[action_class]

    def _read(self, path: str, action_class: str) -> Lease | Refusal:
        try:
            raw = read_file(path, LIMIT_BYTES)
            found = read_lease(raw, action_class, self.subject, self.rules)
        except (OSError, JsonError, LeaseRefusedError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            return Refusal(why=why or "it can't be read")
        if found.issued_at < self._latest.get(action_class, 0):
            return Refusal(why="it is older than one that was here before")
        self._latest[action_class] = found.issued_at
        return found


def _stamp(path: str) -> _Stamp | None:
    """What changes with a file; None: there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - see lease_of
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
