r"""Snowflake's words for `tables.warehouses`: which of its rows are events for sure.

Only of tables whose calls are VARIANT or OBJECT and whose times have a zone. What is known of its
SQL is known from its documentation: where that leaves a doubt, the condition says "not sure".
Every query reads the table as it was when the first one ended, by Time Travel.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.tables.call_columns import is_shallow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

    from dialgate_evals.events.tables.warehouse_sql import Run

MOST_BYTES = 1_000_000
"""Longer statements are advised against."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST_US = (dt.datetime(2, 1, 2, tzinfo=dt.UTC) - _EPOCH) // dt.timedelta(microseconds=1)
_LAST_US = (dt.datetime(9998, 12, 30, tzinfo=dt.UTC) - _EPOCH) // dt.timedelta(microseconds=1)

_MOST_NUMBER = 10**15
_MOST_COST_USD = 900_000
"""In billionths it has 15 digits: no way of writing a float on the way to an integer loses one."""
_EXACT = 2**53

NO_JSON = (
    r"[,:\[]-?(nan|NaN|NAN|inf|Inf|INF|undefined)"
    r"|[,:\[]-?[0-9.]+[eE][-+]?[0-9][0-9][0-9]"
)
"""What a VARIANT can hold and JSON can't: no numbers, and numbers beyond a float."""


def prepare(connection: Connection) -> None:
    """Nothing: Snowflake has no read-only transaction. All that is sent are SELECTs."""


def frozen(run: Run, name: str) -> str:
    """The table at the end of a first query, which a table that keeps no history refuses."""
    list(run(f"SELECT COUNT(*) FROM {name}"))  # noqa: S608 - quoted by the dialect
    ((query,),) = run("SELECT LAST_QUERY_ID()")
    return f"{name} AT(STATEMENT => {quoted(str(query))})"


def is_call_type(kind: TypeEngine[Any]) -> bool:
    """VARIANT, and OBJECT without types of its own."""
    from snowflake.sqlalchemy.custom_types import OBJECT, VARIANT  # noqa: PLC0415 - an extra

    return isinstance(kind, VARIANT) or (isinstance(kind, OBJECT) and not kind.items_types)


def is_moment_type(kind: TypeEngine[Any]) -> bool:
    """Whether a column holds moments and not clock times: TIMESTAMP_TZ and TIMESTAMP_LTZ."""
    from snowflake.sqlalchemy import custom_types  # noqa: PLC0415 - an extra

    return isinstance(kind, custom_types.TIMESTAMP_TZ | custom_types.TIMESTAMP_LTZ)


def quoted(text: str) -> str:
    """A backslash begins an escape there."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return "'" + escaped.replace("\x00", "\\u0000") + "'"


def is_text(column: str) -> str:
    """A column with a collation may call different texts equal."""
    return f"COLLATION({column}) IS NULL AND CAST({column} AS TEXT) <> ''"


def is_moment(column: str) -> str:
    """Snowflake's times have nine digits, Python's six."""
    return (
        f"{at_us(column)} >= {_FIRST_US} AND {at_us(column)} < {_LAST_US} "
        f"AND DATE_PART(NANOSECOND, {column}) % 1000 = 0"
    )


def at_us(column: str) -> str:
    """In UTC, whatever zone the time was written in."""
    return f"DATE_PART(EPOCH_MICROSECOND, {_in_utc(column)})"


def is_before(column: str, us: int) -> str:
    """SQL for whether the column's time is before `us`, in microseconds since 1970."""
    return f"{at_us(column)} < {int(us)}"


def can_hash(connection: Connection) -> bool:  # noqa: ARG001 - of no server
    """Whether HASH gives one number of one value in all of its releases isn't documented."""
    return False


def hashed(values: Iterable[str], seed: int) -> str:
    """Never asked; see `can_hash`."""
    return f"HASH({int(seed)}, {', '.join(values)})"


def below(name: str, kind: TypeEngine[Any]) -> str:
    """An integer divided by a power of ten is exact while both are exact as floats."""
    most = _MOST_COST_USD if name == "cost_usd" else _MOST_NUMBER
    scale = getattr(kind, "scale", None) or 0
    return str(min(most, _EXACT // 10**scale))


def is_call(column: str) -> str:
    """An escape in hexadecimal digits may stand for half a character: that is for Python."""
    call, text = _variant(column), f"TO_JSON({_variant(column)})"
    return (
        f"IS_OBJECT({call}) AND ARRAY_SIZE(OBJECT_KEYS(AS_OBJECT({call}))) = 2 "
        f"AND IS_VARCHAR(GET({call}, 'name')) AND IS_OBJECT(GET({call}, 'arguments')) "
        f"AND {is_shallow(text)} AND NOT CONTAINS({text}, {quoted(chr(92) + 'u')}) "
        f"AND REGEXP_INSTR({text}, {quoted(NO_JSON)}) = 0"
    )


def tool(column: str) -> str:
    """A text; of anything else null."""
    return f"AS_VARCHAR(GET({_variant(column)}, 'name'))"


def arguments(column: str) -> str:
    """As the whole call writes them."""
    return f"TO_JSON(GET({_variant(column)}, 'arguments'))"


def argument(column: str, name: str) -> str:
    """JSON's null is a value, and none is none."""
    value = f"GET(GET({_variant(column)}, 'arguments'), {quoted(name)})"
    return f"CASE WHEN IS_NULL_VALUE({value}) THEN 'null' ELSE TO_JSON({value}) END"


def cell(column: str, kind: TypeEngine[Any], *, is_json: bool) -> str:
    """JSON with its quotes: a text in a VARIANT is a text, also where it looks like an object.

    Times as text, for Python knows no year over 9999.
    """
    from sqlalchemy import Uuid  # noqa: PLC0415 - an extra, and heavy

    if is_json:
        return f"TO_JSON({_variant(column)})"
    if is_moment_type(kind):
        return f"TO_CHAR({_in_utc(column)}, 'YYYY-MM-DD HH24:MI:SS.FF9') || 'Z'"
    return f"CAST({column} AS TEXT)" if isinstance(kind, Uuid) else column


def same_call(arguments: str) -> None:
    """Whether a VARIANT's text is one for equal numbers isn't documented."""


def relation(name: str, query: str) -> str:
    """A named query; Snowflake chooses itself whether it is worked out once."""
    return f"{name} AS ({query})"


def by_bytes(column: str) -> str:
    """A text without a collation is."""
    return column


def first_of(value: str, by: str) -> str:
    """An aggregate of its own."""
    return f"MIN_BY({value}, {by})"


def _in_utc(column: str) -> str:
    return f"CONVERT_TIMEZONE('UTC', {column})"


def _variant(column: str) -> str:
    return f"TO_VARIANT({column})"
