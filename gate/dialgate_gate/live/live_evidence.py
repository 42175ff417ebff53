"""What production showed about each action class: counts, bounds and trends per release and mode.

The vocabulary that `live.live_figures` fills and reports read, with its JSON; holds no way to
compute it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from dialgate_evals.events.event_cube import TaskCounts
    from dialgate_evals.events.review_events import Mode, ReviewDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class RateEstimate:
    """A rate of events, and of tasks with an anytime-valid interval.

    Events of one task are alike, so bounds hold for tasks: each is one observation.
    """

    events: int
    reviews: int
    # the share as it was counted event by event
    hits: int
    # tasks with any such event
    tasks: int
    low: float
    high: float
    # two-sided confidence sequence of the rate of tasks at `confidence`
    confidence: float = 0.95

    @property
    def rate(self) -> float | None:
        """The events over the reviews, unrounded; None where nothing was counted."""
        return self.events / self.reviews if self.reviews else None

    @property
    def task_rate(self) -> float | None:
        """The same of tasks: the rate that the interval is of."""
        return self.hits / self.tasks if self.tasks else None

    def as_json(self) -> dict[str, Any]:
        """An entry of `rates`."""
        return {
            "events": self.events,
            "reviews": self.reviews,
            "rate": self.rate,
            "tasks": {"events": self.hits, "tasks": self.tasks, "rate": self.task_rate},
            "interval": [_rounded(self.low), _rounded(self.high)],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Two percentiles of the values that are known, within 1 % of the exact ones."""

    known: int
    # values; 0: none is known
    middle: float | None
    tail: float | None
    # None where no value is known
    tail_percent: int

    def as_json(self, of: str) -> dict[str, Any]:
        """`of`: what the values belong to, as the key of their number."""
        return {
            of: self.known,
            "p50": None if self.middle is None else _rounded(self.middle),
            f"p{self.tail_percent}": None if self.tail is None else _rounded(self.tail),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """One UTC day of a class under a release and mode."""

    day: dt.date
    reviews: int
    interventions: int
    escalations: int

    def as_json(self) -> dict[str, Any]:
        """An entry of `daily`."""
        return {
            "day": self.day.isoformat(),
            "reviews": self.reviews,
            "interventions": self.interventions,
            "escalations": self.escalations,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveClass:
    """One action class under one release in one mode. Canaries are not in any of the counts."""

    action_class: str
    release: str
    mode: Mode
    counts: Mapping[ReviewDecision, int]
    tasks: TaskCounts
    first_at: dt.datetime
    last_at: dt.datetime
    rates: Mapping[str, RateEstimate | None]
    # intervention, approval, edit, rejection, shadow_agreement: of what was reviewed; escalation:
    # of everything. None: no decision of that kind can occur in the mode
    latency_ms: Percentiles
    cost_usd: Percentiles
    # per task
    retry_loops: int
    # tasks in which the same call was proposed more often than the limit
    daily: tuple[DayCount, ...]
    # days with events only
    trend_per_day: float | None
    # slope of the daily intervention rate; None under 7 days with reviews
    is_stale: bool = False
    # made on another release than the current one, and the policy carries nothing over
    changed: tuple[str, ...] | None = ()
    # components that differ from the current release's; None: not known

    @property
    def days(self) -> int:
        """Calendar days (UTC) from the first to the last event, both included."""
        return (self.daily[-1].day - self.daily[0].day).days + 1

    @property
    def events(self) -> int:
        """Events of the class: reviews and escalations together."""
        return sum(self.counts.values())

    def as_json(self) -> dict[str, Any]:
        """An entry of `classes`."""
        reviews = sum(item.reviews for item in self.daily)
        return {
            "action_class": self.action_class,
            "release": self.release,
            "mode": self.mode.value,
            "is_stale": self.is_stale,
            "changed": None if self.changed is None else list(self.changed),
            "events": self.events,
            "reviews": reviews,
            "tasks": self.tasks.tasks,
            "reviewed_tasks": self.tasks.reviewed,
            "decisions": {item.value: n for item, n in sorted(self.counts.items())},
            "first_at": show_moment(self.first_at),
            "last_at": show_moment(self.last_at),
            "days": self.days,
            "reviews_per_day": _rounded(reviews / self.days),
            "rates": {
                name: None if item is None else item.as_json() for name, item in self.rates.items()
            },
            "latency_ms": self.latency_ms.as_json("events"),
            "cost_usd": self.cost_usd.as_json("tasks"),
            "retry_loops": self.retry_loops,
            "trend_per_day": None if self.trend_per_day is None else _rounded(self.trend_per_day),
            "daily": [item.as_json() for item in self.daily],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStep:
    """A class's intervention rate under a release beside the one before it, in one mode."""

    action_class: str
    mode: Mode
    previous: str
    release: str
    before: RateEstimate
    after: RateEstimate
    difference: tuple[float, float]
    # interval of after minus before, -1 to 1
    ratio: tuple[float, float | None]
    # interval of after over before; None: no upper end
    confidence: float
    # of both intervals, at any number of looks
    limit: float | None
    # demote.intervention_rate; None: the policy has none
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """An entry of `changes`."""
        before, after = self.before.task_rate or 0.0, self.after.task_rate or 0.0
        low, high = self.ratio
        return {
            "action_class": self.action_class,
            "mode": self.mode.value,
            "previous": self.previous,
            "release": self.release,
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "difference": _rounded(after - before),
            "difference_interval": [_rounded(end) for end in self.difference],
            "ratio": _rounded(after / before) if before else None,
            "ratio_interval": [_rounded(low), None if high is None else _rounded(high)],
            "confidence": self.confidence,
            "limit": self.limit,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerQuality:
    """One reviewer's decisions: a queue that is waved through is no evidence."""

    reviewer: str
    reviews: int
    # without canaries and escalations
    approved: int
    # let through unchanged: approved or agreed
    median_review_s: float | None
    canaries: int
    canaries_caught: int
    shared: int
    # pairs of decisions with another reviewer on the same call in the same task
    alike: int

    def as_json(self) -> dict[str, Any]:
        """An entry of `reviewers`."""
        return {
            "reviewer": self.reviewer,
            "reviews": self.reviews,
            "approved": self.approved,
            "approval_rate": self.approved / self.reviews if self.reviews else None,
            "median_review_s": None
            if self.median_review_s is None
            else _rounded(self.median_review_s),
            "canaries": self.canaries,
            "canaries_caught": self.canaries_caught,
            "shared": self.shared,
            "alike": self.alike,
            "agreement": self.alike / self.shared if self.shared else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEvidence:
    """Everything that a set of review events shows."""

    classes: tuple[LiveClass, ...]
    changes: tuple[ReleaseStep, ...] = ()
    reviewers: tuple[ReviewerQuality, ...] = ()
    warnings: tuple[str, ...] = ()
    # sentences about the queue as a whole: why its decisions are no evidence

    def as_json(self) -> dict[str, Any]:
        """The parts of the evidence document that are computed."""
        return {
            "classes": [item.as_json() for item in self.classes],
            "changes": [item.as_json() for item in self.changes],
            "reviewers": [item.as_json() for item in self.reviewers],
            "warnings": list(self.warnings),
        }


def show_moment(moment: dt.datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _rounded(value: float) -> float:
    """Six significant digits, for figures that are estimates."""
    return float(f"{value:.6g}")
