"""What aggregating by task means, once more in plain Python: what SQL is held to."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.event_cube import (
    DayTasks,
    DecisionDelay,
    EventGroup,
    TaskCounts,
    TaskGroup,
)
from dialgate_evals.events.foremost import MOST, weight
from dialgate_evals.events.review_events import Mode, ReviewDecision, ReviewEvent
from dialgate_evals.events.task_runs import MOST_EVENTS, Alarm, InForce, Runs, Stretch
from tests.evals.events.event_tables import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MOVED = dt.datetime(2026, 9, 5, tzinfo=dt.UTC)


def third_intervention(
    action_class: str,
    runs: Runs,
    state: Mapping[str, Any] | None,
) -> tuple[Mapping[str, Any], Stretch | None]:
    """A detector that alarms at the third task with an intervention, since the first of them."""
    ones = list((state or {}).get("ones", []))
    place = (state or {}).get("place", 0)
    for gap in runs.gaps:
        place += gap + 1
        ones.append(place)
        if len(ones) == 3:
            found = Stretch(first=ones[0], last=place, e_value=3.0)
            return {"ones": ones, "place": place}, found
    return {"ones": ones, "place": place + runs.trailing}, None


def asked(*, since: bool = True, counting: tuple[str, ...] = ("1", "2")) -> InForce:
    """Classes in several modes, one of them moved to its own on a day in the middle."""
    return InForce(
        modes={
            "large": Mode.IN_THE_LOOP,
            "pay": Mode.IN_THE_LOOP,
            "empty": Mode.SHADOW,
            "mail": Mode.ON_THE_LOOP,
            "unclassified": Mode.IN_THE_LOOP,
        },
        since={"pay": MOVED} if since else {},
        counts=lambda release: release in counting,
        detector=third_intervention,
    )


def class_of(event: ReviewEvent) -> str:
    """The event's class."""
    return ACTIONS.classify(event.proposed.name, event.proposed.arguments).name


def _tie(task_id: str) -> bytes:
    return task_id[-12:].encode()


def _by(events: Iterable[ReviewEvent], key: Any) -> dict[Any, list[ReviewEvent]]:
    found: dict[Any, list[ReviewEvent]] = defaultdict(list)
    for event in events:
        if not event.canary:
            found[key(event)].append(event)
    return found


def _reviewed(events: Iterable[ReviewEvent]) -> list[ReviewEvent]:
    return [event for event in events if event.decision is not ReviewDecision.ESCALATED]


def _has(events: Iterable[ReviewEvent], *words: ReviewDecision) -> bool:
    return any(event.decision in words for event in events)


def task_counts(events: Sequence[ReviewEvent]) -> dict[EventGroup, TaskCounts]:
    """Tasks per group."""
    found: dict[EventGroup, TaskCounts] = {}
    groups = _by(events, lambda e: (EventGroup(class_of(e), e.release, e.mode), e.task_id))
    for group in {group for group, _ in groups}:
        tasks = [items for (its, _), items in groups.items() if its == group]
        found[group] = TaskCounts(
            tasks=len(tasks),
            reviewed=sum(bool(_reviewed(items)) for items in tasks),
            intervened=sum(any(e.decision.is_intervention for e in items) for items in tasks),
            edited=sum(_has(items, ReviewDecision.EDITED) for items in tasks),
            rejected=sum(_has(items, ReviewDecision.REJECTED) for items in tasks),
            escalated=sum(_has(items, ReviewDecision.ESCALATED) for items in tasks),
        )
    return found


def task_days(
    events: Sequence[ReviewEvent], question: InForce
) -> dict[TaskGroup, dict[dt.date, DayTasks]]:
    """Tasks per group and day."""

    def group_of(event: ReviewEvent) -> tuple[Any, ...]:
        name = class_of(event)
        in_force = question.is_in_force(name, event.mode, event.occurred_at)
        release = "" if in_force and question.counts(event.release) else event.release
        return name, release, event.mode, in_force, event.task_id

    found: dict[TaskGroup, dict[dt.date, DayTasks]] = {}
    for (name, release, mode, in_force, _), items in _by(events, group_of).items():
        reviewed = _reviewed(items)
        placed = min(reviewed or items, key=lambda e: e.occurred_at)
        if not release:
            # Of the release under which the task was first reviewed, or else first seen.
            its = min(
                {e.release for e in items},
                key=lambda r: (
                    not _reviewed(e for e in items if e.release == r),
                    min(
                        e.occurred_at
                        for e in (
                            _reviewed(e for e in items if e.release == r)
                            or [e for e in items if e.release == r]
                        )
                    ),
                    r,
                ),
            )
        else:
            its = release
        group = TaskGroup(name, its, mode, in_force)
        day = placed.occurred_at.date()
        days = found.setdefault(group, {})
        one = DayTasks(
            int(bool(reviewed)),
            int(any(e.decision.is_intervention for e in items)),
            int(not reviewed),
            int(bool(reviewed) and _is_passed_on(items)),
            int(
                bool(reviewed)
                and _is_passed_on(items)
                and any(e.decision.is_intervention for e in items)
            ),
        )
        days[day] = days.get(day, DayTasks(0, 0, 0)).plus(one)
    return found


