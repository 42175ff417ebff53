"""What the aggregated review events show: rates with intervals, percentiles, trends, changes.

Pure, from the cube; leaves aggregating to `dialgate_evals.events.tables`, reviewers to
`dialgate_gate.live.reviewer_quality` and words to reports.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dialgate_evals.events.event_cube import TaskCounts
from dialgate_evals.events.review_events import INTERVENTIONS, Mode, ReviewDecision
from dialgate_gate.live.live_evidence import (
    DayCount,
    LiveClass,
    LiveEvidence,
    Percentiles,
    RateEstimate,
    ReleaseStep,
    show_moment,
)
from dialgate_gate.live.reviewer_quality import assess_reviewers, queue_signs
from dialgate_gate.statistics.bucketed import daily_slope, percentile
from dialgate_gate.statistics.rate_sequence import (
    difference_interval,
    rate_interval,
    ratio_interval,
)
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_evals.events.event_cube import Buckets, EventCube, EventGroup
    from dialgate_gate.live.live_reviews import KnownReleases

CONFIDENCE = 0.95
SAME_CALL_LIMIT = 3
"""The same call more often than this in one task is a retry loop."""

_MODES = list(Mode)


def weigh_evidence(
    cube: EventCube,
    *,
    class_names: Sequence[str],
    releases: KnownReleases,
    limit: float | None,
) -> LiveEvidence:
    """What the cube shows, classes in the order of their names given.

    `limit`: the policy's demote.intervention_rate, shown beside changes; None: it has none.
    """
    order = {name: index for index, name in enumerate(class_names)}
    first = _first_events(cube)

    def place(group: EventGroup) -> tuple[int, str, dt.datetime, str, int]:
        name, release, mode = group
        at = first[release]
        return order.get(name, len(order)), name, at, release, _MODES.index(mode)

    groups = sorted(cube.days, key=place)
    classes = tuple(_live_class(cube, group, releases) for group in groups)
    return LiveEvidence(
        classes=classes,
        changes=tuple(_changes(classes, limit)),
        reviewers=assess_reviewers(cube.reviewers),
        warnings=(*_future(cube), *queue_signs(cube.reviewers)),
    )


def _first_events(cube: EventCube) -> dict[str, dt.datetime]:
    found: dict[str, dt.datetime] = {}
    for group, (first, _) in cube.spans.items():
        found[group.release] = min(first, found.get(group.release, first))
    return found


def _future(cube: EventCube) -> tuple[str, ...]:
    if not cube.future:
        return ()
    first = "" if cube.first_future is None else f" (the first at {show_moment(cube.first_future)})"
    verb = "lies" if cube.future == 1 else "lie"
    return (f"{count_of(cube.future, 'event')} {verb} in the future{first}: set the clocks.",)


def _live_class(cube: EventCube, group: EventGroup, releases: KnownReleases) -> LiveClass:
    days = cube.days[group]
    counts: Counter[ReviewDecision] = Counter()
    for decisions in days.values():
        counts.update(decisions)
    daily = tuple(_day_count(day, days[day]) for day in sorted(days))
    first, last = cube.spans[group]
    tasks = cube.tasks.get(group, TaskCounts())
    return LiveClass(
        action_class=group.action_class,
        release=group.release,
        mode=group.mode,
        counts=dict(counts),
        first_at=first,
        last_at=last,
        tasks=tasks,
        rates=estimate_rates(counts, tasks, group.mode),
        latency_ms=_percentiles(cube.latency_ms.get(group, ()), 95),
        cost_usd=_percentiles(cube.task_cost_usd.get(group, ()), 99),
        retry_loops=cube.retry_loops.get(group, 0),
        daily=daily,
        trend_per_day=daily_slope(
            [(item.day.toordinal(), item.reviews, item.interventions) for item in daily]
        ),
        is_stale=not releases.counts(group.release),
        changed=releases.changed_components(group.release),
    )


def estimate_rates(
    counts: Mapping[ReviewDecision, int], tasks: TaskCounts, mode: Mode
) -> dict[str, RateEstimate | None]:
    """The rates of a class from its decisions and its tasks. Escalations are in none but their own.

    A task is let through where every one of its reviews was.
    """
    escalated = counts.get(ReviewDecision.ESCALATED, 0)
    reviews = sum(counts.values()) - escalated
    is_in_the_loop, is_shadow = mode is Mode.IN_THE_LOOP, mode is Mode.SHADOW
    through = tasks.reviewed - tasks.intervened

    def of(decision: ReviewDecision, hits: int, *, can_occur: bool) -> RateEstimate | None:
        events = counts.get(decision, 0)
        return estimate_rate(events, reviews, hits, tasks.reviewed) if can_occur else None

    interventions = sum(counts.get(item, 0) for item in INTERVENTIONS)
    return {
        "intervention": estimate_rate(interventions, reviews, tasks.intervened, tasks.reviewed),
        "approval": of(ReviewDecision.APPROVED, through, can_occur=is_in_the_loop),
        "edit": of(ReviewDecision.EDITED, tasks.edited, can_occur=is_in_the_loop),
        "rejection": of(ReviewDecision.REJECTED, tasks.rejected, can_occur=is_in_the_loop),
        "shadow_agreement": of(ReviewDecision.AGREED, through, can_occur=is_shadow),
        "escalation": estimate_rate(escalated, reviews + escalated, tasks.escalated, tasks.tasks),
    }


def estimate_rate(
    events: int, reviews: int, hits: int, tasks: int, confidence: float = CONFIDENCE
) -> RateEstimate:
    """A rate; its interval is of the tasks and holds at any number of looks."""
    low, high = rate_interval(hits, tasks, confidence)
    return RateEstimate(
        events=events,
        reviews=reviews,
        hits=hits,
        tasks=tasks,
        low=low,
        high=high,
        confidence=confidence,
    )


def _percentiles(buckets: Buckets, tail_percent: int) -> Percentiles:
    return Percentiles(
        known=sum(bucket.count for bucket in buckets),
        middle=percentile(buckets, 0.5),
        tail=percentile(buckets, tail_percent / 100),
        tail_percent=tail_percent,
    )


def _day_count(day: dt.date, decisions: Mapping[ReviewDecision, int]) -> DayCount:
    escalated = decisions.get(ReviewDecision.ESCALATED, 0)
    return DayCount(
        day=day,
        reviews=sum(decisions.values()) - escalated,
        interventions=sum(decisions.get(item, 0) for item in INTERVENTIONS),
        escalations=escalated,
    )


def _changes(classes: Sequence[LiveClass], limit: float | None) -> Iterator[ReleaseStep]:
    """Each release of a class in a mode beside the one before it there."""
    before: dict[tuple[str, Mode], LiveClass] = {}
    for item in classes:
        previous = before.get((item.action_class, item.mode))
        before[item.action_class, item.mode] = item
        if previous is not None:
            yield _change(previous, item, limit)


def _change(previous: LiveClass, item: LiveClass, limit: float | None) -> ReleaseStep:
    # Both intervals hold together with the confidence asked for (Bonferroni), and with them
    # everything that follows from both.
    each = 1 - (1 - CONFIDENCE) / 2
    before, after = (
        estimate_rate(rate.events, rate.reviews, rate.hits, rate.tasks, each)
        for rate in (previous.rates["intervention"], item.rates["intervention"])
        if rate is not None
    )
    ends = (before.low, before.high), (after.low, after.high)
    difference = difference_interval(*ends)
    return ReleaseStep(
        action_class=item.action_class,
        mode=item.mode,
        previous=previous.release,
        release=item.release,
        before=before,
        after=after,
        difference=difference,
        ratio=ratio_interval(*ends),
        confidence=CONFIDENCE,
        limit=limit,
        sentence=_say_change(item, before, after, difference, limit),
    )


def _say_change(
    item: LiveClass,
    before: RateEstimate,
    after: RateEstimate,
    difference: tuple[float, float],
    limit: float | None,
) -> str:
    if before.task_rate is None or after.task_rate is None:
        return "One of the two releases has no reviews: nothing can be compared."
    low, high = difference
    moved = _moved(before.task_rate, after.task_rate)
    shown = "shown" if low > 0 or high < 0 else "not shown: the interval holds no change as well"
    text = (
        f"Interventions {moved} since {item.release}: in {show_rate(before.task_rate)} of "
        f"{count_of(before.tasks, 'reviewed task')} before, {show_rate(after.task_rate)} of "
        f"{after.tasks:,} after; difference {100 * low:+.1f} to {100 * high:+.1f} points "
        f"(confidence {CONFIDENCE:g}, at any number of looks), so a change is {shown}."
    )
    return text if limit is None else f"{text} The limit is {show_rate(limit)}."


def _moved(before: float, after: float) -> str:
    if before == after:
        return "unchanged"
    if not before:
        return "up from none"
    ratio = after / before
    return f"{'up' if ratio > 1 else 'down'} {abs(100 * (ratio - 1)):.0f} %"
