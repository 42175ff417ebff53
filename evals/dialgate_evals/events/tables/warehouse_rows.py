"""Which rows of a warehouse's table are events without doubt: `sure_rows` once more, for them all.

The rules are here, what a warehouse says in its own words in the module of its `WarehouseSql`.
Columns are named with their table, so that no name that a query gives is taken for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.cells import JSON_COLUMNS, NUMBERS
from dialgate_evals.events.review_events import DECISIONS_BY_MODE, EventSource
from dialgate_evals.events.tables.class_keys import ABSENT, SEPARATOR
from dialgate_evals.events.tables.sure_rows import cost_nano

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Table
    from sqlalchemy.types import TypeEngine

    from dialgate_evals.events.tables.class_keys import ClassKeys
    from dialgate_evals.events.tables.warehouse_sql import WarehouseSql

COUNTED = {
    "event_id": "TEXT", "canary_id": "TEXT", "task_key": "TEXT", "release_name": "TEXT",
    "mode_name": "TEXT", "decision": "TEXT", "canary": "BOOLEAN", "reviewer": "TEXT",
    "at_us": "BIGINT", "latency_ms": "DOUBLE PRECISION", "cost_nano": "BIGINT",
    "review_s": "DOUBLE PRECISION", "tool": "TEXT", "class_key": "TEXT", "arguments": "TEXT",
}  # fmt: skip
"""The columns of the relation `checked`, with their types."""

EVENTS = "events"
"""What queries call the table."""

# The last two may be absent.
_TEXTS = ("event_id", "task_id", "release", "mode", "decision", "reviewer", "source")
ORDER = ("event_id", "occurred_at", "task_id", "decision")
"""What rows are numbered by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventColumns:
    """The columns of a table of events, as its warehouse's SQL names them."""

    sql: WarehouseSql
    names: Mapping[str, str]
    kinds: Mapping[str, TypeEngine[Any]]

    @classmethod
    def of(cls, table: Table, sql: WarehouseSql, connection: Connection) -> EventColumns:
        """Those of a table that was read with the connection."""
        prepare = connection.dialect.identifier_preparer
        return cls(
            sql=sql,
            names={item.name: f"{EVENTS}.{prepare.format_column(item)}" for item in table.columns},
            kinds={item.name: item.type for item in table.columns},
        )

    def text(self, name: str) -> str:
        """A column as text; null where there is no such column."""
        return f"CAST({self.names.get(name, 'NULL')} AS TEXT)"

    @property
    def canary(self) -> str:
        """Whether a row is a canary."""
        return f"coalesce({self.names['canary']}, false)" if "canary" in self.names else "false"

    def number(self, name: str) -> str:
        """A column's numbers, of those that SQL may be sure of."""
        if name not in self.names:
            return "CAST(NULL AS DOUBLE PRECISION)"
        column = self.names[name]
        cast = f"CAST({column} AS DOUBLE PRECISION)"
        return f"CASE WHEN {self._is_number(name)} THEN {cast} END"

    def _is_number(self, name: str) -> str:
        column = self.names[name]
        return f"{column} >= 0 AND {column} < {self.sql.below(name, self.kinds[name])}"

    def numbers(self) -> list[str]:
        """The conditions that each number is absent, or one that SQL may be sure of."""
        found = [name for name in NUMBERS[1:] if name in self.names]
        return [f"{self.names[name]} IS NULL OR {self._is_number(name)}" for name in found]


def is_aggregated_there(columns: EventColumns) -> bool:
    """Whether the types of the columns let the warehouse itself be sure of rows."""
    from sqlalchemy import Boolean, Float, Integer, Numeric, String, Uuid  # noqa: PLC0415 - heavy

    sql, kinds = columns.sql, columns.kinds

    def are(names: Iterable[str], *wanted: type[TypeEngine[Any]]) -> bool:
        return all(isinstance(kinds[name], wanted) for name in names if name in kinds)

    calls = [kinds[name] for name in ("proposed", "corrected") if name in kinds]
    return (
        sql.is_moment_type(kinds["occurred_at"])
        and all(map(sql.is_call_type, calls))
        and are(_TEXTS, String, Uuid)
        and are(NUMBERS, Float, Integer, Numeric)
        and are(["canary"], Boolean)
    )


def is_sure(columns: EventColumns) -> str:
    """The condition of a sure row; never null."""
    sql, names = columns.sql, columns.names
    decision = columns.text("decision")
    pairs = " OR ".join(
        f"{columns.text('mode')} = {sql.quoted(mode)} AND {decision} IN "
        f"({', '.join(map(sql.quoted, sorted(items)))})"
        for mode, items in DECISIONS_BY_MODE.items()
    )
    conditions = [
        *(sql.is_text(names[name]) for name in _TEXTS[:-2]),
        pairs,
        sql.is_moment(names["occurred_at"]),
        sql.is_call(names["proposed"]),
        *columns.numbers(),
    ]
    fixed = f"{decision} <> {sql.quoted('edited')}"
    if "corrected" in names:
        fixed = (
            f"CASE WHEN {names['corrected']} IS NULL THEN {fixed} "
            f"ELSE {sql.is_call(names['corrected'])} END"
        )
    conditions.append(fixed)
    if "reviewer" in names:
        conditions.append(f"{names['reviewer']} IS NULL OR {sql.is_text(names['reviewer'])}")
    if "source" in names:
        live = f"{columns.text('source')} = {sql.quoted(EventSource.PRODUCTION)}"
        conditions.append(f"{names['source']} IS NULL OR {live}")
    if "schema" in names:
        conditions.append(f"{names['schema']} IS NULL OR {names['schema']} = 1")
    return " AND ".join(f"coalesce({text}, false)" for text in conditions)