def _is_passed_on(items: Iterable[ReviewEvent]) -> bool:
    return any(e.decision is ReviewDecision.ESCALATED for e in items)


def delays(events: Sequence[ReviewEvent], question: InForce) -> dict[str, dict[DecisionDelay, int]]:
    """Of tasks in force, how long after their first review the decision that counts came."""

    def group_of(event: ReviewEvent) -> tuple[Any, ...]:
        name = class_of(event)
        in_force = question.is_in_force(name, event.mode, event.occurred_at)
        return name, event.release, in_force, event.task_id

    found: dict[str, dict[DecisionDelay, int]] = {}
    for (name, release, in_force, _), items in _by(events, group_of).items():
        reviewed = _reviewed(items)
        if not reviewed or not in_force:
            continue
        placed = min(e.occurred_at for e in reviewed).date()
        ends = [(e, e.occurred_at + dt.timedelta(seconds=e.review_s or 0)) for e in reviewed]
        stopped = [end for e, end in ends if e.decision.is_intervention]
        last = (min(stopped) if stopped else max(end for _, end in ends)).date()
        delay = DecisionDelay(release, placed, (last - placed).days, bool(stopped))
        counts = found.setdefault(name, {})
        counts[delay] = counts.get(delay, 0) + 1
    return found


def alarms(events: Sequence[ReviewEvent], question: InForce) -> dict[str, Alarm]:
    """What the detector of the question finds in the tasks of each class."""
    assert question.detector is not None
    found = {}
    for name, mode in question.modes.items():
        mine = [
            e for e in _reviewed(events)
            if not e.canary and class_of(e) == name
            and question.is_in_force(name, e.mode, e.occurred_at)
        ]  # fmt: skip
        tasks = sorted(
            _by(mine, lambda e: e.task_id).items(),
            key=lambda item: (min(e.occurred_at for e in item[1]), _tie(item[0])),
        )
        against = [any(e.decision.is_intervention for e in items) for _, items in tasks]
        gaps, clean = [], 0
        for one in against:
            clean += not one
            if one:
                gaps.append(clean)
                clean = 0
        _, stretch = question.detector(name, Runs(gaps=gaps, trailing=clean), None)
        if stretch is None or mode is Mode.SHADOW:
            continue
        inside = tasks[stretch.first - 1 : stretch.last]
        rows = [e for _, items in inside for e in items]
        against_rows = sorted(
            (e for e in rows if e.decision.is_intervention),
            key=lambda e: (e.occurred_at, e.event_id),
        )
        first_use: dict[str, dt.datetime] = {}
        for e in rows:
            first_use[e.release] = min(e.occurred_at, first_use.get(e.release, e.occurred_at))
        found[name] = Alarm(
            stretch=stretch,
            since=min(e.occurred_at for e in inside[0][1]),
            found_at=min(e.occurred_at for e in inside[-1][1] if e.decision.is_intervention),
            tasks=len(inside),
            interventions=sum(against[stretch.first - 1 : stretch.last]),
            releases=tuple(sorted(first_use, key=lambda r: (first_use[r], r))),
            events=tuple(e.event_id for e in against_rows[-MOST_EVENTS:]),
        )
    return found


def foremost(events: Sequence[ReviewEvent], question: InForce) -> dict[str, list[str]]:
    """The ids of the interventions of each class that weigh most."""
    found: dict[str, list[tuple[Any, str]]] = defaultdict(list)
    for event in events:
        if event.canary or not event.decision.is_intervention:
            continue
        name = class_of(event)
        counts = question.is_in_force(name, event.mode, event.occurred_at)
        counts = counts and question.counts(event.release)
        found[name].append((weight(event, counts=counts), event.event_id))
    return {name: [i for _, i in sorted(items)[:MOST]] for name, items in sorted(found.items())}
