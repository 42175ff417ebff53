"""Which rows of a PostgreSQL table are events without doubt, as its SQL: `sure_rows` once more.

Only of tables whose calls are jsonb and whose times have a zone: there the database itself has
made sure of the JSON. Of other tables every row is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.event_sources.call_columns import quoted
from evals.event_sources.class_keys import ABSENT, SEPARATOR
from evals.event_sources.sure_rows import cost_nano
from evals.review_events import DECISIONS_BY_MODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Table

    from evals.event_sources.class_keys import ClassKeys

COUNTED = (
    "event_id", "canary_id", "task_key", "release_name", "mode_name", "decision", "canary",
    "reviewer", "at_us", "latency_ms", "cost_nano", "review_s", "tool", "class_key", "arguments",
)  # fmt: skip
"""The columns of the relation `checked`."""

_KINDS = (
    "text", "text", "text", "text", "text", "text", "boolean", "text", "bigint",
    "double precision", "bigint", "double precision", "text", "text", "text",
)  # fmt: skip


def is_aggregated_there(table: Table) -> bool:
    """Whether the types of the columns let PostgreSQL itself be sure of rows."""
    from sqlalchemy import DateTime, String, Uuid  # noqa: PLC0415 - an extra, and heavy
    from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415

    at = table.c.occurred_at.type
    texts = ("event_id", "task_id", "release", "mode", "decision", "reviewer")
    return (
        isinstance(at, DateTime)
        and bool(at.timezone)
        and all(
            isinstance(table.c[name].type, JSONB)
            for name in ("proposed", "corrected")
            if name in table.c
        )
        and all(isinstance(table.c[name].type, String | Uuid) for name in texts if name in table.c)
    )


def is_sure(table: Table) -> str:
    """The condition of a sure row, over the columns of the table."""
    has = {column.name for column in table.columns}
    pairs = " OR ".join(
        f"mode = '{mode}' AND decision IN ({', '.join(map(quoted, sorted(items)))})"
        for mode, items in DECISIONS_BY_MODE.items()
    )
    conditions = [
        *(f"{name}::text <> ''" for name in ("event_id", "task_id", "release")),
        pairs,
        "occurred_at >= timestamptz '0002-01-02 00:00:00+00'",
        "occurred_at < timestamptz '9998-12-30 00:00:00+00'",
        _is_call("proposed"),
        f"CASE WHEN corrected IS NULL THEN decision <> 'edited' ELSE {_is_call('corrected')} END"
        if "corrected" in has
        else "decision <> 'edited'",
    ]
    numbers = [name for name in ("latency_ms", "cost_usd", "review_s") if name in has]
    conditions += [f"{name} IS NULL OR {name} >= 0 AND {name} < 1e300" for name in numbers]
    conditions += ["reviewer IS NULL OR reviewer::text <> ''"] if "reviewer" in has else []
    conditions += ["schema IS NULL OR schema = 1"] if "schema" in has else []
    return " AND ".join(f"coalesce({text}, false)" for text in conditions)


def select_sure(table: Table, name: str, keys: ClassKeys, repeated: Iterable[str]) -> str:
    """The sure rows but those of repeated event ids, in the columns of `COUNTED`."""
    has = {column.name for column in table.columns}

    def optional(column: str, otherwise: str) -> str:
        return column if column in has else otherwise

    canary = f"coalesce({optional('canary', 'NULL::boolean')}, false)"
    cost = f"({optional('cost_usd', 'NULL')})::double precision"
    ids = ", ".join(map(quoted, repeated))
    left = f" AND event_id::text NOT IN ({ids})" if ids else ""
    return (
        f"SELECT event_id::text AS event_id, CASE WHEN {canary} THEN event_id::text END AS "  # noqa: S608 - our own names, and quoted ones
        "canary_id, task_id::text AS task_key, release::text AS release_name, mode::text AS "
        f"mode_name, decision::text AS decision, {canary} AS canary, "
        f"({optional('reviewer', 'NULL')})::text AS reviewer, "
        "(extract(epoch FROM occurred_at) * 1000000)::bigint AS at_us, "
        f"({optional('latency_ms', 'NULL')})::double precision AS latency_ms, "
        f"{cost_nano(cost)} AS cost_nano, "
        f"({optional('review_s', 'NULL')})::double precision AS review_s, "
        f"proposed->>'name' AS tool, {_class_key(keys)} AS class_key, "
        f"(proposed->'arguments')::text AS arguments FROM {name} WHERE {is_sure(table)}{left}"
    )


def values_of(rows: Sequence[Sequence[object]]) -> str:
    """Rows of Python's in the columns of `COUNTED`."""
    written = [
        ", ".join(f"{_literal(value)}::{kind}" for value, kind in zip(row, _KINDS, strict=True))
        for row in rows
    ]
    names = ", ".join(COUNTED)
    listed = ", ".join(f"({row})" for row in written)
    return f"SELECT * FROM (VALUES {listed}) AS given ({names})"  # noqa: S608 - quoted values


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    # A quoted number keeps all of its digits and its sign.
    return quoted(repr(value) if isinstance(value, int | float) else str(value))


def _is_call(column: str) -> str:
    text = f"{column}::text"
    containers = f"length({text}) - length(replace(replace({text}, '{{', ''), '[', ''))"
    return (
        f"jsonb_typeof({column}) = 'object' AND {column} - 'name' - 'arguments' = '{{}}'::jsonb "
        f"AND jsonb_typeof({column}->'name') = 'string' "
        f"AND jsonb_typeof({column}->'arguments') = 'object' AND {containers} <= 90 "
        f"AND {text} !~ '[0-9]{{250}}'"
    )


def _class_key(keys: ClassKeys) -> str:
    branches = [f"WHEN {quoted(tool)} THEN {_key(names)}" for tool, names in keys.arguments.items()]
    return f"CASE proposed->>'name' {' '.join(branches)} ELSE '' END" if branches else "''"


def _key(names: tuple[str, ...] | None) -> str:
    if names is None:
        return "(proposed->'arguments')::text"
    values = [
        f"coalesce((proposed->'arguments'->{quoted(name)})::text, '{ABSENT}')" for name in names
    ]
    return f" || chr({ord(SEPARATOR)}) || ".join(values) or "''"
