"""A class's intervention rate over time: weeks, and bounds of the running rate that always hold.

Pure counting over reviewed tasks; leaves counting events to `evals` and drawing to `reports`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.event_cube import DayTasks
from dialgate_gate.live.live_reviews import sum_tasks
from dialgate_gate.statistics.upper_rate import upper_rate_bound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.events.review_events import Mode
    from dialgate_gate.live.live_reviews import Days, KnownReleases

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
    # tasks of this period; those that were only escalated are no reviews
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


def rate_series(days: Days, *, releases: KnownReleases, confidence: float) -> tuple[RatePoint, ...]:
    """Points in order of time, from one class's tasks by group and day.

    A stretch is what counts for the next move, or else one release in one mode: its running rate
    begins anew with each.
    """
    length, groups = _by_period(days, releases)
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    points = []
    for key, period in sorted(groups.items(), key=_order):
        _, release, its_mode, counts = key
        stretch = ("", "") if counts else (release, its_mode.value)
        before = totals.get(stretch, (0, 0))
        point = _point(key, sum_tasks(period.values()), length, before, confidence)
        totals[stretch] = (point.total_reviews, point.total_interventions)
        points.append(point)
    return tuple(points)


def counted_periods(days: Days, releases: KnownReleases) -> tuple[tuple[dt.date, int, int], ...]:
    """Start, reviews and interventions of each period of what counts for the next move.

    Those of `rate_series`, without its bounds, which cost a hundred times as much.
    """
    found: dict[dt.date, tuple[int, int]] = {}
    for (start, _, _, counts), period in _by_period(days, releases)[1].items():
        if counts:
            tasks, before = sum_tasks(period.values()), found.get(start, (0, 0))
            found[start] = (before[0] + tasks.reviewed, before[1] + tasks.intervened)
    return tuple((start, *found[start]) for start in sorted(found))


def _by_period(
    days: Days, releases: KnownReleases
) -> tuple[int, dict[tuple[dt.date, str, Mode, bool], dict[dt.date, DayTasks]]]:
    """How many days a period has, and each period's tasks by day, release and mode."""
    length = _period_days([day for found in days.values() for day in found])
    groups: dict[tuple[dt.date, str, Mode, bool], dict[dt.date, DayTasks]] = {}
    for group, found in days.items():
        counts = group.in_force and releases.counts(group.release)
        for day, tasks in found.items():
            key = (_start(day, length), group.release, group.mode, counts)
            period = groups.setdefault(key, {})
            period[day] = period.get(day, DayTasks(0, 0, 0)).plus(tasks)
    return length, groups


def _order(
    item: tuple[tuple[dt.date, str, Mode, bool], Mapping[dt.date, DayTasks]],
) -> tuple[dt.date, dt.date, str, int, bool]:
    (start, release, mode, counts), period = item
    return start, min(period), release, mode.rank, counts


def _period_days(days: Sequence[dt.date]) -> int:
    if not days:
        return 7
    return 1 if (max(days) - min(days)).days <= SHORT_SPAN_DAYS else 7


def _start(day: dt.date, length: int) -> dt.date:
    return day if length == 1 else day - dt.timedelta(days=day.weekday())


def _point(
    key: tuple[dt.date, str, Mode, bool],
    tasks: DayTasks,
    length: int,
    before: tuple[int, int],
    confidence: float,
) -> RatePoint:
    start, release, mode, counts = key
    total, against = before[0] + tasks.reviewed, before[1] + tasks.intervened
    return RatePoint(
        start=start,
        days=length,
        release=release,
        mode=mode,
        counts=counts,
        reviews=tasks.reviewed,
        interventions=tasks.intervened,
        escalations=tasks.unreviewed,
        total_reviews=total,
        total_interventions=against,
        low=1 - upper_rate_bound(total - against, total, confidence) if total else 0.0,
        high=upper_rate_bound(against, total, confidence) if total else 1.0,
    )
