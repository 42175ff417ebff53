"""PostgreSQL's words for `tables.warehouses`: which of its rows are events for sure.

Only of tables whose calls are jsonb and whose times have a zone: there the database itself has
made sure of the JSON. All queries see the same rows, for they run in one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.events.tables import call_columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

    from dialgate_evals.events.tables.warehouse_sql import Run

MOST_BYTES = 500_000_000

_LONG_NUMBER = max(250, call_columns.SHALLOW_LENGTH)


def prepare(connection: Connection) -> None:
    """One read-only transaction that sees one state of the table.

    Of the expressions that are joined by, PostgreSQL has no statistics, and of a cursor it expects
    that few rows are fetched: it would compare every row with every other.
    """
    connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    for setting in (
        "standard_conforming_strings = on",
        "enable_nestloop = off",
        "cursor_tuple_fraction = 1",
    ):
        connection.exec_driver_sql(
            f"SET LOCAL {setting}", execution_options={"stream_results": False}
        )


def frozen(run: Run, name: str) -> str:  # noqa: ARG001 - the transaction sees to it
    """The table itself: its transaction sees one state of it."""
    return name


def is_call_type(kind: TypeEngine[Any]) -> bool:
    """Whether a column holds calls that SQL can look into: jsonb alone."""
    from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415 - an extra, and heavy

    return isinstance(kind, JSONB)


def is_moment_type(kind: TypeEngine[Any]) -> bool:
    """Whether a column holds moments and not clock times: timestamptz alone."""
    from sqlalchemy import DateTime  # noqa: PLC0415 - an extra, and heavy

    return isinstance(kind, DateTime) and bool(kind.timezone)


def quoted(text: str) -> str:
    """A backslash is a backslash: `prepare` sees to it."""
    return call_columns.quoted(text)


def is_text(column: str) -> str:
    """Any text but the empty one."""
    return f"CAST({column} AS TEXT) <> ''"


def is_moment(column: str) -> str:
    """Any time but the infinite ones and those that Python has no years for."""
    return (
        f"{column} >= timestamptz '0002-01-02 00:00:00+00' "
        f"AND {column} < timestamptz '9998-12-30 00:00:00+00'"
    )


def at_us(column: str) -> str:
    """Exact: EXTRACT gives a numeric. An infinite time has none."""
    return (
        f"CASE WHEN {is_moment(column)} THEN (extract(epoch FROM {column}) * 1000000)::bigint END"
    )


def is_before(column: str, us: int) -> str:
    """A constant on one side, so that an index on the times is of use."""
    epoch = "timestamptz '1970-01-01 00:00:00+00'"
    return f"{column} < {epoch} + interval '{int(us)} microseconds'"


def can_hash(connection: Connection) -> bool:
    """Whether the server hashes whole rows: PostgreSQL does from 14 on."""
    version: tuple[int, ...] = getattr(connection.dialect, "server_version_info", None) or (0,)
    return version >= (14,)


def hashed(values: Iterable[str], seed: int) -> str:
    """Of 64 bits; jsonb has a hash of its own."""
    return f"hash_record_extended(ROW({', '.join(values)}), {int(seed)})"


def below(name: str, kind: TypeEngine[Any]) -> str:  # noqa: ARG001 - every column alike
    """What is still a number; nothing of a float of four bytes, which is read by its digits."""
    from sqlalchemy import REAL  # noqa: PLC0415 - an extra, and heavy

    return "0" if isinstance(kind, REAL) else "1e300"


def is_call(column: str) -> str:
    """Its numbers may be longer than Python reads them; those of a short text are not."""
    text = f"{column}::text"
    return (
        f"jsonb_typeof({column}) = 'object' AND {column} - 'name' - 'arguments' = '{{}}'::jsonb "
        f"AND jsonb_typeof({column}->'name') = 'string' "
        f"AND jsonb_typeof({column}->'arguments') = 'object' "
        f"AND (length({text}) < {call_columns.SHALLOW_LENGTH} OR ({call_columns.is_shallow(text)} "
        f"AND {text} !~ '[0-9]{{{_LONG_NUMBER}}}'))"
    )


def tool(column: str) -> str:
    """The tool's name of a call, as a text."""
    return f"({column}->>'name')"


def arguments(column: str) -> str:
    """As jsonb writes them."""
    return f"({column}->'arguments')::text"


def argument(column: str, name: str) -> str:
    """As jsonb writes it."""
    return f"({column}->'arguments'->{quoted(name)})::text"


def cell(column: str, kind: TypeEngine[Any], *, is_json: bool) -> str:
    """Times as text, for Python knows no infinite moment and no year over 9999."""
    from sqlalchemy import Uuid  # noqa: PLC0415 - an extra, and heavy

    if is_json or isinstance(kind, Uuid):
        return f"CAST({column} AS TEXT)"
    if is_moment_type(kind):
        return f"to_char(timezone('UTC', {column}), 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    return column


def same_call(arguments: str) -> tuple[str, str]:
    """jsonb compares keys in any order and numbers by value, but all of their digits."""
    return f"({arguments})::jsonb", f"{arguments} ~ '[0-9.]{{16}}'"


def relation(name: str, query: str) -> str:
    """What is named twice would be written whole to the server's disk, all of its columns."""
    return f"{name} AS NOT MATERIALIZED ({query})"


def by_bytes(column: str) -> str:
    """Whatever the database's own order of texts is."""
    return f'{column} COLLATE "C"'


def first_of(value: str, by: str) -> str:
    """It has no aggregate for that."""
    return f"(array_agg({value} ORDER BY {by}))[1]"
