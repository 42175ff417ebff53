"""A class's intervention rate over time: weeks, and bounds of the running rate that always hold.

Pure counting over reviews; leaves reading events to `evals` and drawing to `reports`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_gate.live.live_reviews import is_in_force
from dialgate_gate.statistics.upper_rate import upper_rate_bound

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dialgate_evals.events.review_events import Mode

    from dialgate_gate.live.live_reviews import KnownReleases, Review

SHORT_SPAN_DAYS = 21
"""Up to this long a stretch is shown by days, beyond it by weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePoint:
    """One period of a class under one release in one mode."""

    start: dt.date
    # UTC; the Monday of a week
    days: int
    # 1 or 7
    release: str
    mode: Mode
    counts: bool
    # whether these reviews count for the next move
    reviews: int
    interventions: int
    escalations: int
    # of this period; escalations are no reviews
    total_reviews: int
    total_interventions: int
    # from the stretch's beginning to the end of this period
    low: float
    high: float
    # of the running rate, each alone at the confidence and at any number of looks

    def as_json(self) -> dict[str, Any]:
        """The point as recommendations write it."""
        return {
            "start": self.start.isoformat(),
            "days": self.days,
            "release": self.release,
            "mode": self.mode.value,
            "counts": self.counts,
            "reviews": self.reviews,
            "interventions": self.interventions,
            "escalations": self.escalations,
            "total_reviews": self.total_reviews,
            "total_interventions": self.total_interventions,
            "low": round(self.low, 6),
            "high": round(self.high, 6),
        }


def rate_series(
    reviews: Sequence[Review],
    *,
    mode: Mode,
    since: dt.datetime | None,
    releases: KnownReleases,
    confidence: float,
) -> tuple[RatePoint, ...]:
    """Points in order of time; canaries are left out.

    A stretch is what counts for the next move, or else one release in one mode: its running rate
    begins anew with each.
    """
    kept = [review for review in reviews if not review.canary]
    length = _period_days(kept)
    groups: dict[tuple[dt.date, str, Mode, bool], list[Review]] = {}
    for review in kept:
        counts = is_in_force(review, mode, since) and releases.counts(review.release)
        start = _start(review, length)
        groups.setdefault((start, review.release, review.mode, counts), []).append(review)
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    points = []
    for key, group in sorted(groups.items(), key=lambda item: (item[0][0], item[1][0].at)):
        _, release, its_mode, counts = key
        stretch = ("", "") if counts else (release, its_mode.value)
        before = totals.get(stretch, (0, 0))
        point = _point(key, group, length, before, confidence)
        totals[stretch] = (point.total_reviews, point.total_interventions)
        points.append(point)
    return tuple(points)


def _period_days(reviews: Sequence[Review]) -> int:
    if not reviews:
        return 7
    times = [review.at for review in reviews]
    return 1 if (max(times) - min(times)).days <= SHORT_SPAN_DAYS else 7


def _start(review: Review, length: int) -> dt.date:
    day = review.at.astimezone(dt.UTC).date()
    return day if length == 1 else day - dt.timedelta(days=day.weekday())


def _point(
    key: tuple[dt.date, str, Mode, bool],
    group: Iterable[Review],
    length: int,
    before: tuple[int, int],
    confidence: float,
) -> RatePoint:
    start, release, mode, counts = key
    decided = [review.intervened for review in group]
    reviews = sum(found is not None for found in decided)
    interventions = sum(found is True for found in decided)
    total, against = before[0] + reviews, before[1] + interventions
    return RatePoint(
        start=start,
        days=length,
        release=release,
        mode=mode,
        counts=counts,
        reviews=reviews,
        interventions=interventions,
        escalations=len(decided) - reviews,
        total_reviews=total,
        total_interventions=against,
        low=1 - upper_rate_bound(total - against, total, confidence) if total else 0.0,
        high=upper_rate_bound(against, total, confidence) if total else 1.0,
    )
