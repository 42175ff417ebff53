"""`dialgate_runtime.Dial`: the mode of each call, from the file that `dialgate dial show` writes.

Knows the file, the folder of leases and the file of rules; leaves telling classes and modes to
`lookup`.
"""

from __future__ import annotations

import os

from dialgate_runtime.leases.lease_folder import LeaseFolder
from dialgate_runtime.lookup.exported_dial import parse_exported
from dialgate_runtime.lookup.lookup import DialModes, Lookup
from dialgate_runtime.problems import DialError
from dialgate_runtime.strict_json import JsonError, parse_json, read_file

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_runtime.lookup.exported_dial import ExportedDial


class Dial(Lookup):
    """The oversight mode of each call as it is now; safe to share between threads."""

    __slots__ = ()

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        leases: str | os.PathLike[str] | None = None,
        rules: str | os.PathLike[str] | None = None,
        required: bool | None = None,
        clock: Callable[[], float] | None = None,
    ) -> Dial:
        """The dial of a file of `dialgate dial show SUITE --json`.

        `leases` is the folder that `dialgate dial lease` writes, looked at again every second;
        without it the leases count that were verified when the file was written. `rules` is a file
        with keys and revocations, in place of those in the dial. `required` says that leases are
        required whatever the file says, never the contrary; `clock` gives seconds since 1970.
        Raises DialError where the dial can't be used: a runtime without it must not act on a guess.
        """
        file = os.fspath(path)
        try:
            found, problems = parse_exported(parse_json(read_file(file)))
        except (OSError, JsonError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise DialError(file, [why or "it can't be read"]) from None
        if found is None:
            raise DialError(file, problems)
        if leases is not None and found.subject() is None:
            raise DialError(file, ["no release: no lease can be on it"])
        return cls(found.calls, _modes(found, leases, rules, required=bool(required)), clock)


def _modes(
    found: ExportedDial,
    leases: str | os.PathLike[str] | None,
    rules: str | os.PathLike[str] | None,
    *,
    required: bool,
) -> DialModes:
    folder = None
    subject = None if leases is None else found.subject()
    if leases is not None and subject is not None:
        folder = LeaseFolder(
            folder=os.fspath(leases),
            subject=subject,
            rules=found.rules,
            rules_file=None if rules is None else os.fspath(rules),
        )
    return DialModes(
        modes=found.modes,
        leased=found.leased,
        folder=folder,
        held=found.held,
        rules=found.rules,
        required=required,
    )
