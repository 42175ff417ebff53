"""What is sent to Snowflake: its SQL, only reading, whatever texts are in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.counts.review_event_files import read_events
from dialgate_evals.events.tables import cube_queries, snowflake_rows, task_queries
from dialgate_evals.events.tables.class_keys import ClassKeys
from dialgate_evals.events.tables.warehouse_rows import (
    COUNTED,
    EventColumns,
    classed_parts,
    has_id_of,
    is_aggregated_there,
    is_sure,
    select_rows,
    select_sure,
    values_of,
)
from tests.evals.events.event_tables import ACTIONS

RELATION = "live.reviews AT(STATEMENT => '01b2-query')"
RELATIONS = {"checked", "classed", "tasked", "watched", "stretch"}
HOSTILE = "a'b\\c\\' -- %s"

# Of Snowflake's documentation: functions of any type, and of semi-structured data.
DOCUMENTED = {
    "AT", "AS_OBJECT", "AS_VARCHAR", "ARRAY_SIZE", "CAST", "CHR", "COALESCE", "COLLATION",
    "CONTAINS", "CONVERT_TIMEZONE", "COUNT", "DATE_PART", "FLOOR", "GET", "IS_NULL_VALUE",
    "IS_OBJECT", "IS_VARCHAR", "LENGTH", "LN", "MAX", "MIN", "MIN_BY", "NULLIF",
    "OBJECT_KEYS", "REGEXP_INSTR", "REPLACE", "RIGHT", "ROW_NUMBER", "SUM", "TO_CHAR", "TO_JSON",
    "TO_VARIANT",
}  # fmt: skip
# What stands before a parenthesis and is no function.
WORDS = {"AND", "AS", "BY", "FROM", "GIVEN", "IN", "JOIN", "NAMED", "NOT", "ON", "OR", "OVER",
         "PARTITION", "USING", "VALUES", "WHEN", "WHERE", "CASE", "THEN", "ELSE"}  # fmt: skip


def kind_of(name: str, /, *sizes: int, **parts: Any) -> Any:
    """A column's type, by its name there. Few workers need what is imported; all collect this."""
    import sqlalchemy
    from snowflake.sqlalchemy import custom_types

    home = custom_types if hasattr(custom_types, name) else sqlalchemy
    return getattr(home, name)(*sizes, **parts)


def columns_as(*columns: tuple[Any, Any]) -> EventColumns:
    """What a table in Snowflake with columns of these names and types shows."""
    import sqlalchemy
    from snowflake.sqlalchemy.snowdialect import SnowflakeDialect

    made = [sqlalchemy.Column(name, kind) for name, kind in columns]
    table = sqlalchemy.Table("reviews", sqlalchemy.MetaData(), *made)
    connection: Any = type("", (), {"dialect": SnowflakeDialect()})
    return EventColumns.of(table, snowflake_rows, connection)


def columns_of(**kinds: Any) -> EventColumns:
    """The columns of a table with all that evidence counts."""
    texts = ("event_id", "task_id", "release", "mode", "decision", "reviewer")
    return columns_as(
        *{
            **{name: kind_of("VARCHAR") for name in texts},
            "occurred_at": kind_of("TIMESTAMP_TZ"),
            "proposed": kind_of("VARIANT"),
            "corrected": kind_of("OBJECT"),
            "latency_ms": kind_of("FLOAT"),
            "cost_usd": kind_of("DECIMAL", 12, 6),
            "review_s": kind_of("DECIMAL", 38, 20),
            "schema": kind_of("INTEGER"),
            "canary": kind_of("BOOLEAN"),
            **kinds,
        }.items()
    )


def statements() -> list[str]:
    """What evidence asks of a table, and what it asks again with hostile texts in it."""
    columns = columns_of()
    rows = [tuple(HOSTILE if kind == "TEXT" else None for kind in COUNTED.values())]
    doubtful = f"NOT ({is_sure(columns)}) OR {has_id_of(columns, [HOSTILE])}"
    sure = select_sure(columns, RELATION, ClassKeys.of(ACTIONS), doubtful)
    both = f"{sure} UNION ALL {values_of(snowflake_rows, rows)}"
    checked = snowflake_rows.relation("checked", both)
    named = [[HOSTILE, HOSTILE, HOSTILE, "in_the_loop", 1]]
    before = f"WITH {checked}, {classed_parts(snowflake_rows, named)} "
    group = cube_queries.GROUP
    literal = snowflake_rows.quoted(HOSTILE)
    place = (snowflake_rows.by_bytes("task_tail"), literal, 1, 2)
    named_order = snowflake_rows.by_bytes("named_id")
    order = snowflake_rows.by_bytes("event_id")
    asked = [
        cube_queries.COUNTS, cube_queries.LATENCIES, cube_queries.REVIEWERS,
        cube_queries.REVIEW_TIMES, cube_queries.CANARIES, cube_queries.FUTURE.format(now_us=1),
        cube_queries.repeated_tasks(1), cube_queries.task_costs(group, "", is_split=True),
        task_queries.task_counts(group, "", is_split=True), task_queries.task_days(group, ""),
        task_queries.pooled_days(
            [literal], [literal], "", snowflake_rows.first_of("release_name", "placed_us")
        ),
        task_queries.task_runs(snowflake_rows.by_bytes("task_tail")),
        task_queries.stretch_facts(*place, named_order, 20),
        task_queries.foremost("event_id", "in_force", "edited = 1", order, 5),
    ]  # fmt: skip
    return [
        select_rows(columns, RELATION),
        select_rows(columns, RELATION, f"NOT ({is_sure(columns)})"),
        select_rows(columns, RELATION, f"event_id IN ({literal})", is_numbered=False),
        *(before + query for query in asked),
    ]


