"""CSV as spreadsheets write it: separators, the line that names one, encodings, decimal commas."""

from __future__ import annotations

import codecs
import csv
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


def cost(cell: str, tmp_path: Path, *, separator: str = ";", others: str = "") -> object:
    """What is read of a cell of `cost_usd`; `others` is one in the same column."""
    path = tmp_path / "events.csv"
    rows = [["event_id", "cost_usd"], ["e0", cell], *([["e1", others]] if others else [])]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    row = next(read_csv_rows(path))[1]
    assert isinstance(row, dict)
    return row.get("cost_usd")


@pytest.mark.parametrize(
    ("cell", "others", "value"),
    [
        ("1.234,56", "", 1234.56), ("1.234.567,5", "", 1234567.5), ("-0,5", "", -0.5),
        # a column with decimal commas has no decimal points
        ("1.234", "0,5", 1234), ("1.234", "0.5", 1.234), ("0.234", "0,5", 0.234),
        ("1,234.56", "", 1234.56), ("1e-2", "", 0.01), ("1,2,3", "", "1,2,3"),
        ("0,5 EUR", "", "0,5 EUR"),
    ],
)  # fmt: skip
def test_a_number_of_a_spreadsheet(cell: str, others: str, value: object, tmp_path: Path) -> None:
    assert cost(cell, tmp_path, others=others) == value


@pytest.mark.parametrize("separator", [",", ";"])
def test_commas_that_group_thousands(separator: str, tmp_path: Path) -> None:
    assert cost("12,345.5", tmp_path, separator=separator) == 12345.5


@pytest.mark.parametrize("word", ["NULL", "NaN", "nan", "NaT", "None", "<NA>", "\\N"])
def test_a_word_for_no_value_is_none(word: str, tmp_path: Path) -> None:
    assert cost(word, tmp_path) is None


def test_a_word_for_no_value_may_be_a_persons_name(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("event_id,reviewer,reason\ne0,NULL,\\N\n", "utf-8")
    assert list(read_csv_rows(path)) == [("line 2", {"event_id": "e0", "reviewer": "NULL"})]


def test_columns_in_capitals_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(table(",").replace(",".join(HEAD), ",".join(HEAD).upper()), "utf-8")
    assert list(read_csv_rows(path)) == [("line 2", ROW)]


def test_a_column_in_two_spellings_stands_twice(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("event_id,EVENT_ID,mode\ne0,e1,shadow\n", "utf-8")
    ((_, row),) = read_csv_rows(path)
    assert "a column twice" in str(row)
