"""What production showed about each action class: counts, bounds and trends per release and mode.

The vocabulary that `gate.live` fills and `gate.recommendation` reads; holds no way to compute it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from evals.review_events import Mode, ReviewDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class RateEstimate:
    """A rate with an anytime-valid interval; `rate` is None where nothing was counted."""

    events: int
    # the numerator
    reviews: int
    # the denominator
    rate: float | None
    low: float
    high: float
    # two-sided confidence sequence at `confidence`
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveClass:
    """One action class under one release in one mode. Canaries are not in any of the counts."""

    action_class: str
    release: str
    mode: Mode
    counts: Mapping[ReviewDecision, int]
    first_at: dt.datetime
    last_at: dt.datetime
    days: int
    # calendar days (UTC) from the first to the last event, both included
    intervention: RateEstimate
    # escalations are neither in its numerator nor in its denominator
    approval: RateEstimate
    edit: RateEstimate
    rejection: RateEstimate
    escalation: RateEstimate
    # over all events
    shadow_agreement: RateEstimate | None = None
    # only in shadow
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    cost_p50_usd: float | None = None
    cost_p99_usd: float | None = None
    # per task
    retry_loops: int = 0
    # tasks in which the same call was proposed more often than the policy lets pass
    per_day: float = 0.0
    trend_per_day: float | None = None
    # slope of the daily intervention rate; None under 7 days with reviews
    daily: tuple[DayCount, ...] = ()

    @property
    def reviews(self) -> int:
        """Events that count as reviews: all but escalations."""
        return self.intervention.reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """One UTC day of a class under a release and mode."""

    day: dt.date
    reviews: int
    interventions: int
    escalations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseChange:
    """A class's intervention rate under a release beside the one before it."""

    action_class: str
    release: str
    previous: str
    ratio: float | None
    # 1.3: "up 30 %"; None where the rate before was 0
    low: float
    high: float
    # confidence interval of the difference in rate, -1 to 1
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerQuality:
    """One reviewer's decisions: a queue that is waved through is no evidence."""

    reviewer: str
    reviews: int
    approval_rate: float | None
    median_review_s: float | None
    canaries: int
    canaries_caught: int
    agreement: float | None = None
    # share of contexts seen by others too, in which they decided alike
    agreement_pairs: int = 0
    warnings: tuple[str, ...] = ()
    # sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEvidence:
    """Everything that a set of review events shows."""

    classes: tuple[LiveClass, ...]
    changes: tuple[ReleaseChange, ...] = ()
    reviewers: tuple[ReviewerQuality, ...] = ()
    rows: int = 0
    bad_rows: int = 0
    digest: str = ""
    # of the counted rows, so that a signature can name its evidence
    warnings: tuple[str, ...] = field(default=())
    # sentences about the queue as a whole
