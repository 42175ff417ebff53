"""CSV as spreadsheets write it: separators, the line that names one, encodings, decimal commas."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.tables.csv_rows import read_csv_rows

if TYPE_CHECKING:
    from pathlib import Path

HEAD = ["event_id", "occurred_at", "proposed", "cost_usd", "canary"]
CELLS = ["e0", "2026-11-01T08:37:00Z", '"{""name"": ""pay""}"', "0.5", "TRUE"]
ROW = {
    "event_id": "e0", "occurred_at": "2026-11-01T08:37:00Z", "proposed": {"name": "pay"},
    "cost_usd": 0.5, "canary": True,
}  # fmt: skip


def table(separator: str) -> str:
    return "".join(f"{separator.join(cells)}\r\n" for cells in (HEAD, CELLS))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16"], ids=["plain", "BOM", "UTF-16"]
)
def test_each_separator_and_encoding(separator: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(table(separator).encode(encoding))
    assert list(read_csv_rows(path)) == [("line 2", ROW)]


@pytest.mark.parametrize("said", ["sep=#", "SEP=#", '"sep=#"'])
def test_a_line_that_names_the_separator(said: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(codecs.BOM_UTF8 + f"{said}\r\n{table('#')}".encode())
    assert list(read_csv_rows(path)) == [("line 3", ROW)]


def test_a_decimal_comma_is_a_point_where_commas_part_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(table(";").replace("0.5", "0,5"), "utf-8")
    assert list(read_csv_rows(path)) == [("line 2", ROW)]


def test_rows_of_empty_cells_hold_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(table(";") + ";;;;\r\n\r\n", "utf-8")
    assert len(list(read_csv_rows(path))) == 1


def test_a_head_that_nothing_parts_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(table("^"), "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        list(read_csv_rows(path))
    assert "a comma, a semicolon, a tab, a bar" in str(caught.value)
    assert len(caught.value.problems) == 1
