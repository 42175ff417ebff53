"""Rows of review events as cells of a table, good and broken, and files that hold them."""

from __future__ import annotations

import csv
import datetime as dt
import json
from contextlib import contextmanager
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry, BlastRadius, Effect
from dialgate_evals.events.counts.checked_table import insert
from dialgate_evals.events.review_events import DECISIONS_BY_MODE, Mode, ReviewDecision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

JSON_COLUMNS = ("proposed", "corrected")
TYPES = {
    "event_id": "VARCHAR", "occurred_at": "VARCHAR", "task_id": "VARCHAR", "release": "VARCHAR",
    "mode": "VARCHAR", "decision": "VARCHAR", "proposed": "VARCHAR", "corrected": "VARCHAR",
    "reviewer": "VARCHAR", "latency_ms": "DOUBLE", "cost_usd": "DOUBLE", "review_s": "DOUBLE",
    "canary": "BOOLEAN", "source": "VARCHAR",
}  # fmt: skip

Cells = dict[str, Any]


def a_class(name: str, tool: str, when: Mapping[str, Any] | None = None) -> ActionClass:
    """A class of one tool."""
    return ActionClass(
        name=name,
        tools=(tool,),
        when=when,
        effect=Effect.WRITE,
        blast_radius=BlastRadius.LOW,
        reversible=True,
    )


ACTIONS = ActionRegistry(
    classes=(
        a_class("large", "pay", {"properties": {"amount": {"exclusiveMinimum": 200}}}),
        a_class("pay", "pay"),
        # Looks at every argument: no few of them decide its class.
        a_class("empty", "mail", {"maxProperties": 0}),
        a_class("mail", "mail"),
    )
)

_AMOUNTS = (1, 200, 200.5, 201, "9", None, [1, 2], {"of": {"x": 1}})
_IDS = ("u1", 'say "hi"', "é\n", ":k", ",]", "{", "nan", "\\")
_ODD_CALLS = (
    '{"name": "pay", "arguments": {"amount": 1, "amount": 300}}',
    '{"name": "pay", "arguments": {"of": {"a": 1, "a": 2}}}',
    '{"name": "pay", "arguments": {"of": [{"a": 1}, {"a": 2}], ":k": 1}}',
    '{"name": "pay", "arguments": {"a": NaN}}',
    '{"name": "pay", "arguments": {"a": -Infinity}}',
    '{"name": "pay", "arguments": {"a": 1e400}}',
    '{"name": "pay", "arguments": {"a": 1e2}}',
    '{"name": "pay", "arguments": {"a": [1, 2,]}}',
    '{"name": "pay", "arguments": {"a": 1},}',
    '{"name": "pay", "name": "mail", "arguments": {}}',
    '{"name": "pay", "arguments": {}, "more": 1}',
    '{"name": "\\ud800", "arguments": {}}',
    '{"name": "a\\u0000b", "arguments": {"a": "\\u0000"}}',
    '{"name": 3, "arguments": {}}',
    '{"name": "pay", "arguments": []}',
    '{"name": "pay", "arguments": {"a": ' + "[" * 99 + "]" * 99 + "}}",
    '{"name": "pay", "arguments": {"a": ' + "9" * 400 + "}}",
    '{"arguments": {"amount": 201.0}, "name": "pay"}',
    " null ",
    "[]",
    "",
)


def a_call(random: Random) -> str | None:
    """JSON text of a call: mostly good, in several layouts; sometimes odd, cut or changed."""
    kind = random.randrange(10)
    if kind == 0:
        return random.choice(_ODD_CALLS)
    arguments: dict[str, Any] = {}
    if random.random() < 0.6:
        arguments["amount"] = random.choice(_AMOUNTS)
    if random.random() < 0.6:
        arguments["id"] = random.choice(_IDS)
    if random.random() < 0.2:
        arguments["lines"] = [{"sku": random.randrange(3)} for _ in range(random.randrange(3))]
    text = json.dumps(
        {"name": random.choice(["pay", "mail", "other"]), "arguments": arguments},
        indent=random.choice([None, None, 1]),
        ensure_ascii=random.random() < 0.5,
        sort_keys=random.random() < 0.3,
    )
    if kind == 1:
        at = random.randrange(len(text))
        put = random.choice(["", ",", '"', "}", ":", "\\", "0", "\n", "[", "-"])
        return text[:at] + put + text[at + random.randrange(2) :]
    return text


def a_row(random: Random) -> Cells:
    """One row: most of its cells are good."""
    mode = random.choice(list(DECISIONS_BY_MODE))
    decision = random.choice(sorted(DECISIONS_BY_MODE[mode]))
    row: Cells = {
        "event_id": f"e{random.randrange(300)}",
        "occurred_at": random.choice(_TIMES),
        "task_id": f"t{random.randrange(3)}",
        "release": random.choice(["1", "2"]),
        "mode": mode.value,
        "decision": decision.value,
        "proposed": a_call(random),
        "corrected": a_call(random) if decision.value == "edited" else None,
        "reviewer": random.choice([None, "Ada", "Bob"]),
        "latency_ms": random.choice([None, 0.0, 1.5, 90.0, 91.0, 2500.0]),
        "cost_usd": random.choice([None, 0.0, 0.01, 0.25]),
        "review_s": random.choice([None, 1.0, 30.0]),
        "canary": random.choice([None, None, None, False, True]),
        "source": random.choice([*[None] * 20, "production", "import", "accept"]),
    }
    if random.randrange(6) == 0:
        name = random.choice(sorted(row))
        row[name] = random.choice(_BROKEN.get(TYPES[name], [None]))
    return row


