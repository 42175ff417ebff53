"""Review events in PostgreSQL: aggregated there as they are read here, and never its password."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.action_classes import ActionRegistry
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events import bad_rows
from dialgate_evals.events.counts import warehouse_table
from dialgate_evals.events.counts.cube_of_files import aggregate_files
from dialgate_evals.events.counts.event_aggregation import aggregate_events
from dialgate_evals.events.counts.review_event_files import read_events
from dialgate_evals.events.counts.warehouse_cube import aggregate_warehouse
from dialgate_evals.events.counts.warehouse_table import open_warehouse
from dialgate_evals.events.named_source import TableSource, name_source
from dialgate_evals.events.tables import database_rows
from dialgate_evals.events.tables.database_rows import open_table, run_text
from dialgate_evals.events.watched.event_watch import watch_events
from dialgate_evals.events.watched.looks import Look
from dialgate_evals.events.watched.task_watch import stream_tasks
from dialgate_evals.events.watched.warehouse_parts import WarehouseParts
from dialgate_evals.events.watched.watch_state import StateFolder
from dialgate_evals.records.machine_key import MachineKey
from tests.evals.events import task_model
from tests.evals.events.event_tables import (
    ACTIONS,
    TYPES,
    Cells,
    a_row,
    good_rows,
    task_rows,
    write_json_lines,
)
from tests.evals.events.watched.test_task_watch import LIMIT, plain, rows_with_figures
from tests.integration.command_line import dialgate
from tests.integration.events.postgres_server import PASSWORD, postgres_server
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dialgate_evals.events.event_cube import EventCube

NOW = dt.datetime(2026, 9, 2, tzinfo=dt.UTC)
KINDS = {"VARCHAR": "text", "DOUBLE": "double precision", "BOOLEAN": "boolean"}
JSONB = {"proposed": "jsonb", "corrected": "jsonb", "occurred_at": "timestamptz"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


def fill(server: str, table: str, rows: list[Cells], kinds: dict[str, str] | None = None) -> str:
    """The rows in a new table; its URL."""
    import psycopg
    from psycopg import sql

    kinds = {name: KINDS[kind] for name, kind in TYPES.items()} | (kinds or {})
    with psycopg.connect(server, autocommit=True) as connection:
        name = sql.Identifier(*table.split("."))
        columns = sql.SQL(", ").join(
            sql.SQL("{} " + kind).format(sql.Identifier(column)) for column, kind in kinds.items()
        )
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
        connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name, columns))
        add_rows(connection, table, rows, kinds)
    return f"{server}#{table}"


def add_rows(
    connection: Any, table: str, rows: Sequence[Cells], kinds: Mapping[str, str] = TYPES
) -> None:
    """Further rows of the table."""
    from psycopg import sql

    name = sql.Identifier(*table.split("."))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(kinds))
    with connection.cursor() as cursor:
        cursor.executemany(
            sql.SQL("INSERT INTO {} VALUES ({})").format(name, marks),
            [[row.get(column) for column in kinds] for row in rows],
        )


def rows_for_jsonb(seed: int, count: int) -> list[Cells]:
    """Rows that the columns' types let in: JSON as jsonb takes it, times with a zone."""
    rows = []
    for index in range(count):
        row = a_row(Random(seed + index))
        for name in ("proposed", "corrected"):
            row[name] = row[name] if row[name] is None or _is_jsonb(row[name]) else "[1]"
        at = row["occurred_at"]
        row["occurred_at"] = at if at and at[:4] in {"2026", "1969"} and len(at) > 18 else None
        if row["occurred_at"] and row["occurred_at"][8:10] == "30":
            row["occurred_at"] = "infinity"
        rows.append(row)
    return rows


def _is_jsonb(text: str) -> bool:
    def refuse(word: str) -> None:
        raise ValueError(word)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return "\\u0000" not in text and "\\ud800" not in text


def aggregate(url: str, **more: Any) -> EventCube:
    return aggregate_files(name_source(url), ACTIONS, now=NOW, limit=1, **more)


def aggregate_there(url: str, **more: Any) -> EventCube:
    source = name_source(url)
    assert not hasattr(source, "paths")
    found = aggregate_warehouse(source, ACTIONS, now=NOW, limit=1, **more)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(3))
def test_postgresql_counts_what_reading_every_row_counts(
    seed: int, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bad_rows, "BAD_SHARE", 1.0)
    rows = rows_for_jsonb(1_000 * seed, 400)
    url = fill(server, "review_events", rows, JSONB)
    there = aggregate_there(url)
    assert there.rows == 400 == there.counted + there.merged + there.not_live + there.bad_rows
    assert there.bad_rows
    assert there.counted > 100
    assert there == aggregate(url)


