"""Review events in Snowflake: aggregated there as they are read here.

No test reaches a Snowflake: fakesnow stands in, behind the real dialect and connector.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events import bad_rows
from dialgate_evals.events.counts.cube_of_files import aggregate_files
from dialgate_evals.events.counts.event_aggregation import aggregate_events
from dialgate_evals.events.counts.warehouse_cube import aggregate_warehouse
from dialgate_evals.events.named_source import name_source
from tests.evals.events.event_tables import ACTIONS, TYPES, Cells, a_row, good_rows
from tests.integration.command_line import dialgate
from tests.integration.events.snowflake_server import PASSWORD, URL, fill, run, snowflake_server
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from dialgate_evals.events.event_cube import EventCube

NOW = dt.datetime(2026, 9, 2, tzinfo=dt.UTC)
KINDS = {name: {"DOUBLE": "float"}.get(kind, kind.lower()) for name, kind in TYPES.items()} | {
    "occurred_at": "timestamp_tz",
    "proposed": "variant",
    "corrected": "variant",
}


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with (
        snowflake_server(tmp_path_factory.mktemp("snowflake")) as environment,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in environment.items():
            patch.setenv(name, value)
        yield


pytestmark = pytest.mark.usefixtures("_server")


@pytest.fixture
def _any_share_of_bad_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bad_rows, "BAD_SHARE", 1.0)


def fill_with(table: str, rows: Sequence[Cells], kinds: Mapping[str, str] = KINDS) -> str:
    """The rows in a new table of these types; its URL."""
    cells = [[row.get(name.strip('"')) for name in kinds] for row in rows]
    return fill(table, kinds, cells)


def rows_for_variants(seed: int, count: int) -> list[Cells]:
    """Rows that the columns' types let in: JSON as VARIANT holds it, times with a zone."""
    rows = []
    for index in range(count):
        row = a_row(Random(seed + index))
        for name in ("proposed", "corrected"):
            row[name] = None if row[name] is None else _as_variant(row[name])
        at = row["occurred_at"]
        good = at and at[:4] in {"2026", "1969"} and len(at) > 18 and at[8:10] != "30"
        row["occurred_at"] = at.replace("t", "T") if good and "T24" not in at else None
        rows.append(row)
    return rows


def _as_variant(text: str) -> str:
    """The text as Snowflake would write the value again; of what it refuses another value."""
    try:
        value = json.loads(text)
        written = json.dumps(
            value, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":")
        )
        return written if written.encode() and not re.search("[0-9]{39}", written) else "[1]"
    except ValueError:
        return "[1]"


def aggregate(url: str, **more: Any) -> EventCube:
    return aggregate_files(name_source(url), ACTIONS, now=NOW, limit=1, **more)


def aggregate_there(url: str) -> EventCube:
    source = name_source(url)
    assert not hasattr(source, "paths")
    found = aggregate_warehouse(source, ACTIONS, now=NOW, limit=1)
    assert found is not None
    return found


def read_by_row(url: str, because: str) -> EventCube:
    """The cube of a table that is read row by row, for a reason that is told."""
    said: list[str] = []
    found = aggregate_events(url, ACTIONS, now=NOW, same_call_limit=1, say=said.append)
    (reason,) = said
    assert reason.startswith(f"snowflake:///#{url.partition('#')[2]} is read row by row: ")
    assert because in reason
    assert PASSWORD not in reason
    return found


@pytest.mark.usefixtures("_any_share_of_bad_rows")
def test_snowflake_counts_what_reading_every_row_counts() -> None:
    url = fill_with("review_events", rows_for_variants(2_000, 60))
    there = aggregate_there(url)
    assert there.rows == 60 == there.counted + there.merged + there.not_live + there.bad_rows
    assert there.bad_rows
    assert there.counted > 20
    assert there == aggregate(url)


@pytest.mark.usefixtures("_any_share_of_bad_rows")
def test_a_table_that_keeps_no_history_is_read_row_by_row_to_the_same_end() -> None:
    url = fill_with("events_without_history", rows_for_variants(2_000, 25))
    found = read_by_row(url, "its database refuses a query (")
    assert found.rows == 25 == found.counted + found.merged + found.not_live + found.bad_rows
    assert found.counted > 5


def test_rows_too_long_for_a_statement_are_read_one_by_one() -> None:
    url = fill_with("long", [{**row, "event_id": "e" * 600_000} for row in good_rows(1) * 2])
    found = read_by_row(url, "a query of it would be too long")
    assert (found.counted, found.merged) == (1, 1)


