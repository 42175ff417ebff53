"""The classes of one suite as rows: their modes now, their rate and its trend, their cost.

Leaves what they need to `dialgate_gate.ladder.fleet.needs`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from dialgate.dial.dial_files import written_time
from dialgate_gate.ladder.fleet.class_row import ClassRow, LiveRate, RatePeriod, TaskCost
from dialgate_gate.live.rate_series import counted_periods
from dialgate_gate.settings.dial import needs_lease
from dialgate_gate.settings.people.roles import raci_of
from dialgate_gate.statistics.bucketed import daily_slope, percentile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate.dial.dial_lookup import Dial
    from dialgate.dial.recommending.gathered import Gathered
    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_gate.ladder.recommendation import Recommendation
    from dialgate_gate.live.alarms.page import Page
    from dialgate_runtime.lookup.standing import Standing
    from dialgate_runtime.mode import Mode

MOST_PERIODS = 26
"""Of one class's rate: half a year of weeks; the oldest are left out."""


def class_rows(found: Gathered, dial: Dial, pages: Iterable[Page]) -> tuple[ClassRow, ...]:
    """Every class of the suite, in their order."""
    standings = {item.action_class: item for item in dial.standings()}
    by_class: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        by_class[page.action_class].append(page)
    return tuple(
        _row(item, move, found, standings[item.name], tuple(by_class[item.name]))
        for item, move in zip(found.classes, found.moves, strict=True)
    )


def _row(
    item: ActionClass,
    move: Recommendation,
    found: Gathered,
    standing: Standing,
    pages: tuple[Page, ...],
) -> ClassRow:
    settings = found.settings
    raci = raci_of(
        item.name,
        agent=found.release.name,
        said=settings.runbook.owners,
        owners=settings.owners,
        today=found.now.date(),
    )
    return ClassRow(
        action_class=item,
        dial=move.mode,
        effective=standing.effective,
        why=_why(move.mode, standing),
        leased_until=_until(standing),
        move=move,
        rate=_rate(item, move, found),
        cost=_cost(item, move.mode, found),
        alarms=pages,
        accountable=raci.accountable,
        acts_first=needs_lease(item, standing.effective),
    )


def _why(mode: Mode, standing: Standing) -> tuple[str, ...]:
    """Why a runtime gives less than the dial says."""
    capped = f"The ceiling of policy.toml is {standing.dial.value.replace('_', ' ')}."
    ceiling = [capped] if standing.dial.rank < mode.rank else []
    lease = [standing.why] if standing.why and standing.effective is not standing.dial else []
    return (*ceiling, *lease)


def _until(standing: Standing) -> str | None:
    if standing.lease is None or standing.until is None:
        return None
    return written_time(dt.datetime.fromtimestamp(standing.until, dt.UTC))


def _rate(item: ActionClass, move: Recommendation, found: Gathered) -> LiveRate:
    """The tasks that count for the next move; their days say whether the rate rises."""
    days = found.cube.days_of(item.name)
    counted: dict[dt.date, tuple[int, int]] = {}
    for group, tasks in days.items():
        if group.in_force and found.known.counts(group.release):
            for day, one in tasks.items():
                before = counted.get(day, (0, 0))
                counted[day] = (before[0] + one.reviewed, before[1] + one.intervened)
    slope = daily_slope([(day.toordinal(), *counted[day]) for day in sorted(counted)])
    evidence: Mapping[str, object] = move.evidence
    high = evidence["intervention_rate_high"]
    return LiveRate(
        reviews=int(str(evidence["live_reviews"])),
        interventions=int(str(evidence["live_interventions"])),
        high=None if high is None else float(str(high)),
        trend_per_day=slope,
        periods=_periods(found, item),
    )


def _periods(found: Gathered, item: ActionClass) -> tuple[RatePeriod, ...]:
    periods = counted_periods(found.cube.days_of(item.name), found.known)
    return tuple(
        RatePeriod(start=start.isoformat(), reviews=reviews, interventions=interventions)
        for start, reviews, interventions in periods[-MOST_PERIODS:]
    )


def _cost(item: ActionClass, mode: Mode, found: Gathered) -> TaskCost:
    """Over the tasks of the mode in force, under releases that count."""
    buckets = [
        bucket
        for group, found_here in found.cube.task_cost_usd.items()
        if group.action_class == item.name and group.mode is mode
        if found.known.counts(group.release)
        for bucket in found_here
    ]
    buckets.sort(key=lambda bucket: (bucket.least, bucket.most))
    return TaskCost(
        tasks=sum(bucket.count for bucket in buckets),
        middle=percentile(buckets, 0.5),
        tail=percentile(buckets, 0.99),
    )