@pytest.fixture(scope="module")
def asked() -> list[str]:
    return statements()


def test_every_statement_reads_one_state_of_the_table_and_nothing_else(asked: list[str]) -> None:
    import sqlglot
    from sqlglot import exp

    for statement in asked:
        (tree,) = sqlglot.parse(statement, read="snowflake")
        assert isinstance(tree, exp.Select), statement
        tables = [item for item in tree.find_all(exp.Table) if item.name not in RELATIONS]
        named = [item for item in tables if item.name]
        assert named, statement
        assert all(item.args.get("when") for item in named), statement
        # What other databases have and Snowflake doesn't, sqlglot reads all the same.
        assert not list(tree.find_all(exp.Filter)), statement


def test_every_function_is_one_that_snowflake_documents(asked: list[str]) -> None:
    for statement in asked:
        without_texts = re.sub(r"'(?:[^'\\]|\\.|'')*'", "''", statement)
        found = {name.upper() for name in re.findall(r"([A-Za-z_]+) ?\(", without_texts)}
        assert found - WORDS - {name.upper() for name in RELATIONS} <= DOCUMENTED, statement
        assert "::" not in without_texts, statement


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("it's", "'it''s'"),
        ("\\", "'\\\\'"),
        ("\\'", "'\\\\'''"),
        ("'; DROP TABLE x --", "'''; DROP TABLE x --'"),
        ("\x00", "'\\u0000'"),
        ("é\n", "'é\n'"),
    ],
    ids=["quote", "backslash", "both", "statement", "zero", "as it is"],
)
def test_a_text_is_written_so_that_snowflake_reads_it(text: str, literal: str) -> None:
    assert snowflake_rows.quoted(text) == literal


@for_all(st.text(st.sampled_from("'\\ab0nux\n%;$-é"), max_size=12))
def test_a_literal_is_read_as_the_text_that_it_was(text: str) -> None:
    import sqlglot

    tree = sqlglot.parse_one(f"SELECT {snowflake_rows.quoted(text)} AS x", read="snowflake")
    (literal,) = tree.find_all(sqlglot.exp.Literal)
    assert literal.this == text


@pytest.mark.parametrize(
    ("text", "is_doubtful"),
    [
        ('{"a":NaN}', True),
        ('{"a":[1,-inf]}', True),
        ("[undefined]", True),
        ('{"a":1.5e400}', True),
        ('{"a":-2E-310}', True),
        ('{"a":1.000000000000000e+20}', False),
        ('{"a":"information, infinite"}', False),
        ('{"id":"03a7e1234-9b7e999f"}', False),
        ('{"nan":"undefined"}', False),
    ],
)
def test_what_a_variant_holds_and_json_can_not_is_left_to_python(
    text: str, *, is_doubtful: bool
) -> None:
    assert bool(re.search(snowflake_rows.NO_JSON, text)) is is_doubtful


def test_numbers_are_counted_there_while_they_are_exact() -> None:
    def below(name: str, kind: Any) -> str:
        return snowflake_rows.below(name, kind)

    assert below("latency_ms", kind_of("FLOAT")) == "1000000000000000"
    assert below("latency_ms", kind_of("DECIMAL", 38, 6)) == "9007199254"
    assert below("review_s", kind_of("DECIMAL", 38, 20)) == "0"
    assert below("cost_usd", kind_of("DECIMAL", 12, 6)) == "900000"


def test_columns_are_named_with_their_table_and_in_their_case() -> None:
    from sqlalchemy import quoted_name

    assert columns_of().names["event_id"] == "events.event_id"
    quoted = columns_as((quoted_name("mode", True), kind_of("VARCHAR")))
    assert quoted.names["mode"] == 'events."mode"'


@pytest.mark.parametrize(
    ("kinds", "is_there"),
    [
        ({}, True),
        ({"occurred_at": "TIMESTAMP_LTZ", "proposed": "OBJECT"}, True),
        ({"occurred_at": "TIMESTAMP_NTZ"}, False),
        ({"occurred_at": "VARCHAR"}, False),
        ({"proposed": "VARCHAR"}, False),
        ({"proposed": "ARRAY"}, False),
        ({"event_id": "INTEGER"}, False),
        ({"latency_ms": "DECFLOAT"}, False),
        ({"canary": "INTEGER"}, False),
    ],
)
def test_other_types_of_columns_are_read_row_by_row(
    kinds: dict[str, str], *, is_there: bool
) -> None:
    columns = columns_of(**{name: kind_of(kind) for name, kind in kinds.items()})
    assert is_aggregated_there(columns) is is_there


def test_an_object_whose_parts_have_types_is_read_row_by_row() -> None:
    structured = kind_of("OBJECT", name=(kind_of("VARCHAR"), False))
    assert not is_aggregated_there(columns_of(corrected=structured))


def test_a_missing_dialect_names_its_extra_and_no_secret() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_events("snowflake+nothing://ada:s3cret@account/live?token=t0ken")
    assert "pip install 'dialgate[snowflake]'" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert "t0ken" not in str(caught.value)


def test_what_the_dialect_keeps_out_of_a_url_is_said_where_it_goes() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_events("snowflake://ada@account/live?private_key_file=k3y.p8")
    assert "connections.toml" in str(caught.value)
