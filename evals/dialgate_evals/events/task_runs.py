"""Tasks of a class in the order of their first reviews, as runs: what a sequential detector reads.

The vocabulary between where events lie and the detector of `gate`. Counts only: a detector needs to
know how many clean tasks lie between two with an intervention, and nothing of the tasks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from dialgate_evals.events.review_events import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Reviewed tasks of one class in order: each gap of clean ones ends in one that isn't."""

    gaps: Sequence[int] = ()
    trailing: int = 0
    # clean tasks after the last intervention

    @property
    def tasks(self) -> int:
        """Reviewed tasks in all: ones, and the zeros around them."""
        return sum(self.gaps) + len(self.gaps) + self.trailing


class Stretch(NamedTuple):
    """Where a detector saw a rise: places in the order of tasks, from 1, both included."""

    first: int
    last: int
    e_value: float


class Detector(Protocol):
    """A detector that goes on from where it was: the same end, however the runs are cut."""

    def __call__(
        self, action_class: str, runs: Runs, state: Mapping[str, Any] | None
    ) -> tuple[Mapping[str, Any], Stretch | None]:
        """The state after the runs, as JSON, and the first stretch that alarms.

        `state`: what it gave after the runs before; None: there were none.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A stretch with what there is to say of it."""

    stretch: Stretch
    since: dt.datetime
    # the first review of its first task
    found_at: dt.datetime
    # the first intervention of its last task
    tasks: int
    interventions: int
    # tasks with one
    releases: tuple[str, ...]
    # of its reviews, in order of first use
    events: tuple[str, ...]
    # its latest interventions, at most MOST_EVENTS, in order of time


MOST_EVENTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What the dial asks of the events: which of them were made in the mode in force."""

    modes: Mapping[str, Mode]
    # of every class
    since: Mapping[str, dt.datetime] = field(default_factory=dict)
    # when a class was moved there; absent: it is there by default
    counts: Callable[[str], bool]
    # whether events under a release count for the next move
    detector: Detector | None = None
    # None: no class falls

    def is_in_force(self, action_class: str, mode: Mode, at: dt.datetime) -> bool:
        """Whether an event was made while its class was where it is now."""
        since = self.since.get(action_class)
        return mode is self.modes.get(action_class) and (since is None or at >= since)
