"""The cube from the answers of its queries, whichever database gave them.

Knows the shape of each answer; leaves the SQL to `tables.cube_queries` and running it
to the databases.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from itertools import combinations, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from dialgate_evals.events.event_cube import Bucket, EventGroup, ReviewerCounts
from dialgate_evals.events.review_events import Mode, ReviewDecision
from dialgate_evals.events.tables.cube_queries import (
    CANARIES,
    COUNTS,
    FUTURE,
    LATENCIES,
    REVIEW_TIMES,
    REVIEWERS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dialgate_evals.events.event_cube import Buckets

    Ask = Callable[[str], Iterable[tuple[Any, ...]]]

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class RepeatedCall(NamedTuple):
    """A call of a task in which the tool was called often, or two reviewers decided."""

    task: str
    tool: str
    call: str
    # canonical JSON of the arguments
    group: EventGroup
    reviewer: str | None
    decision: ReviewDecision


def read_days(
    ask: Ask,
) -> tuple[
    dict[EventGroup, dict[dt.date, dict[ReviewDecision, int]]],
    dict[EventGroup, tuple[dt.datetime, dt.datetime]],
]:
    """Decisions per group and day, and each group's first and last event."""
    days: dict[EventGroup, dict[dt.date, dict[ReviewDecision, int]]] = {}
    spans: dict[EventGroup, tuple[dt.datetime, dt.datetime]] = {}
    for *group, day, decision, count, first_us, last_us in ask(COUNTS):
        key = event_group(group)
        date = EPOCH.date() + dt.timedelta(days=int(day))
        days.setdefault(key, {}).setdefault(date, {})[ReviewDecision(decision)] = int(count)
        first, last = moment_of(first_us), moment_of(last_us)
        known = spans.get(key, (first, last))
        spans[key] = (min(known[0], first), max(known[1], last))
    return days, spans


def read_latencies(ask: Ask) -> dict[EventGroup, Buckets]:
    """Latencies in milliseconds per group, in buckets of 2 %."""
    return _by_group(ask(LATENCIES))


def read_costs(ask: Ask, query: str) -> dict[EventGroup, Buckets]:
    """Costs of tasks per group."""
    return _by_group(ask(query))


def read_future(ask: Ask, now: dt.datetime) -> tuple[int, dt.datetime | None]:
    """Events after the moment of the question, and the first of them."""
    ((count, first_us),) = ask(FUTURE.format(now_us=int(now.timestamp()) * 1_000_000))
    return int(count), None if first_us is None else moment_of(first_us)


def read_reviewers(
    ask: Ask, shared: Mapping[str, tuple[int, int]]
) -> dict[str | None, ReviewerCounts]:
    """Each reviewer's counts; `shared` are the pairs of decisions with others, and those alike."""
    decisions: dict[str | None, Counter[ReviewDecision]] = defaultdict(Counter)
    canaries: Counter[str | None] = Counter()
    for reviewer, word, canary, count in ask(REVIEWERS):
        if canary:
            canaries[reviewer] += int(count)
        else:
            decisions[reviewer][ReviewDecision(word)] += int(count)
    passed: dict[str | None, list[str]] = defaultdict(list)
    for reviewer, word, event_id in ask(CANARIES):
        if not ReviewDecision(word).is_intervention:
            passed[reviewer].append(event_id)
    times: dict[str | None, list[Bucket]] = defaultdict(list)
    for reviewer, *bucket in ask(REVIEW_TIMES):
        times[reviewer].append(_bucket(bucket))
    names = sorted({*decisions, *canaries}, key=lambda name: (name is not None, name or ""))
    return {
        name: ReviewerCounts(
            decisions=dict(sorted(decisions[name].items())),
            canaries=canaries[name],
            canaries_passed=tuple(sorted(passed[name])),
            review_s=tuple(times[name]),
            shared=shared.get(name, (0, 0))[0] if name is not None else 0,
            alike=shared.get(name, (0, 0))[1] if name is not None else 0,
        )
        for name in names
    }


def looping_tasks(calls: Iterable[RepeatedCall], limit: int) -> set[tuple[str, str]]:
    """Class and task of every call that was proposed more than `limit` times in its task."""
    counts = Counter((item.group.action_class, item.task, item.tool, item.call) for item in calls)
    return {key[:2] for key, count in counts.items() if count > limit}


def count_repeated(
    calls: Iterable[RepeatedCall], limit: int
) -> tuple[dict[EventGroup, int], dict[str, tuple[int, int]]]:
    """Retry loops per group, and pairs of decisions per reviewer. Calls of a task come together."""
    loops: Counter[EventGroup] = Counter()
    shared: Counter[str] = Counter()
    alike: Counter[str] = Counter()
    for _, task in groupby(calls, key=lambda call: call.task):
        same: dict[tuple[str, str], list[RepeatedCall]] = defaultdict(list)
        for call in task:
            same[call.tool, call.call].append(call)
        looping: set[EventGroup] = set()
        for repeated in same.values():
            counted = Counter(call.group for call in repeated)
            looping |= {group for group, count in counted.items() if count > limit}
            for one, other in _pairs(repeated):
                for reviewer in (one.reviewer, other.reviewer):
                    assert reviewer is not None
                    shared[reviewer] += 1
                    alike[reviewer] += one.decision is other.decision
        loops.update(looping)
    return dict(loops), {name: (count, alike[name]) for name, count in shared.items()}


def _pairs(calls: Iterable[RepeatedCall]) -> Iterator[tuple[RepeatedCall, RepeatedCall]]:
    """Decisions of different reviewers on one call; of a reviewer who decided twice, the first."""
    first: dict[str, RepeatedCall] = {}
    for call in calls:
        if call.reviewer is not None and call.decision is not ReviewDecision.ESCALATED:
            first.setdefault(call.reviewer, call)
    yield from combinations(first.values(), 2)


def event_group(parts: Iterable[Any]) -> EventGroup:
    """The group that a row's first columns name."""
    action_class, release, mode = parts
    return EventGroup(action_class, release, Mode(mode))


def _by_group(rows: Iterable[tuple[Any, ...]]) -> dict[EventGroup, Buckets]:
    found: dict[EventGroup, list[Bucket]] = defaultdict(list)
    for *group, bucket, count, least, most in rows:
        found[event_group(group)].append(_bucket((bucket, count, least, most)))
    return {key: tuple(sorted(items, key=lambda item: item.least)) for key, items in found.items()}


def _bucket(parts: Iterable[Any]) -> Bucket:
    _, count, least, most = parts
    return Bucket(count=int(count), least=float(least), most=float(most))


def moment_of(at_us: Any) -> dt.datetime:  # noqa: ANN401 - an int, or a Decimal of some drivers
    """The moment of microseconds since 1970."""
    return EPOCH + dt.timedelta(microseconds=int(at_us))
