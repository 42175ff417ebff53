"""Review events aggregated: counts and buckets per class, release and mode, mergeable and small.

The vocabulary between where events lie and what `gate` makes of them; leaves counting to
`dialgate_evals.events.tables` and every rate, interval and sentence to `gate`. Events are counted
as they are, and as tasks: a task's events in a group are one observation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from dialgate_evals.events.review_events import Mode, ReviewDecision, ReviewEvent
    from dialgate_evals.events.task_runs import Alarm
    from dialgate_evals.files.problems import Problem


class EventGroup(NamedTuple):
    """What is counted together."""

    action_class: str
    release: str
    mode: Mode


class TaskGroup(NamedTuple):
    """What tasks are counted together for the dial."""

    action_class: str
    release: str
    mode: Mode
    in_force: bool
    # made in the class's mode in force, since it was moved there


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCounts:
    """Tasks of a group, each counted once, however many events it has there."""

    tasks: int = 0
    # with an event that is no canary
    reviewed: int = 0
    # with a decision that is no escalation
    intervened: int = 0
    # of those, with any intervention: it counts for the whole task
    edited: int = 0
    rejected: int = 0
    escalated: int = 0
    # with any decision of that kind


class DayTasks(NamedTuple):
    """Tasks of one UTC day: that of their first review, or of their first event if none has one."""

    reviewed: int
    intervened: int
    unreviewed: int
    # escalated only
    escalated_reviewed: int = 0
    # reviewed, and escalated beside
    escalated_bad: int = 0
    # of those, with an intervention

    def plus(self, other: DayTasks) -> DayTasks:
        """The sum of both, figure by figure."""
        return DayTasks(*(one + more for one, more in zip(self, other, strict=True)))


class DecisionDelay(NamedTuple):
    """How long after its first review a task in force had the decision that counts."""

    release: str
    day: dt.date
    # of the first review
    days: int
    # calendar days (UTC) from then to its first intervention, else to its last decision
    is_stopped: bool
    # whether there was an intervention


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Values within 2 % of each other: how many, the least and the most of them."""

    count: int
    least: float
    most: float


Buckets = tuple[Bucket, ...]
"""In ascending order; together every value that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerCounts:
    """What one reviewer decided, how fast, and which planted actions they let through."""

    decisions: Mapping[ReviewDecision, int] = field(default_factory=dict)
    # canaries are not among them
    canaries: int = 0
    canaries_passed: tuple[str, ...] = ()
    # event ids of planted bad actions that were let through, sorted
    review_s: Buckets = ()
    shared: int = 0
    # pairs of decisions by this reviewer and another on the same call in the same task
    alike: int = 0
    # of those, with the same decision


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCube:
    """What a source of review events holds. rows = counted + bad + merged + not_live.

    Canaries are counted.
    """

    days: Mapping[EventGroup, Mapping[dt.date, Mapping[ReviewDecision, int]]] = field(
        default_factory=dict
    )
    # by UTC day, without canaries, as in everything below but `reviewers`
    spans: Mapping[EventGroup, tuple[dt.datetime, dt.datetime]] = field(default_factory=dict)
    # first and last event
    latency_ms: Mapping[EventGroup, Buckets] = field(default_factory=dict)
    task_cost_usd: Mapping[EventGroup, Buckets] = field(default_factory=dict)
    # a task's cost: the sum over its events in the group
    retry_loops: Mapping[EventGroup, int] = field(default_factory=dict)
    # tasks in which the same call was proposed more often than the limit
    tasks: Mapping[EventGroup, TaskCounts] = field(default_factory=dict)
    task_days: Mapping[TaskGroup, Mapping[dt.date, DayTasks]] = field(default_factory=dict)
    # empty where nobody asked for the dial; a task under several releases that count is in one
    delays: Mapping[str, Mapping[DecisionDelay, int]] = field(default_factory=dict)
    # by class: tasks in force; empty where nobody asked for the dial
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    # by class
    foremost: Mapping[str, tuple[ReviewEvent, ...]] = field(default_factory=dict)
    # by class: the few interventions that a report shows
    reviewers: Mapping[str | None, ReviewerCounts] = field(default_factory=dict)
    rows: int = 0
    counted: int = 0
    merged: int = 0
    not_live: int = 0
    # events of another source than production, which are in no other count
    canaries: int = 0
    future: int = 0
    # events after the moment of the question
    first_future: dt.datetime | None = None
    bad_rows: int = 0
    bad: tuple[Problem, ...] = ()
    # the first of them

    def days_of(self, action_class: str) -> dict[TaskGroup, Mapping[dt.date, DayTasks]]:
        """The tasks of one class."""
        return {
            group: days
            for group, days in self.task_days.items()
            if group.action_class == action_class
        }

    def interventions(self, action_class: str) -> int:
        """Events of one class that were interventions."""
        return sum(
            count
            for group, days in self.days.items()
            if group.action_class == action_class
            for decisions in days.values()
            for word, count in decisions.items()
            if word.is_intervention
        )

    @property
    def adds_up(self) -> bool:
        """Whether every event that was counted is in one day, and every one with one reviewer.

        Queries that saw different rows of a table that changes would differ here.
        """
        by_day = (item for group in self.days.values() for item in group.values())
        by_reviewer = (item.decisions for item in self.reviewers.values())
        canaries = sum(item.canaries for item in self.reviewers.values())
        no_canaries = self.counted - self.canaries
        return (
            canaries == self.canaries
            and sum(sum(item.values()) for item in by_day) == no_canaries
            and sum(sum(item.values()) for item in by_reviewer) == no_canaries
        )
