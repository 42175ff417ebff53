"""Review events aggregated: counts and buckets per class, release and mode, mergeable and small.

The vocabulary between where events lie and what `gate` makes of them; leaves counting to
`dialgate_evals.events.tables` and every rate, interval and sentence to `gate`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from dialgate_evals.events.review_events import Mode, ReviewDecision
    from dialgate_evals.files.problems import Problem


class EventGroup(NamedTuple):
    """What is counted together."""

    action_class: str
    release: str
    mode: Mode


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
    """One reviewer's decisions."""

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
    reviewers: Mapping[str | None, ReviewerCounts] = field(default_factory=dict)
    rows: int = 0
    counted: int = 0
    merged: int = 0
    not_live: int = 0
    # events of another source than production, which are in no other count
    canaries: int = 0
    future: int = 0
    # events after the moment of the question
    bad_rows: int = 0
    bad: tuple[Problem, ...] = ()
    # the first of them

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
