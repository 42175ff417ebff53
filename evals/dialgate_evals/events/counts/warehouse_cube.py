"""The cube of a warehouse's table, aggregated by the warehouse: only counts leave it.

Rows that its SQL is not sure of, and those of repeated event ids, are read and judged by Python, as
for files. Where anything stands against that, the whole table is: slower, never otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.events.bad_rows import MOST_NAMED, refuse_bad
from dialgate_evals.events.counts.checked_table import counted_row
from dialgate_evals.events.counts.cube_reading import (
    RepeatedCall,
    count_repeated,
    event_group,
    read_costs,
    read_days,
    read_latencies,
    read_reviewers,
)
from dialgate_evals.events.event_cube import EventCube
from dialgate_evals.events.review_event_lines import EventLines
from dialgate_evals.events.review_events import ReviewDecision
from dialgate_evals.events.tables.class_keys import ClassKeys
from dialgate_evals.events.tables.cube_queries import FUTURE, repeated_tasks
from dialgate_evals.events.tables.database_rows import (
    open_table,
    read_marked_rows,
    run_text,
    what_was_said,
)
from dialgate_evals.events.tables.warehouse_rows import (
    EVENTS,
    EventColumns,
    given,
    is_aggregated_there,
    is_sure,
    select_sure,
    values_of,
)
from dialgate_evals.events.tables.warehouses import WAREHOUSES
from dialgate_evals.files.json_text import JsonTextError, canonical_parsed, parse_json

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.named_source import TableSource

_MOST_READ = 2_000
"""More rows, ids or keys than this are no exception: then every row is read here."""


class NotCountedThereError(Exception):
    """Why a warehouse can't count the events itself; each row has to be read."""


def aggregate_warehouse(
    source: TableSource, actions: ActionRegistry, *, now: dt.datetime, limit: int
) -> EventCube | None:
    """The cube, computed where the table lies; None: no warehouse of ours holds it.

    Raises NotCountedThereError, UsageError without the extra, ConfigurationError: unreadable, or
    over 1 % bad rows.
    """
    with open_table(source, is_snapshot=True) as (connection, table):
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - an extra, and heavy

        sql = WAREHOUSES.get(connection.dialect.name)
        if sql is None:
            return None
        columns = EventColumns.of(table, sql, connection)
        name = connection.dialect.identifier_preparer.format_table(table)
        if not is_aggregated_there(columns):
            raise NotCountedThereError("calls or times are of types that its SQL can't be sure of")
        try:
            found = _WarehouseTable(connection, columns, source, ClassKeys.of(actions))
            found.read_exceptions(name)
            found.classify(actions)
            cube = found.cube(now, limit)
        except DBAPIError as error:
            # Whether it gives its rows is seen when they are read.
            said = what_was_said(source, error)
            raise NotCountedThereError(f"its database refuses a query ({said})") from None
        except JsonTextError as error:
            raise NotCountedThereError(f"its SQL is sure of a call that holds {error}") from None
        if not cube.adds_up:
            raise NotCountedThereError("its rows changed while they were counted")
        return cube


