"""A warehouse's table, checked and classed where it lies: only counts leave it.

Rows that its SQL is not sure of, and those of repeated event ids, are read and judged by Python, as
for files. Where anything stands against that, the whole table is: slower, never otherwise.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.bad_rows import refuse_bad
from dialgate_evals.events.counts.checked_table import counted_row, since_in_us
from dialgate_evals.events.counts.task_reading import TaskWords
from dialgate_evals.events.foremost import Foremost
from dialgate_evals.events.review_event_lines import EventLines
from dialgate_evals.events.tables.class_keys import ClassKeys
from dialgate_evals.events.tables.cube_queries import GROUP
from dialgate_evals.events.tables.database_rows import (
    open_table,
    read_marked_rows,
    run_text,
    what_was_said,
)
from dialgate_evals.events.tables.warehouse_rows import (
    EVENTS,
    EventColumns,
    classed_parts,
    has_id_of,
    is_aggregated_there,
    is_sure,
    select_sure,
    values_of,
)
from dialgate_evals.events.tables.warehouses import WAREHOUSES
from dialgate_evals.files.json_text import JsonTextError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.named_source import TableSource
    from dialgate_evals.events.tables.warehouse_sql import WarehouseSql
    from dialgate_evals.events.task_runs import InForce

_MOST_READ = 2_000
"""More rows, ids or keys than this are no exception: then every row is read here."""


class NotCountedThereError(Exception):
    """Why a warehouse can't count the events itself; each row has to be read."""


