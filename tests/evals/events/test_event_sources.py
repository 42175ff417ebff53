"""Whatever holds the events: every row is an event, a bad row with its place, or said twice."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialgate_evals.errors import ConfigurationError, DialgateError
from dialgate_evals.events.counts.review_event_files import read_events, rows_of
from dialgate_evals.events.named_source import FileSource, TableSource, name_source
from dialgate_evals.events.review_event_lines import EventLines
from tests.evals.events.event_tables import (
    TYPES,
    Cells,
    few_rows,
    write_csv,
    write_duckdb,
    write_json_lines,
    write_parquet,
)

if TYPE_CHECKING:
    from pathlib import Path

CALL = '{"name": "pay", "arguments": {"amount": 1}}'
ROW: Cells = {
    "event_id": "e1",
    "occurred_at": "2026-09-01T08:37:00Z",
    "task_id": "t1",
    "release": "2",
    "mode": "in_the_loop",
    "decision": "edited",
    "proposed": CALL,
    "corrected": CALL,
    "reviewer": "Ada",
    "cost_usd": 0.25,
    "canary": True,
}
WRITERS = {
    "events.jsonl": write_json_lines,
    "events.csv": write_csv,
    "events.parquet": write_parquet,
    "events.db": write_duckdb,
}
# The file is written anew for each example.
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(rows: list[Cells], folder: Path, name: str) -> str:
    """The rows in a new file of that name; what a person would call it."""
    path = folder / name
    path.unlink(missing_ok=True)
    WRITERS[name](rows, path)
    return f"duckdb:///{path}" if name == "events.db" else str(path)


def read_all(source: str) -> EventLines:
    """Every row, also where more than 1 % are bad."""
    found = EventLines()
    for file, place, document in rows_of(name_source(source)):
        found.add(document, place, file)
    return found


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_says_the_same_of_an_event(name: str, tmp_path: Path) -> None:
    found = read_events(write([ROW], tmp_path, name))
    (event,) = found.events
    assert (event.event_id, event.occurred_at.isoformat()) == ("e1", "2026-09-01T08:37:00+00:00")
    assert event.corrected is not None
    assert event.corrected.as_json() == json.loads(CALL)
    assert (event.cost_usd, event.canary, event.latency_ms, event.reason) == (
        0.25,
        True,
        None,
        None,
    )
    assert event.place.endswith(":2" if name == "events.csv" else ":1")


@pytest.mark.parametrize("name", WRITERS)
def test_a_bad_row_is_named_with_its_place_in_every_format(name: str, tmp_path: Path) -> None:
    rows = [{**ROW, "event_id": f"e{index}"} for index in range(200)]
    rows[149]["mode"] = "out"
    found = read_events(write(rows, tmp_path, name))
    (problem,) = found.bad
    number = 151 if name == "events.csv" else 150
    assert problem.place in {f"line {number}", f"row {number}"}
    assert 'mode "out"' in problem.found
    rows[150]["decision"] = rows[151]["event_id"] = ""
    with pytest.raises(ConfigurationError) as caught:
        read_events(write(rows, tmp_path, name))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("name", "examples"),
    [("events.jsonl", 120), ("events.csv", 120), ("events.parquet", 20), ("events.db", 12)],
)
def test_no_file_of_random_rows_loses_one(name: str, examples: int, tmp_path: Path) -> None:
    @settings(same_folder, max_examples=examples)
    @given(few_rows)
    def check(rows: list[Cells]) -> None:
        found = read_all(write(rows, tmp_path, name))
        assert found.rows == len(rows)
        assert found.rows == len(found.events) + len(found.bad) + found.merged + found.not_live
        assert len({problem.place for problem in found.bad}) == len(found.bad)
        assert len({event.event_id for event in found.events}) == len(found.events)

    check()


@pytest.mark.parametrize(("ending", "examples"), [(".jsonl", 100), (".csv", 100), (".parquet", 20)])
def test_no_file_of_random_bytes_crashes_or_passes_for_an_empty_one(
    ending: str, examples: int, tmp_path: Path
) -> None:
    piece = st.sampled_from([b'"', b",", b"\n", b"{", b"}", b"event_id", b"\x00", b"\xff", b"\r"])

    @settings(same_folder, max_examples=examples)
    @given(st.lists(piece | st.binary(max_size=8), max_size=20).map(b"".join))
    def check(raw: bytes) -> None:
        path = tmp_path / f"events{ending}"
        path.write_bytes(raw)
        try:
            found = read_all(str(path))
        except DialgateError as error:
            return _assert_names(error, path)
        assert ending != ".parquet"
        assert found.rows == len(found.events) + len(found.bad) + found.merged + found.not_live
        lines = [line for line in raw.split(b"\n") if line.strip()]
        assert ending != ".jsonl" or found.rows == len(lines)
        return None

    check()


def _assert_names(error: DialgateError, path: Path) -> None:
    # CSV too: a head that nothing parts into known columns is one sentence, not a line a row.
    assert path.suffix in {".parquet", ".csv"}
    assert path.name in str(error)


def test_an_open_quote_in_csv_is_a_bad_row_for_every_line_that_it_swallows(tmp_path: Path) -> None:
    rows: list[Cells] = [{**ROW, "event_id": f"e{index}"} for index in range(30)]
    for row in rows[10:]:
        # Without quotes of their own behind it, nothing ends the open one.
        row.update(proposed="x", corrected="x")
    source = write(rows, tmp_path, "events.csv")
    text = (tmp_path / "events.csv").read_text("utf-8")
    (tmp_path / "events.csv").write_text(text.replace("e10,", '"e10,', 1), "utf-8")
    found = read_all(source)
    assert len(found.events) == 10
    assert len(found.bad) == 20


def test_a_cell_over_several_lines_is_one_row_at_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["reason", *TYPES])
        for index in range(2):
            writer.writerow(
                ["a\nb\nc", *({**ROW, "event_id": index}.get(key, "") for key in TYPES)]
            )
    found = read_all(str(path))
    assert [problem.place for problem in found.bad] == ["line 2", "line 5"]
    assert "canary" in found.bad[0].found


def test_a_folder_holds_files_of_one_kind_in_order_of_their_names(tmp_path: Path) -> None:
    for index in range(3):
        write_parquet([{**ROW, "event_id": f"e{index}"}], tmp_path / f"part-{index}.parquet")
    (tmp_path / "_SUCCESS").touch()
    assert [event.event_id for event in read_events(tmp_path).events] == ["e0", "e1", "e2"]
    assert len(read_events(f"{tmp_path}/part-[01].parquet").events) == 2
    (tmp_path / "more.csv").touch()
    with pytest.raises(ConfigurationError, match="csv and parquet files"):
        read_events(tmp_path)
    with pytest.raises(ConfigurationError, match="no files of review events"):
        read_events(f"{tmp_path}/*.jsonl")


def test_a_file_whose_name_is_a_pattern_is_that_file(tmp_path: Path) -> None:
    write_parquet([ROW], tmp_path / "a[1]'s.parquet")
    write_parquet([{**ROW, "event_id": "other"}], tmp_path / "a1's.parquet")
    assert read_events(tmp_path / "a[1]'s.parquet").events[0].event_id == "e1"


@pytest.mark.parametrize(
    ("types", "found"),
    [
        ({**TYPES, "event_id": "INTEGER"}, "event_id: found type INTEGER; expected text"),
        ({**TYPES, "occurred_at": "TIMESTAMP"}, "occurred_at: found type TIMESTAMP; expected a ti"),
        ({**TYPES, "latency_ms": "VARCHAR"}, "latency_ms: found type VARCHAR; expected numbers"),
        ({**TYPES, "more": "VARCHAR"}, 'found the unknown column "more"'),
        ({key: TYPES[key] for key in TYPES if key != "mode"}, "found no column mode"),
    ],
    ids=["id", "time", "number", "unknown", "absent"],
)
def test_columns_that_no_event_can_be_read_from_are_refused_at_once(
    types: dict[str, str], found: str, tmp_path: Path
) -> None:
    write_parquet([], tmp_path / "events.parquet", types)
    with pytest.raises(ConfigurationError) as caught:
        read_events(tmp_path / "events.parquet")
    assert found in str(caught.value)


STRUCTURES = {
    "amount": "STRUCT(name VARCHAR, arguments STRUCT(amount INTEGER, note VARCHAR))",
    "text": "STRUCT(name VARCHAR, arguments VARCHAR)",
    "map": "STRUCT(name VARCHAR, arguments MAP(VARCHAR, INTEGER))",
}


@pytest.mark.parametrize("kind", STRUCTURES)
def test_structures_are_read_as_calls_and_their_null_fields_are_absent(
    kind: str, tmp_path: Path
) -> None:
    arguments: Any = {"amount": 3}
    given_arguments: Any = {"amount": 3, "note": None} if kind == "amount" else arguments
    if kind == "text":
        given_arguments = json.dumps(arguments)
    row = {**ROW, "proposed": {"name": "pay", "arguments": given_arguments}, "decision": "approved"}
    types = {**TYPES, "proposed": STRUCTURES[kind], "occurred_at": "TIMESTAMPTZ"}
    write_parquet([row], tmp_path / "events.parquet", types)
    (event,) = read_events(tmp_path / "events.parquet").events
    assert event.proposed.as_json() == {"name": "pay", "arguments": arguments}
    assert event.occurred_at.isoformat() == "2026-09-01T08:37:00+00:00"


def test_a_url_names_its_table_and_shows_no_secret() -> None:
    for text in (
        "postgresql://ada:s3cret@db.example:5432/shop?table=live.reviews&sslpassword=t0ken",
        "postgresql://ada:s3cret@db.example/shop?sslpassword=t0ken#live.reviews",
    ):
        source = name_source(text)
        assert isinstance(source, TableSource)
        assert source.table == ("live", "reviews")
        assert source.shown == "postgresql://db.example/shop#live.reviews"
        assert source.url.endswith("/shop?sslpassword=t0ken")
    assert isinstance(name_source("events.jsonl"), FileSource)


@pytest.mark.parametrize("text", ["postgresql://u:pa#ss@h/db", 'sqlite:///x#a"; DROP TABLE b--'])
def test_what_is_no_name_of_a_table_is_refused_unseen(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        name_source(text)
    assert "ss@h" not in str(caught.value)
    assert "DROP" not in str(caught.value)


def test_a_database_without_the_table_is_refused_and_names_no_password(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match='no table "review_events"'):
        read_events(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(ConfigurationError) as caught:
        read_events("nosuchdialect://ada:s3cret@db.example/shop")
    assert "s3cret" not in str(caught.value)
    assert "Install this database's dialect for SQLAlchemy." in str(caught.value)


def test_a_table_that_sqlalchemy_reads_is_read_in_order_of_event_id(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "events.db") as database:
        columns = [name for name in ROW if name != "canary"]
        kinds = ", ".join(
            f'"{name}" {"REAL" if name == "cost_usd" else "TEXT"}' for name in columns
        )
        database.execute(f'CREATE TABLE "my reviews" ({kinds})')
        for event_id in ("e2", "e1", "e3"):
            values = [{**ROW, "event_id": event_id}[name] for name in columns]
            marks = ", ".join("?" * len(columns))
            database.execute(f'INSERT INTO "my reviews" VALUES ({marks})', values)
    database.close()
    found = read_events(f"sqlite:///{tmp_path}/events.db#my reviews")
    assert [event.event_id for event in found.events] == ["e1", "e2", "e3"]
    assert found.events[1].place.endswith("#my reviews:2 by event_id")
