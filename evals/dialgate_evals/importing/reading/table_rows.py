"""The rows of CSV files, as data sets and exports of observations are saved too."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import LINE_LIMIT_BYTES, JsonTextError
from dialgate_evals.importing.reading.json_parts import parse_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


def read_rows(opened: BinaryIO) -> Iterator[Any]:
    """Each row as an object of the cells that hold something; JSON in a cell is read.

    Raises JsonTextError where the rows break off or are no table.
    """
    before = csv.field_size_limit(LINE_LIMIT_BYTES)
    text = io.TextIOWrapper(opened, encoding="utf-8-sig", newline="")
    try:
        reader = csv.DictReader(text, strict=True)
        for row in reader:
            if None in row:
                yield JsonTextError("a row with more cells than the table has columns")
                continue
            yield {key: _cell(cell) for key, cell in row.items() if cell}
    except (csv.Error, UnicodeDecodeError) as error:
        raise JsonTextError(f"a table that can't be read ({error})") from None
    finally:
        text.detach()  # the file is its opener's to close
        csv.field_size_limit(before)


def _cell(text: str) -> Any:  # noqa: ANN401 - JSON data
    if not text.startswith(("{", "[")):
        return text
    value = parse_text(text)
    return text if isinstance(value, JsonTextError) else value
