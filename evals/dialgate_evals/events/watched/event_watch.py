"""One look at a source of review events: which classes alarm, with or without a state.

Both ways say the same; leaves what a state is to `file_watch` for files and to `table_watch` for
tables of databases, which are counted where they lie.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from dialgate_evals.events.counts.warehouse_table import NotCountedThereError, open_warehouse
from dialgate_evals.events.named_source import TableSource
from dialgate_evals.events.watched.duckdb_parts import DuckdbParts
from dialgate_evals.events.watched.file_watch import FileWatch, watch_whole
from dialgate_evals.events.watched.looks import Watched
from dialgate_evals.events.watched.table_watch import TableWatch
from dialgate_evals.events.watched.warehouse_parts import WarehouseParts
from dialgate_evals.events.watched.watch_state import UnusableStateError
from dialgate_evals.files.plain_text import printable

if TYPE_CHECKING:
    from dialgate_evals.events.named_source import FileSource
    from dialgate_evals.events.watched.looks import Look
    from dialgate_evals.events.watched.table_parts import TableParts
    from dialgate_evals.events.watched.table_watch import TableFound
    from dialgate_evals.events.watched.watch_state import StateFolder


def watch_events(
    source: FileSource | TableSource, look: Look, state: StateFolder | None = None
) -> Watched:
    """The alarms of the source. Raises ConfigurationError: unreadable, or over 1 % bad rows.

    `state`: what was looked at before is not gone through again, and the next look goes on from
    this one.
    """
    if isinstance(source, TableSource):
        found = _watch_table(source, look, state)
        return watch_whole(source, look) if found is None else _watched(found)
    return watch_whole(source, look) if state is None else FileWatch(source, look, state).run()


def _watch_table(source: TableSource, look: Look, state: StateFolder | None) -> TableFound | None:
    """What is found by counting where the table lies; None: its rows have to be read."""
    seed = 0 if state is None else state.seed
    if source.is_duckdb:
        if state is None:
            return None
        with ExitStack() as stack:
            return _look_at(DuckdbParts(source, look, seed, stack), source, look, state)
    try:
        with open_warehouse(source, look.actions, look.asked) as warehouse:
            if warehouse is None:
                return None
            if not warehouse.columns.sql.can_hash(warehouse.connection):
                state = None
            return _look_at(WarehouseParts(warehouse, seed), source, look, state)
    except NotCountedThereError as error:
        look.say(f"{source.shown} is read row by row: {printable(str(error))}.")
        return None


def _look_at(
    table: TableParts, source: TableSource, look: Look, state: StateFolder | None
) -> TableFound:
    watch = TableWatch(table, look.asked, time.time_ns() // 1_000)
    if state is None:
        return watch.look()
    found: TableFound | None = None
    try:
        with state.held():
            try:
                known = state.load()
                found = None if known is None else watch.go_on_from(known)
            except UnusableStateError as error:
                look.say(state.refusal(error))
            found = found or watch.begin()
            if found.why_none:
                look.say(f"{source.shown} is counted whole at each look: {found.why_none}.")
            if found.state is not None:
                state.save(found.state)
    except (UnusableStateError, OSError) as error:
        # Nothing of the look is lost: only the state is.
        look.say(state.refusal(error))
    return found or watch.look()


def _watched(found: TableFound) -> Watched:
    return Watched(
        alarms=found.alarms,
        rows=found.rows,
        merged=found.merged,
        not_live=found.not_live,
        bad_rows=found.bad_rows,
        bad=found.bad,
    )