_TIMES = ("2026-09-01T08:37:00Z", "2026-09-02t00:00:00.5+02:00", "1969-12-31 23:59:59Z")
_BROKEN: dict[str, list[Any]] = {
    "DOUBLE": [-1.0, float("nan"), float("inf"), 1e308],
    "VARCHAR": [
        None, "", "x", "auto", "2026-02-30T00:00:00Z", "2026-09-01T24:00:00Z", "2026-09-01", "é",
    ],
}  # fmt: skip

few_rows = st.randoms(use_true_random=False).map(
    lambda random: [a_row(random) for _ in range(random.randrange(5))]
)
"""Rows for a file that hypothesis can make small."""

many_rows = st.integers(0, 2**32).map(
    lambda seed: [a_row(Random(seed + index)) for index in range(300)]
)
"""Rows for a file in which every rule of a row is broken somewhere."""


@cache
def database() -> DuckDBPyConnection:
    """Writes what tests write: to start DuckDB costs more than to write a file."""
    import duckdb

    return duckdb.connect(config={"threads": 1})


def write_parquet(rows: Sequence[Cells], path: Path, types: Mapping[str, str] = TYPES) -> None:
    """The rows as a Parquet file, with these types of columns."""
    target = str(path).replace("'", "''")
    with database().cursor() as connection:
        _create(connection, "events", rows, types)
        connection.execute(f"COPY events TO '{target}' (FORMAT parquet)")
        connection.execute("DROP TABLE events")


@contextmanager
def open_duckdb(path: Path) -> Iterator[DuckDBPyConnection]:
    """The DuckDB file, for writing; it is let go of at the end."""
    target = str(path).replace("'", "''")
    with database().cursor() as connection:
        connection.execute(f"ATTACH '{target}' AS written")
        try:
            connection.execute("USE written")
            yield connection
        finally:
            connection.execute("USE memory")
            connection.execute("DETACH written")


def write_duckdb(rows: Sequence[Cells], path: Path, table: str = "review_events") -> None:
    """The rows as a table of a DuckDB file."""
    with open_duckdb(path) as connection:
        _create(connection, '"' + table.replace('"', '""') + '"', rows, TYPES)


def add_to_duckdb(rows: Sequence[Cells], path: Path) -> None:
    """Further rows of the table."""
    cells = {name: [row.get(name) for row in rows] for name in TYPES}
    with open_duckdb(path) as connection:
        insert(connection, "review_events", cells, dict(TYPES))


def _create(
    connection: DuckDBPyConnection,
    table: str,
    rows: Sequence[Cells],
    types: Mapping[str, str],
) -> None:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    connection.execute(f"CREATE TABLE {table} ({columns})")
    if rows:
        cells = {name: [row.get(name) for row in rows] for name in types}
        insert(connection, table, cells, dict(types))


def write_csv(rows: Sequence[Cells], path: Path) -> None:
    """The rows as CSV: an empty cell where one is absent."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(TYPES)
        for row in rows:
            writer.writerow([_csv_cell(row.get(name)) for name in TYPES])


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def write_json_lines(rows: Sequence[Cells], path: Path) -> None:
    """The rows as JSON Lines: cells of calls as they are, also where they are no JSON."""
    lines = []
    for row in rows:
        pairs = [
            f"{json.dumps(name)}: {value if name in JSON_COLUMNS else json.dumps(value)}"
            for name, value in row.items()
            if value is not None
        ]
        lines.append("{" + ", ".join(pairs).replace("\n", " ") + "}")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def good_rows(count: int) -> list[Cells]:
    """Rows that are events, one in ten rejected."""
    return [
        {
            "event_id": f"e{index:04}",
            "occurred_at": f"2026-09-{1 + index % 20:02}T08:00:00Z",
            "task_id": f"t{index}",
            "release": "2",
            "mode": "in_the_loop",
            "decision": "rejected" if index % 10 == 0 else "approved",
            "proposed": '{"name": "send_mail", "arguments": {"id": "u1"}}',
            "reviewer": 'Ada\'s "cat" :x %s',
        }
        for index in range(count)
    ]


def task_rows(random: Random, count: int, days: int = 9) -> list[Cells]:
    """Rows that are events of tasks with several of them: in modes, releases and classes mixed."""
    start = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    rows = []
    for index in range(count):
        mode = random.choice([*DECISIONS_BY_MODE, Mode.IN_THE_LOOP, Mode.ON_THE_LOOP])
        decision = random.choice(sorted(DECISIONS_BY_MODE[mode]))
        call = {"name": random.choice(["pay", "mail", "other"]), "arguments": {}}
        if random.random() < 0.5:
            call["arguments"] = {"amount": random.choice([1, 300])}
        # Whole hours, so that many lie at one moment.
        at = start + index * dt.timedelta(days=days) / count
        text = json.dumps(call)
        rows.append(
            {
                "event_id": f"e{index:05}",
                "occurred_at": at.replace(minute=0, second=0, microsecond=0).isoformat(),
                "task_id": f"t{index // 3 + random.randrange(4)}",
                "release": random.choice(["1", "2", "old"]),
                "mode": mode.value,
                "decision": decision.value,
                "proposed": text,
                "corrected": text if decision is ReviewDecision.EDITED else None,
                "reviewer": random.choice([None, "Ada", "Bob"]),
                "canary": random.choice([None, None, None, None, True]),
            }
        )
    return rows
