"""The cube with the tasks one by one beside it, of rows that were read once for both.

Leaves what a watch sees in the tasks to `gate`, and when they are wanted to the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dialgate_evals.events.counts.checked_table import insert
from dialgate_evals.events.counts.cube_of_files import (
    WORDS,
    checked_files,
    cube_of,
    repeated_calls,
)
from dialgate_evals.events.counts.cube_reading import looping_tasks
from dialgate_evals.events.counts.task_streams import TaskStreams, read_streams
from dialgate_evals.events.counts.warehouse_cube import aggregate_warehouse, stream_warehouse
from dialgate_evals.events.counts.warehouse_table import NotCountedThereError
from dialgate_evals.events.named_source import TableSource, name_source
from dialgate_evals.events.tables.sure_rows import TASK_KEY
from dialgate_evals.files.plain_text import printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.counts.checked_table import CheckedTable
    from dialgate_evals.events.event_cube import EventCube
    from dialgate_evals.events.task_runs import InForce

_BATCH = 50_000


class CubeAndTasks(NamedTuple):
    """What one reading of a source gave."""

    cube: EventCube
    tasks: TaskStreams
    # none where they weren't wanted


def aggregate_with_tasks(
    source: str | Path,
    actions: ActionRegistry,
    *,
    now: dt.datetime,
    same_call_limit: int,
    asked: InForce,
    wants_tasks: Callable[[EventCube], bool],
    say: Callable[[str], None],
) -> CubeAndTasks:
    """As `aggregate_events`, with the tasks that a watch looks at where the cube asks for them.

    Files and DuckDB tables are read once; a warehouse is asked a second time for the tasks.
    """
    named = name_source(source)
    if isinstance(named, TableSource) and not named.is_duckdb:
        try:
            cube = aggregate_warehouse(named, actions, now=now, limit=same_call_limit, asked=asked)
            if cube is not None and not wants_tasks(cube):
                return CubeAndTasks(cube, TaskStreams())
            tasks = stream_warehouse(named, actions, asked, same_call_limit)
            if cube is not None and tasks is not None:
                return CubeAndTasks(cube, tasks)
        except NotCountedThereError as error:
            say(f"{named.shown} is read row by row: {printable(str(error))}.")
    with checked_files(named, actions, asked=asked) as table:
        cube = cube_of(table, asked, now=now, limit=same_call_limit)
        wanted = wants_tasks(cube)
        return CubeAndTasks(cube, streams_of(table, same_call_limit) if wanted else TaskStreams())


def streams_of(table: CheckedTable, limit: int) -> TaskStreams:
    """The tasks of all rows that a classified table holds."""
    found = sorted(looping_tasks(repeated_calls(table, limit), limit))
    run = table.connection.execute
    run("CREATE OR REPLACE TABLE looping_tasks (class_name VARCHAR, task_id VARCHAR)")
    looping = None
    if found:
        columns = {
            "class_name": [name for name, _ in found],
            "task_id": [task for _, task in found],
        }
        insert(table.connection, "looping_tasks", columns, dict.fromkeys(columns, "VARCHAR"))
        looping = f"SELECT class_name, {TASK_KEY} AS task_key FROM looping_tasks"  # noqa: S608 - constants

    def ask(sql: str) -> Iterator[tuple[Any, ...]]:
        # A cursor of its own: one answer is read while another is asked for.
        with table.cursor() as cursor:
            cursor.execute(sql)
            while batch := cursor.fetchmany(_BATCH):
                yield from batch

    return read_streams(ask, WORDS, looping, "task_tail")