def select_sure(
    columns: EventColumns, relation: str, keys: ClassKeys, repeated: Iterable[str]
) -> str:
    """The sure rows but those of repeated event ids, in the columns of `COUNTED`."""
    sql, proposed = columns.sql, columns.names["proposed"]
    event_id = columns.text("event_id")
    expressions = {
        "event_id": event_id,
        "canary_id": f"CASE WHEN {columns.canary} THEN {event_id} END",
        "task_key": columns.text("task_id"),
        "release_name": columns.text("release"),
        "mode_name": columns.text("mode"),
        "decision": columns.text("decision"),
        "canary": columns.canary,
        "reviewer": columns.text("reviewer"),
        "at_us": sql.at_us(columns.names["occurred_at"]),
        "latency_ms": columns.number("latency_ms"),
        "cost_nano": cost_nano(f"({columns.number('cost_usd')})"),
        "review_s": columns.number("review_s"),
        "tool": sql.tool(proposed),
        "class_key": _class_key(sql, proposed, keys),
        "arguments": sql.arguments(proposed),
    }
    listed = ", ".join(f"{expressions[name]} AS {name}" for name in COUNTED)
    ids = ", ".join(map(sql.quoted, repeated))
    left = f" AND {event_id} NOT IN ({ids})" if ids else ""
    return f"SELECT {listed} FROM {relation} AS {EVENTS} WHERE {is_sure(columns)}{left}"  # noqa: S608 - our own names, and quoted ones


def select_rows(columns: EventColumns, relation: str, where: str | None = None) -> str:
    """The cells of all rows by event_id; or of those that `where` says, after their numbers."""
    cells = [
        f"{columns.sql.cell(column, columns.kinds[name], is_json=is_json(columns.kinds, name))} "
        f"AS cell_{index}"
        for index, (name, column) in enumerate(columns.names.items())
    ]
    order = ", ".join(columns.names[name] for name in ORDER)
    if where is None:
        return f"SELECT {', '.join(cells)} FROM {relation} AS {EVENTS} ORDER BY {order}"  # noqa: S608 - quoted by the dialect
    number = f"row_number() OVER (ORDER BY {order}) AS row_place"
    marked = f"SELECT {number}, {', '.join(cells)}"
    names = ", ".join(f"cell_{index}" for index in range(len(cells)))
    return (
        f"SELECT row_place, {names} FROM ({marked}, ({where}) AS is_wanted "  # noqa: S608 - quoted by the dialect
        f"FROM {relation} AS {EVENTS}) AS marked WHERE is_wanted ORDER BY row_place"
    )


def values_of(sql: WarehouseSql, rows: Sequence[Sequence[object]]) -> str:
    """Rows of Python's in the columns of `COUNTED`."""
    casts = ", ".join(f"CAST(given.{name} AS {kind}) AS {name}" for name, kind in COUNTED.items())
    return f"SELECT {casts} FROM {given(sql, 'given', tuple(COUNTED), rows)}"  # noqa: S608 - quoted values


def given(
    sql: WarehouseSql, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> str:
    """A relation of texts that Python gives, as FROM names it."""
    listed = ", ".join(f"({', '.join(_literal(sql, value) for value in row)})" for row in rows)
    return f"(VALUES {listed}) AS {name} ({', '.join(columns)})"


def is_json(kinds: Mapping[str, TypeEngine[Any]], name: str) -> bool:
    """Whether the database keeps the column as JSON and not as text."""
    from sqlalchemy import String  # noqa: PLC0415 - an extra, and heavy

    return name in JSON_COLUMNS and not isinstance(kinds[name], String)


def _literal(sql: WarehouseSql, value: object) -> str:
    """As text, which keeps all digits of a number and its sign."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return sql.quoted(str(value).lower())
    return sql.quoted(repr(value) if isinstance(value, int | float) else str(value))


def _class_key(sql: WarehouseSql, proposed: str, keys: ClassKeys) -> str:
    branches = [
        f"WHEN {sql.quoted(tool)} THEN {_key(sql, proposed, names)}"
        for tool, names in keys.arguments.items()
    ]
    return f"CASE {sql.tool(proposed)} {' '.join(branches)} ELSE '' END" if branches else "''"


def _key(sql: WarehouseSql, proposed: str, names: tuple[str, ...] | None) -> str:
    if names is None:
        return sql.arguments(proposed)
    values = [f"coalesce({sql.argument(proposed, name)}, '{ABSENT}')" for name in names]
    return f" || chr({ord(SEPARATOR)}) || ".join(values) or "''"
