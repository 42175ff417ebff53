"""The cube of files and DuckDB tables: checked, classified and aggregated by embedded DuckDB.

The wiring of `checked_table`, `cube_queries` and `cube_reading`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.bad_rows import MOST_NAMED, refuse_bad
from dialgate_evals.events.cells import without_nulls
from dialgate_evals.events.counts.checked_table import CheckedTable
from dialgate_evals.events.counts.counting_database import counting_database
from dialgate_evals.events.counts.cube_reading import (
    RepeatedCall,
    count_repeated,
    event_group,
    read_costs,
    read_days,
    read_future,
    read_latencies,
    read_reviewers,
)
from dialgate_evals.events.counts.review_event_files import attach, rows_of
from dialgate_evals.events.counts.task_reading import (
    TaskWords,
    counting_literals,
    is_split,
    read_alarms,
    read_delays,
    read_task_counts,
    read_task_days,
)
from dialgate_evals.events.event_cube import EventCube
from dialgate_evals.events.foremost import MOST, STOPPED, Foremost
from dialgate_evals.events.named_source import FileKind, FileSource, TableSource
from dialgate_evals.events.review_event_lines import parse_event
from dialgate_evals.events.review_events import ReviewDecision, ReviewEvent
from dialgate_evals.events.tables.call_columns import quoted
from dialgate_evals.events.tables.class_keys import ClassKeys
from dialgate_evals.events.tables.cube_queries import repeated_tasks, task_costs
from dialgate_evals.events.tables.duckdb_relation import parquet_relation, table_relation
from dialgate_evals.events.tables.sure_rows import arguments_of
from dialgate_evals.events.tables.task_queries import foremost
from dialgate_evals.files.json_text import canonical_parsed, parse_json

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    import duckdb

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.counts.cube_reading import Ask
    from dialgate_evals.events.tables.duckdb_relation import Relation
    from dialgate_evals.events.task_runs import InForce

_BATCH = 5_000


def aggregate_files(
    source: FileSource | TableSource,
    actions: ActionRegistry,
    *,
    now: dt.datetime,
    limit: int,
    asked: InForce | None = None,
    one_by_one: bool = False,
) -> EventCube:
    """The cube of the source; `limit`: the same call more often than this is a retry loop.

    `asked`: what the dial asks beside it. `one_by_one`: Python reads every row, the slow way whose
    answers the fast one must give.
    Raises ConfigurationError: unreadable, or over 1 % of the rows are bad.
    """
    with checked_files(source, actions, asked=asked, one_by_one=one_by_one) as table:
        return cube_of(table, asked, now=now, limit=limit)


@contextmanager
def checked_files(
    source: FileSource | TableSource,
    actions: ActionRegistry,
    *,
    asked: InForce | None = None,
    one_by_one: bool = False,
) -> Iterator[CheckedTable]:
    """Every row of the source: checked, classified, gathered into tasks."""
    with counting_database(source) as connection:
        table = CheckedTable(connection, keys=ClassKeys.of(actions), is_ordered=asked is not None)
        table.foremost = None if asked is None else Foremost(actions, asked)
        if one_by_one or not is_relation(source):
            table.add_rows(rows_of(source))
        else:
            table.add_relations(relations(source, connection))
        bad = table.lines.bad
        refuse_bad(bad, rows=table.rows - table.lines.not_live, bad_rows=len(bad))
        table.classify(actions, asked)
        table.gather_tasks()
        yield table


def is_relation(source: FileSource | TableSource) -> bool:
    """Whether embedded DuckDB can read the source by itself, by the rules of a row."""
    if isinstance(source, TableSource):
        return source.is_duckdb
    return source.kind is FileKind.PARQUET


def relations(
    source: FileSource | TableSource, connection: duckdb.DuckDBPyConnection
) -> list[Relation]:
    """What embedded DuckDB reads of the source. Raises ConfigurationError."""
    if isinstance(source, FileSource):
        return [parquet_relation(connection, path) for path in source.paths]
    attach(connection, source)
    return [table_relation(connection, source.table, source.shown)]


WORDS = TaskWords(
    group="group_key",
    join="JOIN group_keys USING (group_key)",
    tie="task_tail",
    by_bytes=lambda column: column,
    first_of=lambda value, by: f"arg_min({value}, {by})",
    quoted=quoted,
)
"""DuckDB's, over `CheckedTable`."""


