"""Tables of records are read by one database, which keeps nothing of a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import duckdb
import pytest

from dialgate_evals.errors import RecordError
from dialgate_evals.records.run_tables import read_rows

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, name: str) -> Path:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT '{name}' AS name) TO '{path}' (FORMAT parquet)")
    return path


def test_a_second_table_opens_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (write(tmp_path / name, name) for name in ("one", "two"))
    assert read_rows(first, ("name",)) == [("one",)]
    monkeypatch.delattr(duckdb, "connect")
    assert read_rows(second, ("name",)) == [("two",)]


def test_a_table_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    """Also by one of the same size and time."""
    path = write(tmp_path / "table", "one")
    times = path.stat()
    assert read_rows(path, ("name",)) == [("one",)]
    path.write_bytes(write(tmp_path / "other", "two").read_bytes())
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    assert read_rows(path, ("name",)) == [("two",)]


def test_after_a_damaged_table_the_next_is_read(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.write_text("no table")
    with pytest.raises(RecordError, match="can't be read"):
        read_rows(damaged, ("name",))
    assert read_rows(write(tmp_path / "good", "good"), ("name",)) == [("good",)]
