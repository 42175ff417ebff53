"""The tasks of a source one by one, wherever it lies: files, DuckDB, or a database of its own.

A database orders them itself where its SQL is sure of the rows; else each row is read, as for the
cube. Keeps no state: every look reads all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.bad_rows import refuse_bad
from dialgate_evals.events.counts.cube_and_tasks import streams_of
from dialgate_evals.events.counts.cube_of_files import is_relation, relations
from dialgate_evals.events.counts.review_event_files import rows_of
from dialgate_evals.events.counts.warehouse_cube import stream_warehouse
from dialgate_evals.events.counts.warehouse_table import NotCountedThereError
from dialgate_evals.events.named_source import TableSource
from dialgate_evals.events.watched.looks import checked_table
from dialgate_evals.files.plain_text import printable

if TYPE_CHECKING:
    from dialgate_evals.events.counts.task_streams import TaskStreams
    from dialgate_evals.events.named_source import FileSource
    from dialgate_evals.events.watched.looks import Look


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
    with checked_table(look.actions, source) as table:
        if is_relation(source):
            table.add_relations(relations(source, table.connection))
        else:
            table.add_rows(rows_of(source))
        bad = table.lines.bad
        refuse_bad(bad, rows=table.rows - table.lines.not_live, bad_rows=len(bad))
        table.classify(look.actions, look.asked)
        return streams_of(table, limit)
