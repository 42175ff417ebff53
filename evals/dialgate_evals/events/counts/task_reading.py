"""Tasks from the answers of their queries: how many, on which days, and in which order.

Knows the shape of each answer; leaves the SQL to `tables.task_queries`, running it to the databases
and what a change is to the detector that is given.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.counts.cube_reading import EPOCH, event_group, moment_of
from dialgate_evals.events.event_cube import DayTasks, DecisionDelay, TaskCounts, TaskGroup
from dialgate_evals.events.review_events import Mode
from dialgate_evals.events.tables import task_queries
from dialgate_evals.events.task_runs import MOST_EVENTS, Alarm, Runs, Stretch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dialgate_evals.events.counts.cube_reading import Ask
    from dialgate_evals.events.event_cube import EventGroup
    from dialgate_evals.events.task_runs import InForce


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWords:
    """What the queries of tasks say in the words of one database."""

    group: str
    # the columns that name a group in `tasked`
    join: str
    # what gives a group there its names
    tie: str
    # what orders tasks of one moment
    by_bytes: Callable[[str], str]
    first_of: Callable[[str, str], str]
    quoted: Callable[[str], str]


def read_task_counts(ask: Ask, words: TaskWords, *, is_split: bool) -> dict[EventGroup, TaskCounts]:
    """Tasks per group. `is_split`: `tasked` may hold a task of a group twice."""
    found = ask(task_queries.task_counts(words.group, words.join, is_split=is_split))
    return {
        event_group(row[:3]): TaskCounts(
            tasks=int(row[3]),
            reviewed=int(row[4]),
            intervened=int(row[5]),
            edited=int(row[6]),
            rejected=int(row[7]),
            escalated=int(row[8]),
        )
        for row in found
    }


def read_task_days(
    ask: Ask, words: TaskWords, asked: InForce
) -> dict[TaskGroup, dict[dt.date, DayTasks]]:
    """Tasks per group and day. Under releases that count a task is in one of them, its first."""
    days = _read_days(ask(task_queries.task_days(words.group, words.join)))
    counting: dict[str, set[str]] = defaultdict(set)
    for group in days:
        if group.in_force and asked.counts(group.release):
            counting[group.action_class].add(group.release)
    # Only where several releases count can a task be under two of them.
    several = {name: releases for name, releases in counting.items() if len(releases) > 1}
    if not several:
        return days
    pooled = ask(
        task_queries.pooled_days(
            [words.quoted(name) for name in sorted(several)],
            [words.quoted(name) for name in sorted(set().union(*several.values()))],
            words.join,
            words.first_of(words.by_bytes("release_name"), "placed_us"),
        )
    )
    kept = {
        group: found
        for group, found in days.items()
        if not (group.in_force and group.release in several.get(group.action_class, ()))
    }
    return kept | _read_days(pooled)


def _read_days(rows: Iterable[tuple[Any, ...]]) -> dict[TaskGroup, dict[dt.date, DayTasks]]:
    found: dict[TaskGroup, dict[dt.date, DayTasks]] = {}
    for name, release, mode, in_force, day, *counts in rows:
        group = TaskGroup(name, release, Mode(mode), bool(in_force))
        date = EPOCH.date() + dt.timedelta(days=int(day))
        found.setdefault(group, {})[date] = DayTasks(*map(int, counts))
    return found


def read_delays(ask: Ask, words: TaskWords) -> dict[str, dict[DecisionDelay, int]]:
    """By class, how long tasks in force waited for the decision that counts."""
    found: dict[str, dict[DecisionDelay, int]] = {}
    for name, release, day, days, stopped, count in ask(
        task_queries.decision_delays(words.group, words.join)
    ):
        date = EPOCH.date() + dt.timedelta(days=int(day))
        delay = DecisionDelay(str(release), date, int(days), bool(stopped))
        found.setdefault(str(name), {})[delay] = int(count)
    return found


def read_runs(ask: Ask, tie: str, tasks: str = task_queries.PLACED) -> dict[str, Runs]:
    """The runs of each class, of these tasks."""
    found = {}
    for name, places in groupby(ask(task_queries.task_runs(tie, tasks)), key=itemgetter(0)):
        gaps, trailing, before = [], 0, 0
        for _, place, intervened in places:
            if intervened:
                gaps.append(place - before - 1)
                before = place
            else:
                trailing = place - before
        found[str(name)] = Runs(gaps=gaps, trailing=trailing)
    return found


def read_alarms(ask: Ask, words: TaskWords, asked: InForce) -> dict[str, Alarm]:
    """The classes that fall by the detector, from all of their tasks."""
    if asked.detector is None:
        return {}
    found = {}
    for name, runs in sorted(read_runs(ask, words.tie).items()):
        _, stretch = asked.detector(name, runs, None)
        if stretch is not None:
            found[name] = describe_stretch(ask, words, name, stretch)
    return found


def describe_stretch(ask: Ask, words: TaskWords, action_class: str, stretch: Stretch) -> Alarm:
    """What there is to say of a stretch of a class's tasks."""
    order = words.by_bytes("named_id")
    place = (words.tie, words.quoted(action_class), stretch.first, stretch.last)
    found: dict[str, list[tuple[Any, ...]]] = {}
    for kind, *facts in ask(task_queries.stretch_facts(*place, order, MOST_EVENTS)):
        found.setdefault(str(kind), []).append(tuple(facts))
    ((_, since_us, found_us, interventions),) = found[task_queries.MOMENTS]
    releases = [(int(us), str(name)) for name, us, *_ in found[task_queries.RELEASE]]
    events = [(int(n), str(event_id)) for event_id, _, _, n in found[task_queries.EVENT]]
    return Alarm(
        stretch=stretch,
        since=moment_of(since_us),
        found_at=moment_of(found_us),
        tasks=stretch.last - stretch.first + 1,
        interventions=int(interventions),
        releases=tuple(name for _, name in sorted(releases)),
        events=tuple(event_id for _, event_id in sorted(events, reverse=True)),
    )


def is_split(asked: InForce | None) -> bool:
    """Whether a task of a group can be partly in force."""
    return asked is not None and bool(asked.since)


def counting_literals(
    groups: Mapping[EventGroup, object], asked: InForce, quoted: Callable[[str], str]
) -> str:
    """The condition of a row that counts for the next move."""
    releases = sorted({group.release for group in groups if asked.counts(group.release)})
    if not releases:
        return "false"
    return f"in_force AND release_name IN ({', '.join(map(quoted, releases))})"
