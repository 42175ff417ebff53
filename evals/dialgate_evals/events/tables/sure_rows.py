r"""What is counted of DuckDB's rows, and its words for which of them are events without doubt.

Which conditions make a sure row is in `sure_conditions`. Of `messages` and `recordings`, which are
never counted, only the type of the column is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.events.review_events import INTERVENTIONS
from dialgate_evals.events.tables.call_columns import CallColumn, distinct, quoted, readable
from dialgate_evals.events.tables.class_keys import SEPARATOR
from dialgate_evals.events.tables.cube_queries import NANO
from dialgate_evals.events.tables.sure_conditions import sure_row
from dialgate_evals.events.tables.task_queries import task_tail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.events.tables.class_keys import ClassKeys
    from dialgate_evals.events.tables.duckdb_relation import Relation

_TIME = (
    r"\d{4}-\d\d-\d\d[Tt ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
    r"([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
)

COUNTED = {
    "src": "INTEGER", "number": "BIGINT", "sure": "BOOLEAN", "id_key": "UBIGINT",
    "named_id": "VARCHAR", "task_key": "UBIGINT",
    "task_tail": "VARCHAR", "bundle": "VARCHAR", "canary": "BOOLEAN",
    "reviewer": "VARCHAR", "at_us": "BIGINT", "latency_ms": "DOUBLE", "cost_nano": "BIGINT",
    "review_s": "DOUBLE", "argument_names": "VARCHAR",
}  # fmt: skip
"""The columns of the checked table, with their types."""

BUNDLE_PARTS = ("tool", "class_key", "release_name", "mode_name", "decision")
"""What a bundle holds: there are few bundles, so that a row is told by one text and not by five."""
BUNDLE_SEPARATOR = "\x1e"

HAS_A_NAME_TWICE = (
    "SELECT argument_names FROM (SELECT DISTINCT argument_names, "  # noqa: S608 - constants
    f"string_split(argument_names, chr({ord(SEPARATOR)})) AS names FROM checked) AS named "
    f"WHERE NOT {distinct('names')}"
)
"""Of the names of arguments, those texts that hold one twice."""

_READ = (
    "event_id", "task_id", "release", "mode", "decision", "reviewer", "schema", "canary",
    "latency_ms", "cost_usd", "review_s", "proposed", "corrected",
    "source",
)  # fmt: skip


TASK_KEY = "hash(task_id)"


def named_id(canary: str, decision: str) -> str:
    """The id of an event that may be named: a canary, or an intervention."""
    words = ", ".join(quoted(word.value) for word in sorted(INTERVENTIONS))
    return f"CASE WHEN {canary} OR {decision} IN ({words}) THEN event_id END"


def cost_nano(cost_usd: str) -> str:
    """Billionths of a dollar; more than nine billion dollars count as that."""
    # `least` would take an unknown cost for the limit.
    bounded = f"CASE WHEN {cost_usd} < 9e9 THEN {cost_usd} WHEN {cost_usd} >= 9e9 THEN 9e9 END"
    return f"CAST(floor(({bounded}) * {NANO} + 0.5) AS BIGINT)"


def bundle_of(*parts: str) -> str:
    """The expression of a bundle from those of its parts, none of which is null in a sure row."""
    return f"concat({f', chr({ord(BUNDLE_SEPARATOR)}), '.join(parts)})"


def select_counted(
    relation: Relation, src: int, keys: ClassKeys, *, is_ordered: bool = False
) -> str:
    """The query that gives every row of the relation in the columns of `COUNTED`.

    `is_ordered`: tasks will be ordered, and those of one moment need an order too.
    """
    tail = task_tail("task_id") if is_ordered else "NULL"
    read = ", ".join(f"{relation.cell(name)} AS {name}" for name in _READ)
    inner = f"SELECT {relation.number} AS number, {read}, {moment_of_row(relation)} AS moment"
    call, fix = _call(relation, "proposed", "call"), _call(relation, "corrected", "fix")
    matched = f"SELECT *, {call.is_flat} AS flat, {fix.is_flat} AS fix_flat"
    parsed = (
        f"SELECT *, {readable('proposed', 'flat')} AS call, "
        f"{readable('corrected', 'fix_flat')} AS fix"
    )
    named = f"SELECT *, {call.name('flat')} AS tool"
    rows = f"FROM ({named} FROM ({parsed} FROM ({matched} FROM ({inner} FROM {relation.sql}))))"
    return (
        f"SELECT {int(src)} AS src, number, "
        f"{sure_row(_Words(call=call, fix=fix, keys=keys))} AS sure, hash(event_id) AS id_key, "
        f"{named_id('canary', 'decision')} AS named_id, {TASK_KEY} AS task_key, "
        f"{tail} AS task_tail, "
        f"{bundle_of('tool', call.class_key('tool', keys), 'release', 'mode', 'decision')} "
        "AS bundle, coalesce(canary, false) AS canary, reviewer, epoch_us(moment) AS at_us, "
        f"CAST(latency_ms AS DOUBLE) AS latency_ms, {cost_nano('cost_usd')} AS cost_nano, "
        f"CAST(review_s AS DOUBLE) AS review_s, {call.argument_names} AS argument_names "
        f"{rows}"
    )


def arguments_of(relation: Relation) -> tuple[str, str]:
    """Expressions of a sure row: the arguments as JSON text, and whether they are a structure."""
    text = relation.cell("proposed")
    is_structure = relation.is_structure("proposed")
    call = CallColumn(column=text, is_structure=is_structure, call=readable(text, "false"))
    return call.arguments, call.has_fields


def _call(relation: Relation, name: str, call: str) -> CallColumn:
    return CallColumn(column=name, is_structure=relation.is_structure(name), call=call)


def moment_of_row(relation: Relation) -> str:
    """The expression of a row's time, null where only Python may tell it."""
    if relation.types["occurred_at"].startswith("TIMESTAMP"):
        return "occurred_at"
    matched = f"regexp_full_match(occurred_at, {quoted(_TIME)})"
    # Without an offset there is no moment: what the pattern refuses is left to Python.
    return f"CASE WHEN {matched} THEN TRY_CAST(upper(occurred_at) AS TIMESTAMPTZ) END"