def cube_of(
    table: CheckedTable, asked: InForce | None, *, now: dt.datetime, limit: int
) -> EventCube:
    """The cube of rows that were checked, classified and gathered."""

    def ask(sql: str) -> Iterable[tuple[Any, ...]]:
        return table.connection.execute(sql).fetchall()

    days, spans = read_days(ask)
    loops, shared = count_repeated(repeated_calls(table, limit), limit)
    lines = table.lines
    ((canaries,),) = ask("SELECT COUNT(*) FROM checked WHERE canary")
    future, first_future = read_future(ask, now)
    split = is_split(asked)
    cube = EventCube(
        days=days,
        spans=spans,
        latency_ms=read_latencies(ask),
        task_cost_usd=read_costs(ask, task_costs(WORDS.group, WORDS.join, is_split=split)),
        retry_loops=loops,
        tasks=read_task_counts(ask, WORDS, is_split=split),
        reviewers=read_reviewers(ask, shared),
        rows=table.rows,
        counted=table.rows - len(lines.bad) - lines.merged - lines.not_live,
        merged=lines.merged,
        not_live=lines.not_live,
        canaries=canaries,
        future=future,
        first_future=first_future,
        bad_rows=len(lines.bad),
        bad=tuple(lines.bad[:MOST_NAMED]),
    )
    return cube if asked is None else _with_dial(cube, table, asked, ask)


def _with_dial(cube: EventCube, table: CheckedTable, asked: InForce, ask: Ask) -> EventCube:
    table.watch()
    return replace(
        cube,
        task_days=read_task_days(ask, WORDS, asked),
        delays=read_delays(ask, WORDS),
        alarms=read_alarms(ask, WORDS, asked),
        foremost=_foremost(table, counting_literals(cube.days, asked, quoted)),
    )


def _foremost(table: CheckedTable, counted: str) -> dict[str, tuple[ReviewEvent, ...]]:
    """Those of the rows that SQL was sure of are read by Python beside the others."""
    kept = table.foremost
    assert kept is not None
    stopped = f"decision IN ({', '.join(quoted(word.value) for word in sorted(STOPPED))})"
    found = table.connection.execute(foremost("src, number", counted, stopped, "named_id", MOST))
    wanted: dict[int, list[int]] = {}
    for _, src, number in found.fetchall():
        wanted.setdefault(src, []).append(number)
    for src, numbers in sorted(wanted.items()):
        if src < 0:
            continue
        relation = table.relations[src]
        among = relation.is_among(f"SELECT unnest({numbers}) AS number")
        for number, document in relation.rows(table.connection, f"WHERE {among}"):
            event = parse_event(document, file=relation.file, place=f"row {number}")
            if isinstance(event, ReviewEvent):
                kept.offer(event)
    return kept.by_class()


def repeated_calls(table: CheckedTable, limit: int) -> Iterator[RepeatedCall]:
    """The calls that may be repeated, task by task, with their arguments read from where they lie.

    Arguments are compared as data: the same call with its keys in another order is the same.
    """
    run = table.connection.execute
    run(
        "CREATE OR REPLACE TABLE repeated AS SELECT src, number, task_key, tool, class_name, "  # noqa: S608 - constants
        "release_name, mode_name, reviewer, decision FROM classed "
        f"JOIN ({repeated_tasks(limit)}) AS tasks USING (task_key, tool) WHERE NOT canary"
    )
    parts = ["SELECT -1 AS src, number, task_id, arguments, false AS has_fields FROM calls"]
    for (src,) in run("SELECT DISTINCT src FROM repeated WHERE src >= 0").fetchall():
        parts.append(_read_again(table.relations[src], src))
    found = run(
        "SELECT task_id, tool, arguments, has_fields, class_name, release_name, mode_name, "  # noqa: S608 - built from constants
        "reviewer, decision "
        f"FROM repeated JOIN ({' UNION ALL '.join(parts)}) AS calls USING (src, number) "
        "ORDER BY task_key, task_id, src, number"
    )
    while batch := found.fetchmany(_BATCH):
        for task, tool, text, is_structure, *group, reviewer, decision in batch:
            arguments = parse_json(text.encode())
            call = canonical_parsed(without_nulls(arguments) if is_structure else arguments)
            yield RepeatedCall(
                task=task,
                tool=tool,
                call=call,
                group=event_group(group),
                reviewer=reviewer,
                decision=ReviewDecision(decision),
            )


def _read_again(relation: Relation, src: int) -> str:
    number = relation.number
    arguments, has_fields = arguments_of(relation)
    wanted = f"SELECT number FROM repeated WHERE src = {int(src)}"  # noqa: S608 - a number
    return (
        f"SELECT {int(src)} AS src, {number} AS number, task_id, {arguments} AS arguments, "  # noqa: S608 - quoted names
        f"{has_fields} AS has_fields FROM {relation.sql} WHERE {relation.is_among(wanted)}"
    )
