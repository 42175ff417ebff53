"""Small sources are counted in the process's DuckDB, others in their own: to the same end."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.events.counts import counting_database
from dialgate_evals.events.counts.cube_of_files import aggregate_files
from dialgate_evals.events.named_source import FileSource, name_source
from dialgate_evals.events.tables.duckdb_relation import read_connection
from tests.evals.events import task_model
from tests.evals.events.event_tables import ACTIONS, task_rows, write_json_lines, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.events.event_cube import EventCube

NOW = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)


def source_of(folder: Path, name: str = "events.parquet") -> FileSource:
    write = write_parquet if name.endswith("parquet") else write_json_lines
    write(task_rows(Random(3), 60), folder / name)
    found = name_source(folder / name)
    assert isinstance(found, FileSource)
    return found


def names_of_databases() -> list[str]:
    with read_connection() as connection:
        found = connection.execute("SELECT database_name FROM duckdb_databases() ORDER BY 1")
        return [name for (name,) in found.fetchall()]


@pytest.mark.parametrize("name", ["events.parquet", "events.jsonl"])
def test_where_it_is_counted_is_not_seen(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = source_of(tmp_path, name)

    def cube() -> EventCube:
        return aggregate_files(source, ACTIONS, now=NOW, limit=1, asked=task_model.asked())

    here = cube()
    assert here.alarms
    monkeypatch.setattr(counting_database, "SMALL_BYTES", 0)
    assert cube() == here


def test_a_small_source_leaves_nothing_behind_also_where_it_fails(tmp_path: Path) -> None:
    source, before = source_of(tmp_path), names_of_databases()

    def fail() -> None:
        with counting_database.counting_database(source) as connection:
            assert names_of_databases() != before
            connection.execute("CREATE TABLE checked (x INTEGER)")
            raise ValueError("of the test")

    with pytest.raises(ValueError, match="of the test"):
        fail()
    assert names_of_databases() == before


@pytest.mark.parametrize("is_named", [True, False])
def test_what_is_large_or_may_grow_has_bounds_and_a_disk_of_its_own(
    is_named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting_database, "SMALL_BYTES", 0)
    source = source_of(tmp_path) if is_named else None
    before = names_of_databases()
    with counting_database.counting_database(source) as connection:
        assert names_of_databases() == before
        found = connection.execute(
            "SELECT current_database(), current_setting('memory_limit'), "
            "current_setting('temp_directory') LIKE '%/spill'"
        )
        assert found.fetchall() == [("events", "953.6 MiB", True)]
