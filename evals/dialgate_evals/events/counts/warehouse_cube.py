"""The cube of a warehouse's table, aggregated by the warehouse: only counts leave it.

Rows that its SQL is not sure of, and those of repeated event ids, are read and judged by Python, as
for files. Where anything stands against that, the whole table is: slower, never otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate_evals.events.bad_rows import MOST_NAMED
from dialgate_evals.events.counts.cube_reading import (
    RepeatedCall,
    count_repeated,
    event_group,
    looping_tasks,
    read_costs,
    read_days,
    read_future,
    read_latencies,
    read_reviewers,
)
from dialgate_evals.events.counts.task_reading import (
    counting_literals,
    is_split,
    read_alarms,
    read_delays,
    read_task_counts,
    read_task_days,
)
from dialgate_evals.events.counts.task_streams import read_streams
from dialgate_evals.events.counts.warehouse_table import (
    NotCountedThereError,
    open_warehouse,
    refuse_many,
)
from dialgate_evals.events.event_cube import EventCube
from dialgate_evals.events.foremost import MOST, STOPPED
from dialgate_evals.events.review_event_lines import parse_event
from dialgate_evals.events.review_events import ReviewDecision, ReviewEvent
from dialgate_evals.events.tables.cube_queries import (
    GROUP,
    doubtful_calls,
    repeated_tasks,
    retry_loops,
    shared_calls,
    task_costs,
)
from dialgate_evals.events.tables.database_rows import read_named_rows
from dialgate_evals.events.tables.stream_queries import looping_there, named_tasks
from dialgate_evals.events.tables.task_queries import foremost, task_tail
from dialgate_evals.files.json_text import canonical_parsed, parse_json

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.counts.task_streams import TaskStreams
    from dialgate_evals.events.counts.warehouse_table import WarehouseTable
    from dialgate_evals.events.event_cube import EventGroup
    from dialgate_evals.events.named_source import TableSource
    from dialgate_evals.events.task_runs import InForce


def aggregate_warehouse(
    source: TableSource,
    actions: ActionRegistry,
    *,
    now: dt.datetime,
    limit: int,
    asked: InForce | None = None,
) -> EventCube | None:
    """The cube, computed where the table lies; None: no warehouse of ours holds it.

    `asked`: what the dial asks beside it.
    Raises NotCountedThereError, UsageError without the extra, ConfigurationError: unreadable, or
    over 1 % bad rows.
    """

    with open_warehouse(source, actions, asked) as warehouse:
        if warehouse is None:
            return None
        cube = _cube(warehouse.read(), now, limit, asked)
        if not cube.adds_up:
            raise NotCountedThereError("its rows changed while they were counted")
        return cube


def stream_warehouse(
    source: TableSource, actions: ActionRegistry, asked: InForce, limit: int
) -> TaskStreams | None:
    """The tasks one by one, ordered where the table lies; otherwise as the cube."""
    with open_warehouse(source, actions, asked) as warehouse:
        return None if warehouse is None else _streams(warehouse.read(), limit)


def _cube(table: WarehouseTable, now: dt.datetime, limit: int, asked: InForce | None) -> EventCube:
    """The cube, each of its counts asked of the database by a query of its own."""
    lines = table.lines
    days, spans = read_days(table.ask)
    loops, shared = _repeats(table, limit)
    reviewers = read_reviewers(table.ask, shared)
    future, first_future = read_future(table.ask, now)
    split, words = is_split(asked), table.words
    cube = EventCube(
        days=days,
        spans=spans,
        latency_ms=read_latencies(table.ask),
        task_cost_usd=read_costs(table.ask, task_costs(GROUP, "", is_split=split)),
        retry_loops=loops,
        tasks=read_task_counts(table.ask, words, is_split=split),
        reviewers=reviewers,
        rows=table.rows,
        counted=table.rows - len(lines.bad) - lines.merged - lines.not_live,
        merged=lines.merged,
        not_live=lines.not_live,
        canaries=sum(item.canaries for item in reviewers.values()),
        future=future,
        first_future=first_future,
        bad_rows=len(lines.bad),
        bad=tuple(lines.bad[:MOST_NAMED]),
    )
    if asked is None:
        return cube
    return replace(
        cube,
        task_days=read_task_days(table.ask, words, asked),
        delays=read_delays(table.ask, words),
        alarms=read_alarms(table.ask, words, asked),
        foremost=_foremost(table, counting_literals(days, asked, table.sql.quoted)),
    )


def _streams(table: WarehouseTable, limit: int) -> TaskStreams:
    """The tasks of each class; `limit`: the same call more often than this is a loop."""
    same = table.sql.same_call("arguments")
    if same is not None and not _is_doubtful(table, same[1], limit):
        looping = looping_there(same[0], limit)
    else:
        found = sorted(looping_tasks(_repeated(table, limit), limit))
        refuse_many(len(found), "tasks with a retry loop")
        quoted = table.sql.quoted
        looping = named_tasks((quoted(name), quoted(task)) for name, task in found)
    return read_streams(table.stream, table.words, looping, task_tail("task_key"))


def _is_doubtful(table: WarehouseTable, doubt: str, limit: int) -> bool:
    ((doubtful,),) = table.ask(doubtful_calls(doubt, limit))
    return bool(doubtful)


def _foremost(table: WarehouseTable, counted: str) -> dict[str, tuple[ReviewEvent, ...]]:
    """The only rows that leave the database beside the doubtful: those that a report shows."""
    kept, sql = table.foremost, table.sql
    assert kept is not None
    stopped = f"decision IN ({', '.join(sql.quoted(word.value) for word in sorted(STOPPED))})"
    order = sql.by_bytes("event_id")
    found = table.ask(foremost("event_id", counted, stopped, order, MOST))
    wanted = sorted({str(event_id) for _, event_id in found} - kept.event_ids())
    if wanted:
        rows = read_named_rows(table.connection, table.columns, table.relation, wanted)
        for place, document in rows:
            event = parse_event(document, file=table.source.shown, place=place)
            if isinstance(event, ReviewEvent):
                kept.offer(event)
    return kept.by_class()


def _repeats(
    table: WarehouseTable, limit: int
) -> tuple[dict[EventGroup, int], dict[str, tuple[int, int]]]:
    """Retry loops per group, and pairs of decisions per reviewer: counted there if possible."""
    same = table.sql.same_call("arguments")
    if same is not None:
        call, doubt = same
        if not _is_doubtful(table, doubt, limit):
            loops = table.ask(retry_loops(call, limit))
            pairs = table.ask(shared_calls(call, limit, table.sql.by_bytes("event_id")))
            return (
                {event_group(group): int(count) for *group, count in loops},
                {str(name): (int(both), int(alike)) for name, both, alike in pairs},
            )
    return count_repeated(_repeated(table, limit), limit)


def _repeated(table: WarehouseTable, limit: int) -> Iterator[RepeatedCall]:
    rows = table.stream(
        "SELECT task_key, tool, arguments, class_name, release_name, mode_name, reviewer, "  # noqa: S608 - constants
        f"decision FROM classed JOIN ({repeated_tasks(limit)}) AS tasks USING (task_key, tool) "
        "WHERE NOT canary ORDER BY task_key, event_id"
    )
    for task, tool, text, *group, reviewer, decision in rows:
        yield RepeatedCall(
            task=task,
            tool=tool,
            call=canonical_parsed(parse_json(text.encode())),
            group=event_group(group),
            reviewer=reviewer,
            decision=ReviewDecision(decision),
        )
