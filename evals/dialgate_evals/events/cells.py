"""Cells of a table as the values of a review event's JSON object.

Knows which columns hold JSON and how a time is written; leaves types of columns to each reader.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable

JSON_COLUMNS = ("proposed", "corrected", "messages", "recordings")
"""Columns of structured values: JSON text, or the database's own structures."""

NUMBERS = ("schema", "latency_ms", "cost_usd", "review_s")

COLUMNS = (
    "schema", "event_id", "occurred_at", "task_id", "release", "mode", "decision", "proposed",
    "corrected", "reviewer", "reason", "latency_ms", "cost_usd", "review_s", "messages",
    "recordings", "canary", "source",
)  # fmt: skip
"""The columns of review events (the contract's section 4)."""

REQUIRED_COLUMNS = COLUMNS[1:8]


def read_json_cell(name: str, text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a cell of JSON text. Raises JsonTextError that names the column."""
    try:
        return parse_json(text.encode())
    except UnicodeEncodeError:
        raise JsonTextError(f"{name} with characters that UTF-8 can't hold") from None
    except JsonTextError as error:
        raise JsonTextError(f"{name} with {error}") from None


def row_of_cells(cells: Iterable[tuple[str, object]]) -> object:
    """The row as an object: absent where a cell is null; a JsonTextError where one can't be read.

    Cells of JSON columns are JSON text.
    """
    found: dict[str, object] = {}
    try:
        for name, value in cells:
            if value is None:
                continue
            if name in JSON_COLUMNS and isinstance(value, str):
                value = read_json_cell(name, value)  # noqa: PLW2901 - the same cell, read
                if value is None:
                    continue
            elif isinstance(value, dt.datetime):
                value = show_time(value)  # noqa: PLW2901 - the same cell, as text
            found[name] = value
    except JsonTextError as error:
        return error
    return found


def show_time(moment: dt.datetime) -> str:
    """RFC 3339 in UTC with all of its digits; without an offset where the moment has none."""
    if moment.tzinfo is None:
        return moment.isoformat()
    try:
        return moment.astimezone(dt.UTC).isoformat()
    except OverflowError:
        return str(moment)


def without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value without keys whose value is null: a structure's field that a row doesn't have."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
