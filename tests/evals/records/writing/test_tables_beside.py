"""What writes tables beside a run: a process of its own, and this one where that fails."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.records.parquet_tables import TRIAL_COLUMNS, RowFile
from dialgate_evals.records.run_tables import read_rows
from dialgate_evals.records.writing import tables_beside
from dialgate_evals.records.writing.tables_beside import (
    WriterInProcess,
    WriterInThread,
    open_beside,
)

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.records.writing.tables_beside import TableWriter

_COLUMNS = {name: TRIAL_COLUMNS[name] for name in ("case_id", "trial")}
_ROWS = [("a", 0), ("a, 'b'", 1), ("c\n{", 2)]


def _write(writer: TableWriter, path: Path) -> bytes:
    with closing(writer), RowFile(path, _COLUMNS) as rows:
        for row in _ROWS:
            rows.add(row)
        rows.write(writer)
    return path.read_bytes()


class TestAProcessOfItsOwn:
    def test_it_writes_the_same_bytes_as_this_process(self, tmp_path: Path) -> None:
        here = _write(WriterInThread(), tmp_path / "it's here.parquet")
        assert _write(WriterInProcess(), tmp_path / "it's there.parquet") == here

    def test_it_is_gone_once_it_is_closed(self) -> None:
        writer = WriterInProcess()
        number = writer.process.pid
        writer.close()
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)

    def test_it_is_gone_once_nobody_holds_it(self) -> None:
        writer = WriterInProcess()
        process = writer.process
        del writer
        assert process.returncode is not None


class TestWhereItFails:
    def test_this_process_writes_where_that_one_lacks_duckdb(self, tmp_path: Path) -> None:
        path = tmp_path / "rows.parquet"
        _write(WriterInProcess(paths=[]), path)
        assert read_rows(path, tuple(_COLUMNS)) == _ROWS

    def test_this_process_writes_where_that_one_was_killed(self, tmp_path: Path) -> None:
        path = tmp_path / "rows.parquet"
        writer = WriterInProcess()
        writer.execute("SELECT 1")
        writer.process.kill()
        _write(writer, path)
        assert read_rows(path, tuple(_COLUMNS)) == _ROWS

    @pytest.mark.parametrize("kind", [WriterInProcess, WriterInThread])
    def test_what_can_not_be_done_is_the_same_error(self, kind: type[TableWriter]) -> None:
        import duckdb

        with closing(kind()) as writer, pytest.raises(duckdb.CatalogException, match="no_such"):
            writer.execute("FROM no_such")


class TestWhereItIsOpened:
    def test_a_process_that_has_duckdb_already_opens_no_other(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import duckdb

        monkeypatch.setitem(sys.modules, "duckdb", duckdb)
        with closing(open_beside(1_000)) as writer:
            assert isinstance(writer, WriterInThread)

    def test_a_process_without_it_opens_another(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "duckdb", raising=False)
        with closing(open_beside(1_000)) as writer:
            assert isinstance(writer, WriterInProcess)

    def test_few_trials_are_not_worth_another(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "duckdb", raising=False)
        with closing(open_beside(999)) as writer:
            assert isinstance(writer, WriterInThread)

    def test_where_none_can_be_started_this_one_opens_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[str] = []
        monkeypatch.delitem(sys.modules, "duckdb", raising=False)
        monkeypatch.setattr(sys, "executable", "/no/such/python")
        monkeypatch.setattr(tables_beside, "WriterInThread", lambda: opened.append("here"))
        open_beside(1_000)
        assert opened == ["here"]
