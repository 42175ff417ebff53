"""The lookup that every reader of the dial in Python is: from a call to the mode it has now.

Which classes a call can be in is told by `CallsOfTool`, of an exported dial or of a suite's files;
which mode they have now is a table that is made anew when a lease ends, begins or may have changed.
"""

from __future__ import annotations

import threading

from dialgate_runtime.leases.clock import steady_clock
from dialgate_runtime.leases.rules import NO_RULES
from dialgate_runtime.lookup.standing import Standing, stand
from dialgate_runtime.mode import Mode, lower_of
from dialgate_runtime.values import Value

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from dialgate_runtime.leases.lease import Lease
    from dialgate_runtime.leases.lease_folder import LeaseFolder, Refusal
    from dialgate_runtime.leases.rules import LeaseRules

    class CallsOfTool(Protocol):
        """Which classes a call of one tool can be in."""

        @property
        def groups(self) -> frozenset[Group]:
            """Every answer that `group` can give."""

        def group(self, arguments: object) -> Group:
            """The classes: one where that is sure, else all that it can be; never an exception."""


Group = tuple[str, ...]
"""Names of classes of which the one with the least autonomy counts."""
UNCLASSIFIED = "unclassified"
CHECK_S = 1.0
"""How long a lease that was replaced, taken away or whose key was revoked may still count."""
_UNKNOWN: Group = (UNCLASSIFIED,)


class DialModes(Value):
    """The modes that the dial says, with what they are capped by."""

    modes: Mapping[str, Mode]
    # by class, `unclassified` among them
    leased: frozenset[str]
    # classes that need a lease where the agent acts first: writes
    folder: LeaseFolder | None = None
    # None: no folder of leases is looked at
    held: Mapping[str, Lease] | None = None
    # leases that were verified elsewhere, where there is no folder
    rules: LeaseRules = NO_RULES
    # where there is no folder; a folder has its own
    required: bool = False
    # whether leases are required whatever the rules say


class _Table(Value):
    until: float
    modes: Mapping[Group, Mode]
    standings: Mapping[str, Standing]


class Lookup:
    """Modes of calls as they are now; safe to share between threads."""

    __slots__ = ("_calls", "_clock", "_dial", "_groups", "_lock", "_table")

    def __init__(
        self,
        calls: Mapping[str, CallsOfTool],
        dial: DialModes,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._calls, self._dial = calls, dial
        self._clock = steady_clock() if clock is None else clock
        self._groups = {_UNKNOWN}.union(*(item.groups for item in calls.values()))
        self._lock = threading.Lock()
        self._table = self._look()

    def mode(self, tool: object, arguments: object) -> Mode:
        """The mode of a call; never an exception, whatever a model made up."""
        table = self._table if self._clock() < self._table.until else self._look_again()
        try:
            calls = self._calls.get(tool) if isinstance(tool, str) else None
        except Exception:  # noqa: BLE001 - a name with a hash of its own is no name
            calls = None
        return table.modes[_UNKNOWN if calls is None else calls.group(arguments)]

    def standings(self) -> tuple[Standing, ...]:
        """Where each class stands now, and why it has less than the dial says."""
        table = self._table if self._clock() < self._table.until else self._look_again()
        return tuple(table.standings.values())

    def _look_again(self) -> _Table:
        with self._lock:
            if self._clock() >= self._table.until:
                self._table = self._look()
            return self._table

    def _look(self) -> _Table:
        now = self._clock()
        try:
            standings = self._standings(now)
        except Exception:  # noqa: BLE001 - whatever hides in a file, it opens nothing
            standings = {name: self._closed(name) for name in self._dial.modes}
        ends = [item.until for item in standings.values() if item.until is not None]
        if self._dial.folder is not None:
            ends.append(now + CHECK_S)
        modes = {
            group: lower_of(*(standings[name].effective for name in group))
            for group in self._groups
        }
        end = min(ends, default=float("inf"))
        return _Table(until=end, modes=modes, standings=standings)

    def _standings(self, now: float) -> dict[str, Standing]:
        dial = self._dial
        if dial.folder is not None:
            dial.folder.look_at_rules()
        rules = dial.rules if dial.folder is None else dial.folder.rules
        required = rules.required or dial.required
        return {
            name: stand(
                name,
                mode,
                self._lease(name, mode),
                now,
                skew_s=rules.skew_s,
                required=required,
                is_leased=name in dial.leased,
            )
            for name, mode in dial.modes.items()
        }

    def _lease(self, name: str, mode: Mode) -> Lease | Refusal | None:
        dial = self._dial
        if name not in dial.leased or not mode.is_autonomous:
            return None
        if dial.folder is not None:
            return dial.folder.lease_of(name)
        return (dial.held or {}).get(name)

    def _closed(self, name: str) -> Standing:
        """A class of which nothing can be told."""
        mode = self._dial.modes[name]
        closed = lower_of(mode, Mode.IN_THE_LOOP) if name in self._dial.leased else mode
        why = "" if closed is mode else "No lease: the folder of leases can't be looked at."
        return Standing(
            action_class=name, dial=mode, effective=closed, lease=None, until=None, why=why
        )