@pytest.mark.parametrize("seed", range(2))
def test_tasks_and_alarms_are_those_of_reading_every_row(seed: int, server: str) -> None:
    url = fill(server, "tasks", task_rows(Random(seed), 400), JSONB)
    question = task_model.asked(counting=("1", "2") if seed else ("2",))
    there, here = aggregate_there(url, asked=question), aggregate(url, asked=question)
    assert there.alarms
    assert there.foremost
    assert without_places(there) == without_places(here)
    (event, *_) = there.foremost["pay"]
    assert event.place == f"{name_source(url).shown}:event_id {event.event_id}"
    look = Look(actions=ACTIONS, asked=question, say=refuse_to_be_told)
    watched = watch_events(name_source(url), look)
    assert (watched.alarms, watched.counted) == (there.alarms, 400)


@pytest.mark.parametrize("doubtful", [False, True], ids=["counted there", "calls read here"])
def test_tasks_one_by_one_are_those_of_reading_every_row(
    doubtful: bool, server: str, tmp_path: Path
) -> None:
    rows = rows_with_figures(5)
    if doubtful:
        call = {"name": "pay", "arguments": {"amount": 1.00000000000000001}}
        rows[0]["proposed"] = json.dumps(call).replace("1.0}", "1.00000000000000001}")
    write_json_lines(rows, tmp_path / "e.jsonl")
    question = task_model.asked()
    look = Look(actions=ACTIONS, asked=question, say=refuse_to_be_told)
    url = fill(server, "figures", rows, JSONB)
    there = stream_tasks(name_source(url), look, LIMIT)
    here = stream_tasks(name_source(tmp_path / "e.jsonl"), look, LIMIT)
    assert any(stream.looping.any() for stream in here.by_class.values())
    assert plain(there) == plain(here)


@pytest.mark.parametrize("seed", range(2))
def test_looks_with_a_state_say_what_looks_without_one_say(
    seed: int, server: str, tmp_path: Path
) -> None:
    import psycopg

    random = Random(seed)
    rows = task_rows(random, 300, days=9)
    url = fill(server, "watched", rows[:150], JSONB)
    said: list[str] = []
    look = Look(actions=ACTIONS, asked=task_model.asked(), say=said.append)
    state = StateFolder(tmp_path / "state", {}, MachineKey((b"a secret of this machine",)))

    def agree(*expected: str) -> None:
        said.clear()
        found = watch_events(name_source(url), look, state)
        assert [text.partition(" knows ")[2].partition(":")[0] for text in said] == [*expected]
        assert found == watch_events(name_source(url), look)

    agree()
    for first in range(150, 300, 50):
        with psycopg.connect(server) as connection:
            add_rows(connection, "watched", rows[first : first + 50])
        agree()
    with psycopg.connect(server) as connection:
        connection.execute("DELETE FROM watched WHERE event_id = %s", [rows[3]["event_id"]])
    agree("other old rows than there are now")
    with psycopg.connect(server) as connection:
        add_rows(connection, "watched", [{**rows[5], "event_id": "late"}])
    agree("other old rows than there are now")
    assert state.load() is not None
    with psycopg.connect(server) as connection:
        add_rows(connection, "watched", [{**rows[5], "occurred_at": rows[-1]["occurred_at"]}])
    agree("an event that stands there again", "")


def without_places(cube: EventCube) -> EventCube:
    kept = {
        name: tuple(replace(event, place="") for event in items)
        for name, items in cube.foremost.items()
    }
    return replace(cube, foremost=kept)


def refuse_to_be_told(text: str) -> None:
    raise AssertionError(text)


