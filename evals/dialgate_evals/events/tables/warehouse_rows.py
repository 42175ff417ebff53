"""What is counted of the rows of a warehouse's table, and how its words say which are sure.

Which conditions make a sure row is in `sure_conditions`; what a warehouse says in its own words is
in the module of its `WarehouseSql`.
Columns are named with their table, so that no name that a query gives is taken for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.cells import JSON_COLUMNS, NUMBERS
from dialgate_evals.events.review_events import INTERVENTIONS
from dialgate_evals.events.tables.class_keys import ABSENT, SEPARATOR
from dialgate_evals.events.tables.cube_queries import GROUP
from dialgate_evals.events.tables.sure_conditions import sure_row
from dialgate_evals.events.tables.sure_rows import cost_nano
from dialgate_evals.events.tables.task_queries import flags, task_tail, tasked, watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Table
    from sqlalchemy.types import TypeEngine

    from dialgate_evals.events.tables.class_keys import ClassKeys
    from dialgate_evals.events.tables.warehouse_sql import WarehouseSql

COUNTED = {
    "event_id": "TEXT", "named_id": "TEXT", "task_key": "TEXT", "release_name": "TEXT",
    "mode_name": "TEXT", "decision": "TEXT", "canary": "BOOLEAN", "reviewer": "TEXT",
    "at_us": "BIGINT", "latency_ms": "DOUBLE PRECISION", "cost_nano": "BIGINT",
    "review_s": "DOUBLE PRECISION", "tool": "TEXT", "class_key": "TEXT", "arguments": "TEXT",
}  # fmt: skip
"""The columns of the relation `checked`, with their types."""

EVENTS = "events"
"""What queries call the table."""

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
        return f"CASE WHEN {self.is_number(name)} THEN {cast} END"

    def is_number(self, name: str) -> str:
        """The condition of a number that SQL may be sure of."""
        column = self.names[name]
        return f"{column} >= 0 AND {column} < {self.sql.below(name, self.kinds[name])}"


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
    return sure_row(_Words(columns))


@dataclass(frozen=True, slots=True)
class _Words:
    """A warehouse's words, over the columns of its table."""

    columns: EventColumns

    def has(self, name: str) -> bool:
        return name in self.columns.names

    def column(self, name: str) -> str:
        return self.columns.names[name]

    def text(self, name: str) -> str:
        return self.columns.text(name)

    def quoted(self, text: str) -> str:
        return self.columns.sql.quoted(text)

    def is_text(self, name: str) -> str:
        return self.columns.sql.is_text(self.columns.names[name])

    def is_number(self, name: str) -> str:
        return self.columns.is_number(name)

    def is_moment(self) -> str:
        return self.columns.sql.is_moment(self.columns.names["occurred_at"])

    def is_call(self, name: str) -> str:
        return self.columns.sql.is_call(self.columns.names[name])

    def doubts(self) -> tuple[str, ...]:
        return ()


def select_sure(columns: EventColumns, relation: str, keys: ClassKeys, doubtful: str) -> str:
    """The rows but those of the condition `doubtful`, in the columns of `COUNTED`."""
    sql, proposed = columns.sql, columns.names["proposed"]
    event_id = columns.text("event_id")
    expressions = {
        "event_id": event_id,
        "named_id": named_id(columns),
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
    return f"SELECT {listed} FROM {relation} AS {EVENTS} WHERE NOT ({doubtful})"  # noqa: S608 - our own names, and quoted ones


def has_id_of(columns: EventColumns, event_ids: Iterable[str]) -> str:
    """The condition of a row with one of these ids, or with none; never null."""
    listed = ", ".join(map(columns.sql.quoted, event_ids))
    event_id = columns.text("event_id")
    return f"coalesce({event_id} IN ({listed}), true)" if listed else f"{event_id} IS NULL"


def named_id(columns: EventColumns) -> str:
    """The id of an event that may be named: a canary, or an intervention."""
    words = ", ".join(columns.sql.quoted(word.value) for word in sorted(INTERVENTIONS))
    named = f"{columns.canary} OR {columns.text('decision')} IN ({words})"
    return f"CASE WHEN {named} THEN {columns.text('event_id')} END"


def select_rows(
    columns: EventColumns, relation: str, where: str | None = None, *, is_numbered: bool = True
) -> str:
    """The cells of all rows by event_id; or of those that `where` says.

    Those come after their numbers among all rows, unless nobody needs them.
    """
    cells = [
        f"{columns.sql.cell(column, columns.kinds[name], is_json=is_json(columns.kinds, name))} "
        f"AS cell_{index}"
        for index, (name, column) in enumerate(columns.names.items())
    ]
    order = ", ".join(columns.names[name] for name in ORDER)
    if where is None or not is_numbered:
        kept = "" if where is None else f"WHERE {where} "
        return f"SELECT {', '.join(cells)} FROM {relation} AS {EVENTS} {kept}ORDER BY {order}"  # noqa: S608 - quoted by the dialect
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


def classed_parts(sql: WarehouseSql, named: Sequence[Sequence[object]]) -> str:
    """The relations of classified rows and of tasks, as they stand behind `checked` in a query.

    `named`: tool, key and class; the mode in which the class is in force, and since when.
    """
    names = ("tool", "class_key", "class_name", "force_mode", "since_us")
    listed = given(sql, "named", names, named or [("", "", "", None, None)])
    kinds = ", ".join(f"{text} AS {name}" for name, text in flags("checked.decision").items())
    classed = (
        "SELECT checked.*, named.class_name, CASE WHEN "  # noqa: S608 - quoted values
        "checked.mode_name = CAST(named.force_mode AS TEXT) "
        "AND checked.at_us >= CAST(named.since_us AS BIGINT) THEN true ELSE false END AS in_force, "
        f"{kinds} FROM checked JOIN {listed} "
        "ON named.tool = checked.tool AND named.class_key = checked.class_key"
    )
    parts = {
        "classed": classed,
        "tasked": tasked(GROUP),
        "watched": watched(task_tail("task_key")),
    }
    return ", ".join(sql.relation(name, query) for name, query in parts.items())


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
