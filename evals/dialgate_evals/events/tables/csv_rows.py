"""Review events from CSV: a head with the names of the columns, structured cells as JSON text.

Knows the separators, encodings and numbers of spreadsheets, and columns in capitals as warehouses
export them. An empty cell is an absent value. What the CSV rules refuse is a bad row, never a
shorter file.
"""

from __future__ import annotations

import codecs
import csv
import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.cells import COLUMNS, JSON_COLUMNS, NUMBERS, read_json_cell
from dialgate_evals.files.json_text import LINE_LIMIT_BYTES, JsonTextError, parse_json
from dialgate_evals.files.problems import Problem, show_path, show_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_JSON_WORDS = (*NUMBERS, "canary")
"""Columns whose cells are JSON numbers or words, where the others are plain text."""

_SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
_SAID = re.compile(r'"?sep=(?P<separator>[^\w\s"\x00-\x1f\x7f-\uffff]|\t)"?\s*', re.IGNORECASE)
# the line by which spreadsheets say which one they mean
_DECIMAL_COMMA = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:\.\d{3})+")
_GROUPED_BY_COMMAS = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3})+\.\d+")
_NOTHING = frozenset({"NULL", "null", "NaN", "nan", "NaT", "None", "<NA>", "#N/A"})
# how databases and data frames write an absent number or object
_NOTHING_ANYWHERE = "\\N"
# as MySQL and PostgreSQL write it in text


def read_csv_rows(path: Path) -> Iterator[tuple[str, object]]:
    """Place and object of each row; a bad row gives its JsonTextError.

    Raises OSError, and ConfigurationError where no separator parts the head into known columns.
    """
    csv.field_size_limit(LINE_LIMIT_BYTES)
    # Bytes that are not UTF-8 stay as surrogates, so that they cost one row and not the file.
    encoding = _encoding(path)
    errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        first = file.readline()
        said = _SAID.fullmatch(first)
        skipped = 1 if said else 0
        line = file.readline() if said else first
        separator = said["separator"] if said else _separator_of(line, path)
        lines = chain([line] if line else [], file)
        reader = csv.reader(lines, delimiter=separator, strict=True)
        yield from _rows(reader, skipped, _has_decimal_commas(path, encoding, errors, separator))


def _has_decimal_commas(path: Path, encoding: str, errors: str, separator: str) -> bool:
    """Whether numbers of the file have decimal commas: then a point in them groups thousands."""
    if separator == ",":
        return False
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        reader = csv.reader(file, delimiter=separator)
        numbers: list[int] = []
        try:
            for cells in reader:
                if not numbers:
                    names = [_name(cell) for cell in cells]
                    numbers = [index for index, name in enumerate(names) if name in NUMBERS]
                elif any(i < len(cells) and _DECIMAL_COMMA.fullmatch(cells[i]) for i in numbers):
                    return True
        except csv.Error:
            return False
    return False


def _name(cell: str) -> str:
    """The column that a cell of the head means: in capitals too, as warehouses export it."""
    name = cell.strip()
    return name.lower() if name.lower() in COLUMNS else name


def _rows(reader: Any, skipped: int, has_commas: bool) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - csv's
    head: list[str] | None = None
    while True:
        start = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # An open quote swallows lines: each of them is a row that was not read.
            for number in range(start, max(start, reader.line_num + skipped) + 1):
                yield f"line {number}", JsonTextError(f"a row that is no CSV ({error})")
            continue
        if head is None:
            head = [_name(cell) for cell in cells]
        elif any(cells):
            yield f"line {start}", _row(head, cells, has_commas)


def _encoding(path: Path) -> str:
    """By the file's first bytes: spreadsheets also write UTF-16."""
    with path.open("rb") as file:
        begin = file.read(2)
    is_utf16 = begin in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    return "utf-16" if is_utf16 else "utf-8-sig"


def _separator_of(head: str, path: Path) -> str:
    """The separator that parts the head into the most known columns."""

    def known(separator: str) -> int:
        cells = next(csv.reader([head], delimiter=separator), [])
        return len({_name(cell) for cell in cells} & set(COLUMNS))

    best = max(_SEPARATORS, key=known)
    if head.strip() and known(best) < 2:
        tried = ", ".join(_SEPARATORS.values())
        raise ConfigurationError(
            [
                Problem(
                    file=show_path(path),
                    place="line 1",
                    found=f"{show_value(head.strip()[:200])}, a head without known columns",
                    expected=f"columns such as event_id and occurred_at, parted by one of {tried}",
                    advice="Another separator is named by a first line such as sep=#.",
                )
            ]
        )
    return best


def _row(head: list[str], cells: list[str], has_commas: bool) -> object:
    if len(cells) != len(head):
        return JsonTextError(f"{len(cells)} cells under {len(head)} columns")
    if len(set(head)) != len(head):
        return JsonTextError("a column twice in the head")
    try:
        return {
            name: _cell(name, text, has_commas)
            for name, text in zip(head, cells, strict=True)
            if text and not _is_nothing(name, text)
        }
    except JsonTextError as error:
        return error


def _is_nothing(name: str, text: str) -> bool:
    """Whether a cell says that there is no value, in a column where the word can't be one."""
    is_data = name in (*NUMBERS, *JSON_COLUMNS, "occurred_at", "canary")
    return text == _NOTHING_ANYWHERE or (is_data and text.strip() in _NOTHING)


def _cell(name: str, text: str, has_commas: bool) -> Any:  # noqa: ANN401 - any JSON value
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raise JsonTextError(f"{name} with bytes that are not UTF-8") from None
    if name in JSON_COLUMNS:
        return read_json_cell(name, text)
    if name not in _JSON_WORDS:
        return text
    if has_commas and (_DECIMAL_COMMA.fullmatch(text) or _GROUPED.fullmatch(text)):
        raw = raw.replace(b".", b"").replace(b",", b".")
    elif _GROUPED_BY_COMMAS.fullmatch(text):
        raw = raw.replace(b",", b"")
    elif text in {"TRUE", "FALSE"}:
        raw = raw.lower()
    try:
        return parse_json(raw)
    except JsonTextError:
        return text