@pytest.mark.usefixtures("_any_share_of_bad_rows")
def test_json_that_python_can_not_read_is_a_bad_row_also_where_sql_was_sure_of_it() -> None:
    rows = good_rows(2)
    # Longer than any number in a VARIANT; what stands in for Snowflake keeps it.
    rows[1]["proposed"] = '{"name": "pay", "arguments": {"amount": %s}}' % ("9" * 5_000)
    url = fill_with("long_number", rows)
    found = read_by_row(url, "its SQL is sure of a call that holds ")
    assert (found.counted, found.bad_rows) == (1, 1)


def test_a_table_whose_rows_go_while_they_are_counted_is_read_by_one_query() -> None:
    # The server has no history: after a few questions this view gives a quarter of its rows.
    fill_with("going", good_rows(40))
    run(
        "CREATE OR REPLACE SEQUENCE asked",
        "CREATE OR REPLACE VIEW goes AS SELECT given.* EXCLUDE (place) FROM "
        "(SELECT going.*, asked.NEXTVAL AS place FROM going) AS given "
        "WHERE place <= 130 OR place % 4 = 0",
    )
    found = read_by_row(f"{URL}#goes", "its rows changed while they were counted")
    assert 0 < found.counted <= 40, "those of the one look that it rests on"


HOSTILE = "a'b\\c\"d\\'; DROP TABLE x --%s :x $$ \u2028\n\t{é}"


def hostile_rows() -> list[Cells]:
    """Every row is said twice: all of them go through Python and back as literals."""
    return [
        {
            "event_id": f"{HOSTILE}{index}",
            "occurred_at": f"2026-09-01T08:37:0{index}+05:30",
            "task_id": HOSTILE,
            "release": HOSTILE,
            "mode": "in_the_loop",
            "decision": "approved",
            "proposed": json.dumps({"name": HOSTILE, "arguments": {"id": HOSTILE}}),
            "reviewer": HOSTILE,
            "latency_ms": 1234.567891,
            "cost_usd": "0.013",
            "schema": 1,
        }
        for index in (1, 2, 3, 1, 2)
    ]


def test_hostile_texts_pass_through_snowflake_unharmed() -> None:
    kinds = KINDS | {"cost_usd": "number(38, 6)", "schema": "number(38, 0)"}
    kinds |= {"occurred_at": "timestamp_ltz", "proposed": "object"}
    quoted = {f'"{name}"': kind for name, kind in kinds.items()}
    url = fill_with('"Odd events"', hostile_rows(), quoted)
    there = aggregate_there(url.replace('"', ""))
    assert (there.rows, there.counted, there.merged) == (5, 3, 2)
    assert list(there.reviewers) == [HOSTILE]
    assert {group.release for group in there.days} == {HOSTILE}
    assert there == aggregate(url.replace('"', ""))


BY_ROW = (
    "CREATE OR REPLACE VIEW reviews_by_row AS "
    "SELECT * REPLACE (TO_JSON(proposed) AS proposed) FROM live_reviews"
)


def test_evidence_of_a_table_is_that_of_its_rows_and_of_a_file_and_shows_no_secret(
    tmp_path: Path,
) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    suite.write_cases()
    rows = good_rows(50)
    url = fill_with("live_reviews", rows)
    lines = [json.dumps({**row, "proposed": json.loads(row["proposed"])}) + "\n" for row in rows]
    (tmp_path / "events.jsonl").write_text("".join(lines), "utf-8")
    when = ("--now", "2026-10-01", "--json", "-", "--markdown", "e.md")
    table = dialgate("evidence", "shop", "--events", url, *when, folder=tmp_path)
    file = dialgate("evidence", "shop", "events.jsonl", *when[:-2], folder=tmp_path)
    run(BY_ROW)
    by_row = url.replace("live_reviews", "reviews_by_row")
    assert (table.code, file.code) == (0, 0), table.err
    assert table.verdict()["digest"] == file.verdict()["digest"]
    found = read_by_row(by_row, "calls or times are of types that its SQL can't be sure of")
    assert found == aggregate(str(tmp_path / "events.jsonl"))
    assert table.verdict()["source"] == "snowflake:///#live_reviews"
    assert "connector" not in table.err
    shown = table.out + table.err + (tmp_path / "e.md").read_text("utf-8")
    assert PASSWORD not in shown
    assert "connection_name" not in shown


def test_over_one_percent_bad_rows_are_refused_with_their_places() -> None:
    rows = good_rows(40)
    rows[7]["release"] = ""
    rows[8]["mode"] = "out"
    with pytest.raises(ConfigurationError) as caught:
        aggregate_there(fill_with("bad", rows))
    places = [problem.place for problem in caught.value.problems]
    assert places == ["row 8 by event_id", "row 9 by event_id"]
    assert PASSWORD not in str(caught.value)
