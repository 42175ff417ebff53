"""The cube of a PostgreSQL table, aggregated by PostgreSQL: only counts leave the database.

Rows that its SQL is not sure of, and those of repeated event ids, are read and judged by Python, as
for files. In one read-only transaction, so that all queries see the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evals.event_cube import EventCube
from evals.event_sources.call_columns import quoted
from evals.event_sources.checked_table import counted_row
from evals.event_sources.class_keys import ClassKeys
from evals.event_sources.cube_queries import FUTURE, repeated_tasks
from evals.event_sources.cube_reading import (
    RepeatedCall,
    count_repeated,
    event_group,
    read_costs,
    read_days,
    read_latencies,
    read_reviewers,
)
from evals.event_sources.database_rows import open_table, select_rows
from evals.event_sources.postgres_rows import is_aggregated_there, is_sure, select_sure, values_of
from evals.json_text import canonical_parsed, parse_json
from evals.review_event_lines import MOST_NAMED, EventLines, refuse_bad
from evals.review_events import ReviewDecision

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection, Table

    from evals.action_classes import ActionRegistry
    from evals.event_sources.named_source import TableSource

_MOST_READ = 2_000
"""More rows, ids or keys than this are no exception: then every row is read here."""


def aggregate_postgres(
    source: TableSource, actions: ActionRegistry, *, now: dt.datetime, limit: int
) -> EventCube | None:
    """The cube, computed where the table lies; None: it can't be, each row has to be read.

    Raises UsageError without the extra, ConfigurationError: unreadable, or over 1 % bad rows.
    """
    with open_table(source, is_snapshot=True) as (connection, table):
        if connection.dialect.name != "postgresql" or not is_aggregated_there(table):
            return None
        found = _PostgresTable(connection, table, source, ClassKeys.of(actions))
        if not found.read_exceptions() or not found.classify(actions):
            return None
        return found.cube(now, limit)


class _PostgresTable:
    def __init__(
        self, connection: Connection, table: Table, source: TableSource, keys: ClassKeys
    ) -> None:
        self._connection = connection
        self._table = table
        self._source = source
        self._keys = keys
        self._name = connection.dialect.identifier_preparer.format_table(table)
        self._lines = EventLines(keeps_events=False)
        self._with = ""
        self._rows = 0

    def run(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows that a query gives; its text holds no parameters, whatever signs are in it."""
        found = self._connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        return (tuple(row) for row in found)

    def ask(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The same of a query of the cube."""
        return self.run(f"{self._with} {sql}")

    def read_exceptions(self) -> bool:
        """Reads the rows that PostgreSQL is not sure of; False: they are too many."""
        from sqlalchemy import literal_column  # noqa: PLC0415 - an extra, and heavy

        twice = [
            str(event_id)
            for (event_id,) in self.run(
                f"SELECT event_id::text FROM {self._name} WHERE event_id IS NOT NULL "  # noqa: S608 - quoted by the dialect
                f"GROUP BY event_id HAVING COUNT(*) > 1 ORDER BY 1 LIMIT {_MOST_READ + 1}"
            )
        ]
        ids = ", ".join(map(quoted, twice))
        doubtful = f"NOT ({is_sure(self._table)})"
        doubtful += f" OR coalesce(event_id::text IN ({ids}), false)" if ids else ""
        counts = f"SELECT COUNT(*), COUNT(*) FILTER (WHERE {doubtful}) FROM {self._name}"  # noqa: S608 - quoted by the dialect
        ((self._rows, exceptions),) = self.run(counts)
        if len(twice) > _MOST_READ or exceptions > _MOST_READ:
            return False
        rows = []
        if exceptions:
            wanted: ColumnElement[bool] = literal_column(f"({doubtful.replace('%', '%%')})")
            for place, document in select_rows(self._connection, self._table, wanted):
                event = self._lines.add(document, place, self._source.shown)
                if event is not None:
                    rows.append(counted_row(event, self._keys))
        parts = [select_sure(self._table, self._name, self._keys, twice)]
        parts += [values_of(rows)] if rows else []
        self._with = f"WITH checked AS ({' UNION ALL '.join(parts)})"
        bad = self._lines.bad
        refuse_bad(bad, rows=self._rows, bad_rows=len(bad))
        return True

    def classify(self, actions: ActionRegistry) -> bool:
        """Names the class of every tool and key; False: they are too many."""
        keys = list(
            self.ask(
                "SELECT DISTINCT tool, class_key FROM checked ORDER BY 1, 2 "  # noqa: S608 - a constant
                f"LIMIT {_MOST_READ + 1}"
            )
        )
        if len(keys) > _MOST_READ:
            return False
        named = [(tool, key, self._keys.class_of(tool, key, actions)) for tool, key in keys]
        values = ", ".join(f"({', '.join(map(quoted, row))})" for row in named)
        classes = f"VALUES {values}" if named else "SELECT '', '', '' WHERE false"
        self._with += (
            f", classes (tool, class_key, class_name) AS ({classes}), classed AS "  # noqa: S608 - quoted values
            "(SELECT checked.*, classes.class_name FROM checked "
            "JOIN classes USING (tool, class_key))"
        )
        return True

    def cube(self, now: dt.datetime, limit: int) -> EventCube:
        """The cube from its queries."""
        lines = self._lines
        days, spans = read_days(self.ask)
        loops, shared = count_repeated(self._repeated(limit), limit)
        ((canaries,),) = self.ask("SELECT COUNT(*) FROM checked WHERE canary")
        ((future,),) = self.ask(FUTURE.format(now_us=int(now.timestamp()) * 1_000_000))
        return EventCube(
            days=days,
            spans=spans,
            latency_ms=read_latencies(self.ask),
            task_cost_usd=read_costs(self.ask),
            retry_loops=loops,
            reviewers=read_reviewers(self.ask, shared),
            rows=self._rows,
            counted=self._rows - len(lines.bad) - lines.merged,
            merged=lines.merged,
            canaries=canaries,
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