class _WarehouseTable:
    def __init__(
        self, connection: Connection, columns: EventColumns, source: TableSource, keys: ClassKeys
    ) -> None:
        self._connection = connection
        self._columns = columns
        self._sql = columns.sql
        self._source = source
        self._keys = keys
        self._lines = EventLines(keeps_events=False)
        self._with = ""
        self._rows = 0

    def run(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows that a query gives."""
        return run_text(self._connection, sql)

    def ask(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The same of a query of the cube."""
        return self.run(f"{self._with} {sql}")

    def read_exceptions(self, name: str) -> None:
        """Reads the rows that the warehouse is not sure of, unless they are too many."""
        relation = self._sql.frozen(self.run, name)
        twice = self._repeated_ids(relation)
        _limit(len(twice), "event ids stand twice")
        doubtful = self._doubtful(twice)
        self._keep_short(doubtful)
        counts = f"COUNT(*), COUNT(CASE WHEN {doubtful} THEN 1 END)"
        ((self._rows, exceptions),) = self.run(f"SELECT {counts} FROM {relation} AS {EVENTS}")  # noqa: S608 - quoted by the dialect
        _limit(exceptions, "rows are doubtful to its SQL")
        rows = []
        if exceptions:
            found = read_marked_rows(self._connection, self._columns, relation, doubtful)
            for place, document in found:
                event = self._lines.add(document, place, self._source.shown)
                if event is not None:
                    rows.append(counted_row(event, self._keys))
        bad = self._lines.bad
        refuse_bad(bad, rows=self._rows - self._lines.not_live, bad_rows=len(bad))
        parts = [select_sure(self._columns, relation, self._keys, twice)]
        parts += [values_of(self._sql, rows)] if rows else []
        self._with = f"WITH checked AS ({' UNION ALL '.join(parts)})"
        self._keep_short(self._with)

    def _repeated_ids(self, relation: str) -> list[str]:
        event_id = self._columns.names["event_id"]
        found = self.run(
            f"SELECT {self._columns.text('event_id')} FROM {relation} AS {EVENTS} "  # noqa: S608 - quoted by the dialect
            f"WHERE {event_id} IS NOT NULL GROUP BY {event_id} HAVING COUNT(*) > 1 "
            f"ORDER BY 1 LIMIT {_MOST_READ + 1}"
        )
        return [str(event_id) for (event_id,) in found]

    def _doubtful(self, twice: Iterable[str]) -> str:
        """The condition of a row that Python judges."""
        ids = ", ".join(map(self._sql.quoted, twice))
        again = f" OR coalesce({self._columns.text('event_id')} IN ({ids}), false)" if ids else ""
        return f"NOT ({is_sure(self._columns)}){again}"

    def _keep_short(self, sql: str) -> None:
        """Refuses what the warehouse may not take in a statement with little more than this."""
        if len(sql.encode()) >= self._sql.MOST_BYTES // 2:
            raise NotCountedThereError("a query of it would be too long")

    def classify(self, actions: ActionRegistry) -> None:
        """Names the class of every tool and key, unless they are too many."""
        keys = list(
            self.ask(
                "SELECT DISTINCT tool, class_key FROM checked ORDER BY 1, 2 "  # noqa: S608 - a constant
                f"LIMIT {_MOST_READ + 1}"
            )
        )
        _limit(len(keys), "combinations of arguments decide its classes")
        named = [(tool, key, self._keys.class_of(tool, key, actions)) for tool, key in keys]
        names = ("tool", "class_key", "class_name")
        listed = given(self._sql, "named", names, named or [("", "", "")])
        self._with += (
            f", classed AS (SELECT checked.*, named.class_name FROM checked JOIN {listed} "  # noqa: S608 - quoted values
            "ON named.tool = checked.tool AND named.class_key = checked.class_key)"
        )
        self._keep_short(self._with)

    def cube(self, now: dt.datetime, limit: int) -> EventCube:
        """The cube from its queries."""
        lines = self._lines
        days, spans = read_days(self.ask)
        loops, shared = count_repeated(self._repeated(limit), limit)
        reviewers = read_reviewers(self.ask, shared)
        ((future,),) = self.ask(FUTURE.format(now_us=int(now.timestamp()) * 1_000_000))
        return EventCube(
            days=days,
            spans=spans,
            latency_ms=read_latencies(self.ask),
            task_cost_usd=read_costs(self.ask),
            retry_loops=loops,
            reviewers=reviewers,
            rows=self._rows,
            counted=self._rows - len(lines.bad) - lines.merged - lines.not_live,
            merged=lines.merged,
            not_live=lines.not_live,
            canaries=sum(item.canaries for item in reviewers.values()),
            future=future,
            bad_rows=len(lines.bad),
            bad=tuple(lines.bad[:MOST_NAMED]),
        )

    def _repeated(self, limit: int) -> Iterator[RepeatedCall]:
        rows = self.ask(
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


def _limit(count: int, what: str) -> None:
    if count > _MOST_READ:
        raise NotCountedThereError(f"over {_MOST_READ:,} {what}")