@dataclass(frozen=True, kw_only=True)
class Warehouse:
    """One state of a table in a warehouse that counts, and what is asked of it."""

    connection: Connection
    columns: EventColumns
    source: TableSource
    actions: ActionRegistry
    asked: InForce | None
    relation: str
    # the table, as a query's FROM names it

    @property
    def words(self) -> TaskWords:
        """The database's, over the relations of `WarehouseTable`."""
        return words_of(self.columns.sql)

    def run(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows that a query of counts gives."""
        return _counts(self.connection, sql)

    def read(self, relation: str | None = None, *, is_classed: bool = True) -> WarehouseTable:
        """The table, or a part of it, checked; raises as `open_warehouse`.

        A part has all rows of a repeated event id, and is not refused for bad rows.
        """
        found = WarehouseTable(self, relation or self.relation)
        found.read_exceptions(is_whole=relation is None)
        if is_classed:
            found.classify(self.actions, self.asked)
        return found


@contextmanager
def open_warehouse(
    source: TableSource, actions: ActionRegistry, asked: InForce | None
) -> Iterator[Warehouse | None]:
    """One state of the table; None: no warehouse of ours holds it.

    Raises, inside too, NotCountedThereError, UsageError without the extra, ConfigurationError:
    unreadable, or over 1 % bad rows.
    """
    with open_table(source, is_snapshot=True) as (connection, table):
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - an extra, and heavy

        sql = WAREHOUSES.get(connection.dialect.name)
        if sql is None:
            yield None
            return
        columns = EventColumns.of(table, sql, connection)
        name = connection.dialect.identifier_preparer.format_table(table)
        if not is_aggregated_there(columns):
            raise NotCountedThereError("calls or times are of types that its SQL can't be sure of")
        try:
            relation = sql.frozen(lambda text: _counts(connection, text), name)
            yield Warehouse(
                connection=connection,
                columns=columns,
                source=source,
                actions=actions,
                asked=asked,
                relation=relation,
            )
        except DBAPIError as error:
            # Whether it gives its rows is seen when they are read.
            said = what_was_said(source, error)
            raise NotCountedThereError(f"its database refuses a query ({said})") from None
        except JsonTextError as error:
            raise NotCountedThereError(f"its SQL is sure of a call that holds {error}") from None


def _counts(connection: Connection, sql: str) -> Iterable[tuple[Any, ...]]:
    """The rows of a query of counts, all at once: a cursor would be for one core."""
    return run_text(connection, sql, is_streamed=False)


class WarehouseTable:
    """Rows of a warehouse, checked and classed where they lie."""

    def __init__(self, warehouse: Warehouse, relation: str) -> None:
        self.connection = warehouse.connection
        self.columns = warehouse.columns
        self.sql = warehouse.columns.sql
        self.source = warehouse.source
        self.relation = relation
        self._keys = ClassKeys.of(warehouse.actions)
        asked = warehouse.asked
        self.foremost = None if asked is None else Foremost(warehouse.actions, asked)
        # takes the events that were read one by one
        self.lines = EventLines(keeps_events=False)
        self._with = ""
        self.rows = 0

    def run(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows that a query of counts gives."""
        return _counts(self.connection, sql)

    def ask(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The same of a query of the cube."""
        return self.run(f"{self._with} {sql}")

    def stream(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The same of a query that gives many rows: they come one by one."""
        return run_text(self.connection, f"{self._with} {sql}")

    def read_exceptions(self, *, is_whole: bool) -> None:
        """Reads the rows that the warehouse is not sure of, unless they are too many."""
        relation = self.relation
        twice = self._repeated_ids(relation)
        refuse_many(len(twice), "event ids stand twice")
        doubtful = self._doubtful(twice)
        self._keep_short(doubtful)
        counts = f"COUNT(*), COUNT(CASE WHEN {doubtful} THEN 1 END)"
        ((self.rows, exceptions),) = self.run(f"SELECT {counts} FROM {relation} AS {EVENTS}")  # noqa: S608 - quoted by the dialect
        refuse_many(exceptions, "rows are doubtful to its SQL")
        found = []
        if exceptions:
            found = list(read_marked_rows(self.connection, self.columns, relation, doubtful))
        rows = list(self._judged(found))
        bad = self.lines.bad
        if is_whole:
            refuse_bad(bad, rows=self.rows - self.lines.not_live, bad_rows=len(bad))
        named = [_id_of(document) for _, document in found]
        if None not in named:
            # Of all rows with one of these ids SQL is in doubt: to compare ids costs the least.
            doubtful = has_id_of(self.columns, sorted({str(name) for name in named}))
        parts = [select_sure(self.columns, relation, self._keys, doubtful)]
        parts += [values_of(self.sql, rows)] if rows else []
        self._with = f"WITH {self.sql.relation('checked', ' UNION ALL '.join(parts))}"
        self._keep_short(self._with)

    def _judged(self, found: Iterable[tuple[str, object]]) -> Iterator[tuple[object, ...]]:
        """What is counted of rows that Python reads."""
        for place, document in found:
            event = self.lines.add(document, place, self.source.shown)
            if event is not None:
                yield counted_row(event, self._keys)
                if self.foremost is not None:
                    self.foremost.offer(event)

    def _repeated_ids(self, relation: str) -> list[str]:
        event_id = self.columns.names["event_id"]
        found = self.run(
            f"SELECT {self.columns.text('event_id')} FROM {relation} AS {EVENTS} "  # noqa: S608 - quoted by the dialect
            f"WHERE {event_id} IS NOT NULL GROUP BY {event_id} HAVING COUNT(*) > 1 "
            f"ORDER BY 1 LIMIT {_MOST_READ + 1}"
        )
        return [str(event_id) for (event_id,) in found]

    def _doubtful(self, twice: Iterable[str]) -> str:
        """The condition of a row that Python judges."""
        ids = ", ".join(map(self.sql.quoted, twice))
        again = f" OR coalesce({self.columns.text('event_id')} IN ({ids}), false)" if ids else ""
        return f"NOT ({is_sure(self.columns)}){again}"

    def _keep_short(self, sql: str) -> None:
        """Refuses what the warehouse may not take in a statement with little more than this."""
        if len(sql.encode()) >= self.sql.MOST_BYTES // 2:
            raise NotCountedThereError("a query of it would be too long")

    def classify(self, actions: ActionRegistry, asked: InForce | None) -> None:
        """Names the class of every tool and key, unless they are too many; and what is in force."""
        keys = list(
            self.ask(
                "SELECT DISTINCT tool, class_key FROM checked ORDER BY 1, 2 "  # noqa: S608 - a constant
                f"LIMIT {_MOST_READ + 1}"
            )
        )
        refuse_many(len(keys), "combinations of arguments decide its classes")
        named = []
        for tool, key in keys:
            name = self._keys.class_of(tool, key, actions)
            mode = None if asked is None else asked.modes.get(name)
            since_us = None if asked is None or mode is None else since_in_us(asked, name, mode)
            named.append((tool, key, name, mode, since_us))
        self._with += f", {classed_parts(self.sql, named)}"
        self._keep_short(self._with)

    @property
    def words(self) -> TaskWords:
        """The database's, over its CTEs."""
        return words_of(self.sql)


def words_of(sql: WarehouseSql) -> TaskWords:
    """A database's words over the relations of `WarehouseTable`."""
    return TaskWords(
        group=GROUP,
        join="",
        tie=sql.by_bytes("task_tail"),
        by_bytes=sql.by_bytes,
        first_of=sql.first_of,
        quoted=sql.quoted,
    )


def _id_of(document: object) -> str | None:
    """The id of a row as it was read; None: it has none that can be compared."""
    found = document.get("event_id") if isinstance(document, dict) else None
    return found if isinstance(found, str) else None


def refuse_many(count: int, what: str) -> None:
    """Raises NotCountedThereError: so many are no exception."""
    if count > _MOST_READ:
        raise NotCountedThereError(f"over {_MOST_READ:,} {what}")
