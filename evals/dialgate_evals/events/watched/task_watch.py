"""The tasks of a source one by one, wherever it lies: files, DuckDB, or a database of its own.

A database orders them itself where its SQL is sure of the rows; else each row is read, as for the
cube. Keeps no state: every look reads all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.events.bad_rows import refuse_bad
from dialgate_evals.events.counts.checked_table import insert
from dialgate_evals.events.counts.cube_of_files import (
    WORDS,
    is_relation,
    relations,
    repeated_calls,
)
from dialgate_evals.events.counts.cube_reading import looping_tasks
from dialgate_evals.events.counts.review_event_files import rows_of
from dialgate_evals.events.counts.task_streams import TaskStreams, read_streams
from dialgate_evals.events.counts.warehouse_cube import stream_warehouse
from dialgate_evals.events.counts.warehouse_table import NotCountedThereError
from dialgate_evals.events.named_source import TableSource
from dialgate_evals.events.tables.sure_rows import TASK_KEY
from dialgate_evals.events.watched.looks import checked_table
from dialgate_evals.files.plain_text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.events.counts.checked_table import CheckedTable
    from dialgate_evals.events.named_source import FileSource
    from dialgate_evals.events.watched.looks import Look

_BATCH = 50_000


def stream_tasks(source: FileSource | TableSource, look: Look, limit: int) -> TaskStreams:
    """The tasks of each class in force; `limit`: the same call more often than this is a loop.

    Raises ConfigurationError: unreadable, or over 1 % bad rows.
    """
    if isinstance(source, TableSource) and not source.is_duckdb:
        try:
            found = stream_warehouse(source, look.actions, look.asked, limit)
        except NotCountedThereError as error:
            look.say(f"{source.shown} is read row by row: {printable(str(error))}.")
            found = None
        if found is not None:
            return found
    with checked_table(look.actions) as table:
        if is_relation(source):
            table.add_relations(relations(source, table.connection))
        else:
            table.add_rows(rows_of(source))
        bad = table.lines.bad
        refuse_bad(bad, rows=table.rows - table.lines.not_live, bad_rows=len(bad))
        table.classify(look.actions, look.asked)
        return streams_of(table, limit)


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
        with table.connection.cursor() as cursor:
            cursor.execute(sql)
            while batch := cursor.fetchmany(_BATCH):
                yield from batch

    return read_streams(ask, WORDS, looping, "task_tail")