def _is_moment(moment: str) -> str:
    return (
        f"{moment} >= TIMESTAMPTZ '0002-01-02 00:00:00+00' "
        f"AND {moment} < TIMESTAMPTZ '9998-12-30 00:00:00+00'"
    )


def at_us_of(relation: Relation) -> str:
    """The expression of a row's microseconds since 1970, null where only Python may tell them."""
    moment = moment_of_row(relation)
    return f"CASE WHEN {_is_moment(moment)} THEN epoch_us({moment}) END"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """DuckDB's words, over the columns that `select_counted` reads."""

    call: CallColumn
    fix: CallColumn
    keys: ClassKeys

    def has(self, name: str) -> bool:  # noqa: ARG002 - what a relation lacks reads as null
        return True

    def column(self, name: str) -> str:
        return name

    def text(self, name: str) -> str:
        return name

    def quoted(self, text: str) -> str:
        return quoted(text)

    def is_text(self, name: str) -> str:
        return f"{name} <> ''"

    def is_number(self, name: str) -> str:
        return f"{name} >= 0 AND {name} < 1e300"

    def is_moment(self) -> str:
        return _is_moment("moment")

    def is_call(self, name: str) -> str:
        if name == "proposed":
            return self.call.is_call("flat")
        # Few calls are corrected: their names are looked at here, and not per text of names.
        names = distinct(f"json_keys({self.fix.arguments})")
        return f"({self.fix.is_call('fix_flat')}) AND ({names})"

    def doubts(self) -> Iterator[str]:
        for name in ("release", "tool"):
            yield f"NOT contains({name}, chr({ord(BUNDLE_SEPARATOR)}))"
        if self.call.is_structure and self.keys.arguments:
            # A null field is absent there, which only Python takes into account.
            tools = ", ".join(map(quoted, self.keys.arguments))
            yield f"tool NOT IN ({tools}) OR NOT contains({self.call.arguments}, 'null')"
