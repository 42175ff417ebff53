"""Review events from CSV: a head with the names of the columns, structured cells as JSON text.

An empty cell is an absent value. What the CSV rules refuse is a bad row, never a shorter file.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.cells import JSON_COLUMNS, NUMBERS, read_json_cell
from dialgate_evals.files.json_text import LINE_LIMIT_BYTES, JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_JSON_WORDS = (*NUMBERS, "canary")
"""Columns whose cells are JSON numbers or words, where the others are plain text."""


def read_csv_rows(path: Path) -> Iterator[tuple[str, object]]:
    """Place and object of each row; a bad row gives its JsonTextError. Raises OSError."""
    csv.field_size_limit(LINE_LIMIT_BYTES)
    # Bytes that are not UTF-8 stay as surrogates, so that they cost one row and not the file.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, strict=True)
        head: list[str] | None = None
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                # An open quote swallows lines: each of them is a row that was not read.
                for number in range(start, max(start, reader.line_num) + 1):
                    yield f"line {number}", JsonTextError(f"a row that is no CSV ({error})")
                continue
            if head is None:
                head = cells
            elif cells:
                yield f"line {start}", _row(head, cells)


def _row(head: list[str], cells: list[str]) -> object:
    if len(cells) != len(head):
        return JsonTextError(f"{len(cells)} cells under {len(head)} columns")
    if len(set(head)) != len(head):
        return JsonTextError("a column twice in the head")
    try:
        return {name: _cell(name, text) for name, text in zip(head, cells, strict=True) if text}
    except JsonTextError as error:
        return error


def _cell(name: str, text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raise JsonTextError(f"{name} with bytes that are not UTF-8") from None
    if name in JSON_COLUMNS:
        return read_json_cell(name, text)
    if name not in _JSON_WORDS:
        return text
    try:
        return parse_json(raw)
    except JsonTextError:
        return text
