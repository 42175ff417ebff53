"""JSON Lines as this project reads them: strict, bounded, each bad line named.

Reads many lines together where all are whole objects; leaves one value to `files.json_text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from dialgate_evals.files.json_text import DEPTH_LIMIT, LINE_LIMIT_BYTES, JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

_LOT_BYTES = 64 * 1024
"""Of lines that are read together: enough that the reader's own call counts for nothing."""


def parse_json_lines(lines: Sequence[bytes]) -> Iterator[Any]:
    """The value of each line, as `parse_json` gives it; together they cost half as much.

    Raises JsonTextError at the first line that is no strict JSON, after those before it.
    """
    yield from _parse_together(lines) or map(parse_json, lines)


def _parse_together(lines: Sequence[bytes]) -> list[Any]:
    """The values of lines that hold an object each; empty where any may be no strict JSON.

    No object goes on in the next line: between them stands `}` and a line feed and `{`.
    """
    for line in lines:
        is_object = line.startswith(b"{") and line.endswith(b"}")
        if not is_object or line.count(b"[") + line.count(b"{") > DEPTH_LIMIT:
            return []
    raw = b"\n".join(lines)
    try:
        values = _decode_lines(raw)
        is_whole = raw.count(b":") == _encode_fast(values).count(b":") and b"u003" not in raw
    except (ValueError, RecursionError):
        return []
    return values if is_whole and len(values) == len(lines) else []


def read_json_lines(path: Path) -> Iterator[tuple[int, Any | JsonTextError]]:
    """Line number and value of each line that isn't blank; a bad line gives its error instead.

    Lines over LINE_LIMIT_BYTES are skipped in pieces, so memory stays bounded.
    Raises OSError where the file can't be read.
    """
    number = 0
    with path.open("rb") as file:
        for lot in _lots(_bounded(file.readline)):
            values = _parse_together([line.removesuffix(b"\n") for line in lot])
            if values:
                yield from enumerate(values, number + 1)
            else:
                yield from _one_by_one(lot, number)
            number += len(lot)


def json_lines_of(
    read_line: Callable[[int], bytes], number: int = 0
) -> Iterator[tuple[int, Any | JsonTextError]]:
    """The same of an open file, by what reads its next line; `number`: the lines before it."""
    return _one_by_one(_bounded(read_line), number)


_TOO_LONG = b""
"""Stands for a line over the limit; none that is there is empty."""


def _bounded(read_line: Callable[[int], bytes]) -> Iterator[bytes]:
    """Each line; what is too long is read in pieces and dropped."""
    while line := read_line(LINE_LIMIT_BYTES + 1):
        if len(line) > LINE_LIMIT_BYTES:
            while line and not line.endswith(b"\n"):
                line = read_line(LINE_LIMIT_BYTES + 1)
            line = _TOO_LONG
        yield line


def _lots(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    """The lines, some at a time."""
    lot: list[bytes] = []
    size = 0
    for line in lines:
        lot.append(line)
        size += len(line)
        if size >= _LOT_BYTES:
            yield lot
            lot, size = [], 0
    yield lot


def _one_by_one(lines: Iterable[bytes], number: int) -> Iterator[tuple[int, Any | JsonTextError]]:
    for place, line in enumerate(lines, number + 1):
        if not line:
            yield place, JsonTextError(f"a line over {LINE_LIMIT_BYTES // 2**20} MiB")
        elif line.strip():
            yield place, _value_or_error(line)


def _value_or_error(line: bytes) -> Any | JsonTextError:  # noqa: ANN401 - see parse_json
    try:
        return parse_json(line)
    except JsonTextError as error:
        return error


_decode_lines = msgspec.json.Decoder().decode_lines
_encode_fast = msgspec.json.Encoder().encode