def test_only_counts_leave_the_database_and_the_events_that_are_shown(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = task_rows(Random(11), 900)
    for row in rows:
        call = json.loads(row["proposed"])
        call["arguments"]["note"] = "of one customer"
        row["proposed"] = json.dumps(call)
    url = fill(server, "private", rows, JSONB)
    left: list[tuple[Any, ...]] = []

    def note(connection: Any, sql: str, **more: Any) -> Iterator[tuple[Any, ...]]:
        for row in run_text(connection, sql, **more):
            left.append(row)
            yield row

    monkeypatch.setattr(warehouse_table, "run_text", note)
    monkeypatch.setattr(database_rows, "run_text", note)
    question = task_model.asked(counting=("2",))
    # None of its conditions looks at all arguments: those would leave, each once, to be classed.
    actions = ActionRegistry(classes=tuple(c for c in ACTIONS.classes if c.name != "empty"))
    source = name_source(url)
    assert not hasattr(source, "paths")
    cube = aggregate_warehouse(source, actions, now=NOW, limit=1, asked=question)
    assert cube is not None
    assert cube.alarms
    shown = {event.event_id for items in cube.foremost.values() for event in items}
    named = shown | {event_id for alarm in cube.alarms.values() for event_id in alarm.events}
    named |= {row["event_id"] for row in rows if row["canary"]}
    texts = [str(cell) for row in left for cell in row]
    tasks, ids = {row["task_id"] for row in rows}, {row["event_id"] for row in rows}
    assert len(shown) <= 5 * len(question.modes)
    assert ids & set(texts) <= named
    # What reviewers wrote and customers sent leaves only with the events that a report shows.
    whole = [row for row in left if any("of one customer" in str(cell) for cell in row)]
    assert len(whole) <= len(shown)
    assert all(set(map(str, row)) & shown for row in whole)
    assert all(row in whole for row in left if tasks & set(map(str, row)))
    left.clear()
    watch_events(source, Look(actions=actions, asked=question, say=refuse_to_be_told))
    words = {str(cell) for row in left for cell in row}
    assert not tasks & words
    assert not any("of one customer" in word for word in words)
    assert words & ids <= {event_id for alarm in cube.alarms.values() for event_id in alarm.events}


def test_a_table_of_texts_is_read_row_by_row_to_the_same_end(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bad_rows, "BAD_SHARE", 1.0)
    rows = [a_row(Random(index)) for index in range(200)]
    for row in rows:
        # PostgreSQL's texts hold no zero byte, which the odd calls have as an escape only.
        row["cost_usd"] = None if row["cost_usd"] != 0.25 else 0.25
    url = fill(server, "texts", rows)
    said: list[str] = []
    found = aggregate_events(url, ACTIONS, now=NOW, same_call_limit=1, say=said.append)
    (reason,) = said
    assert "is read row by row: calls or times are of types that its SQL can't be sure of" in reason
    assert PASSWORD not in reason
    assert found.rows == 200 == found.counted + found.merged + found.not_live + found.bad_rows
    assert found.counted > 100


def test_postgresql_joins_without_comparing_every_row_with_every_other(server: str) -> None:
    source = name_source(fill(server, "joined", good_rows(1), JSONB))
    assert not hasattr(source, "paths")
    with open_table(source, is_snapshot=True) as (connection, table):
        one = f"(SELECT * FROM {table.name} LIMIT 1)"
        query = f"EXPLAIN SELECT 1 FROM {one} AS few JOIN {one} AS more USING (task_id)"
        found = connection.exec_driver_sql(query, execution_options={"stream_results": False})
        plan = "\n".join(line for (line,) in found)
    assert "Nested Loop" not in plan
    assert "Join" in plan


def test_the_rows_that_a_look_goes_on_with_are_found_by_joins(server: str) -> None:
    source = name_source(fill(server, "parted", good_rows(3), JSONB))
    assert isinstance(source, TableSource)
    with open_warehouse(source, ACTIONS, task_model.asked()) as warehouse:
        assert warehouse is not None
        part = WarehouseParts(warehouse, 1).part(0)
        plan = [line for (line,) in warehouse.run(f"EXPLAIN SELECT 1 FROM {part.relation} AS one")]
    # A list of tasks that doesn't fit in the memory of a query would be gone through for each row.
    assert not any("SubPlan" in line for line in plan)


def test_over_one_percent_bad_rows_are_refused_with_their_places(server: str) -> None:
    rows = good_rows(100)
    rows[7]["release"] = ""
    rows[8]["mode"] = "out"
    url = fill(server, "bad", rows, JSONB)
    for read in (aggregate_there, read_events):
        with pytest.raises(ConfigurationError) as caught:
            read(url)
        places = [problem.place for problem in caught.value.problems]
        assert places == ["row 8 by event_id", "row 9 by event_id"]
        assert PASSWORD not in str(caught.value)


def test_evidence_of_a_table_is_that_of_a_file_and_shows_no_secret(
    server: str, tmp_path: Path
) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    suite.write_cases()
    rows = good_rows(300)
    url = fill(server, "live reviews", rows, JSONB)
    lines = [json.dumps({**row, "proposed": json.loads(row["proposed"])}) + "\n" for row in rows]
    (tmp_path / "events.jsonl").write_text("".join(lines), "utf-8")
    when = ("--now", "2026-10-01", "--json", "-", "--markdown", "e.md")
    table = dialgate("evidence", "shop", "--events", url, *when, folder=tmp_path)
    file = dialgate("evidence", "shop", "events.jsonl", *when[:-2], folder=tmp_path)
    assert (table.code, file.code) == (0, 0), table.err
    assert table.verdict()["digest"] == file.verdict()["digest"]
    assert table.verdict()["source"].endswith("/postgres#live reviews")
    shown = table.out + table.err + (tmp_path / "e.md").read_text("utf-8")
    assert "s3cret" not in shown
    wrong = dialgate("evidence", "shop", url.replace("s3cret", "wr0ng"), folder=tmp_path)
    assert wrong.code == 2
    assert "password authentication failed" in wrong.err
    assert "wr0ng" not in wrong.err
