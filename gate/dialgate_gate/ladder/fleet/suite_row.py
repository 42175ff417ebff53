"""One suite of a fleet: its release, its last gate, its events, its readiness and its classes.

Values and their JSON. A suite that can't be read is a row as well: with what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_gate.conditions.condition import Condition
    from dialgate_gate.ladder.fleet.class_row import ClassRow
    from dialgate_gate.settings.people.cadence import Review


class EventsState(StrEnum):
    """What became of a suite's review events."""

    NOT_ASKED = "not asked"
    # nobody said where they lie
    NONE_THERE = "none there"
    # the place that was named holds none
    UNREADABLE = "unreadable"
    READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetEvents:
    """The review events that a row rests on."""

    state: EventsState
    place: str | None = None
    # without user, password and parameters; None: none was named
    counted: int = 0
    bad: int = 0
    # rows that were left out

    @property
    def watched(self) -> bool:
        """Whether there was anything to see an alarm in."""
        return self.state is EventsState.READ and self.counted > 0

    def as_json(self) -> dict[str, Any]:
        """As the fleet's document writes it."""
        return {
            "state": self.state.value,
            "place": self.place,
            "counted": self.counted,
            "bad": self.bad,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LastGate:
    """The verdict that the last `check` of the suite left."""

    verdict: str
    at: str
    # RFC 3339, UTC; empty: not known
    version: str
    # of the release that was judged
    is_current: bool
    # whether that is the release which the suite holds now
    place: str
    # the file
    let_through: bool
    # whether check ended with 0
    reasons: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the fleet's document writes it."""
        return {
            "verdict": self.verdict,
            "at": self.at,
            "version": self.version,
            "is_current": self.is_current,
            "place": self.place,
            "let_through": self.let_through,
            "reasons": list(self.reasons[:3]),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRow:
    """One suite; where it can't be read, `problems` alone says something."""

    folder: str
    # as a person would type it
    name: str | None = None
    # of suite.toml; None: not known
    release: Mapping[str, str] | None = None
    # name, version, fingerprint; None: not known
    classes: tuple[ClassRow, ...] = ()
    gate: LastGate | None = None
    # None: no verdict was found
    events: FleetEvents = FleetEvents(state=EventsState.NOT_ASKED)
    readiness: tuple[Condition, ...] = ()
    # owners, kill switch, rollback
    overdue: tuple[Review, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    # by role, as reports show them
    on_call: str = ""
    # whom a page reaches now; empty: not known
    warnings: tuple[str, ...] = ()
    # of leases and the review queue
    problems: tuple[str, ...] = ()
    # sentences: what could not be read

    @property
    def shown(self) -> str:
        """What the suite is called: its name, else its folder."""
        return self.name or self.folder

    def as_json(self) -> dict[str, Any]:
        """As the fleet's document writes it."""
        return {
            "folder": self.folder,
            "suite": self.name,
            "release": None if self.release is None else dict(self.release),
            "problems": list(self.problems),
            "warnings": list(self.warnings),
            "events": self.events.as_json(),
            "gate": None if self.gate is None else self.gate.as_json(),
            "readiness": [item.as_json() for item in self.readiness],
            "overdue": [str(item) for item in self.overdue],
            "owners": dict(self.owners),
            "on_call": self.on_call,
            "classes": [item.as_json() for item in self.classes],
        }
