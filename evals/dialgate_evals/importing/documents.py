"""The documents of a file, one at a time: JSON Lines, JSON, lists in JSON, YAML, zipped JSON.

Lines and the elements of a list stream, so a file may be larger than memory; one whole document
is bounded. What can't be read comes as a `Left`; leaves what a document means to the formats.
"""

from __future__ import annotations

import codecs
import json
import zipfile
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import (
    DOCUMENT_LIMIT_BYTES,
    LINE_LIMIT_BYTES,
    JsonTextError,
    parse_json,
    read_json_lines,
)
from dialgate_evals.files.problems import show_path
from dialgate_evals.importing.found import Document, Left, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 1 << 20
_BLANK = " \t\r\n"


def read_documents(path: Path) -> Iterator[Document | Left]:
    """Every document of a file in order. Raises OSError where the file can't be read."""
    file = show_path(path)
    if path.suffix.lower() in {".yaml", ".yml"}:
        yield from _read_yaml(path, file)
    elif zipfile.is_zipfile(path):
        yield from _read_zip(path, file)
    else:
        with path.open("rb") as opened:
            start = opened.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith(b"["):
            yield from _read_list(path, file)
        elif _has_lines(path):
            yield from _read_lines(path, file)
        else:
            yield from _read_whole(path, file)


def _has_lines(path: Path) -> bool:
    """Whether a line of its own is a document: the first is, or begins and ends like one."""
    with path.open("rb") as opened:
        for _ in range(100):
            line = opened.readline(LINE_LIMIT_BYTES + 1)
            text = line.removeprefix(b"\xef\xbb\xbf").strip()
            if text:
                break
        else:
            return True
        has_more = bool(opened.read(1))
    if len(line) > LINE_LIMIT_BYTES:
        return True
    try:
        parse_json(line)
    except JsonTextError:
        return has_more and text.startswith(b"{") and len(text) > 1 and text.endswith(b"}")
    return has_more


def _read_lines(path: Path, file: str) -> Iterator[Document | Left]:
    for number, value in read_json_lines(path):
        yield _document(Place(file, f"line {number}"), value)


def _read_whole(path: Path, file: str) -> Iterator[Document | Left]:
    if path.stat().st_size > DOCUMENT_LIMIT_BYTES:
        yield _too_large(Place(file))
        return
    try:
        yield Place(file), parse_json(path.read_bytes())
    except JsonTextError as error:
        yield _document(Place(file), error)


def _too_large(place: Place) -> Left:
    limit = DOCUMENT_LIMIT_BYTES // 2**20
    why = f"one document is read up to {limit} MiB; write it as JSON Lines or as one list"
    return Left(place=place, what=f"a document over {limit} MiB", why=why)


def _document(place: Place, value: Any) -> Document | Left:  # noqa: ANN401 - JSON data
    if isinstance(value, JsonTextError):
        return Left(place=place, what=str(value), why="it can't be read; it may be cut off")
    return place, value


def _read_list(path: Path, file: str) -> Iterator[Document | Left]:
    """The elements of one list, each parsed as soon as it is whole."""
    number = 0
    try:
        for number, text in enumerate(_element_texts(path), 1):
            yield _document(Place(file, f"element {number}"), _parsed(text))
    except JsonTextError as error:
        yield _document(Place(file, f"element {number + 1}"), error)


def _parsed(text: str) -> Any:  # noqa: ANN401 - JSON data
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"))
    except JsonTextError as error:
        return error


def _element_texts(path: Path) -> Iterator[str]:
    """The text of each element of the list. Raises JsonTextError where the list breaks off."""
    scan, buffer, wanted = json.JSONDecoder().raw_decode, "", _CHUNK
    is_first = True
    with path.open("rb") as opened:
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        while True:
            raw = opened.read(wanted)
            try:
                buffer += decoder.decode(raw, final=not raw)
            except UnicodeDecodeError:
                raise JsonTextError("bytes that are not UTF-8") from None
            if is_first:
                buffer, is_first = buffer.lstrip(_BLANK)[1:], False
            position = 0
            while True:
                begin = _skip(buffer, position)
                if begin < len(buffer) and buffer[begin] == "]":
                    return
                try:
                    _, end = scan(buffer, begin)
                except (ValueError, RecursionError):
                    break
                if end == len(buffer) and raw:
                    break  # a number may go on
                yield buffer[begin:end]
                position = end
            buffer = buffer[position:]
            wanted = max(_CHUNK, len(buffer))
            if not raw or len(buffer) > DOCUMENT_LIMIT_BYTES:
                raise JsonTextError("a list that breaks off, or an element that is no JSON")


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n,":
        position += 1
    return position


def _read_yaml(path: Path, file: str) -> Iterator[Document | Left]:
    from dialgate_evals.files.yaml_text import YamlTextError, parse_yaml  # noqa: PLC0415 - an extra

    if path.stat().st_size > LINE_LIMIT_BYTES:
        yield Left(place=file, what="a YAML file over 16 MiB", why="YAML can't be read in pieces")
        return
    try:
        yield Place(file), parse_yaml(path.read_bytes()).value
    except YamlTextError as error:
        why = "YAML is read strictly: no tags, merge keys or duplicate keys; mend it or save JSON"
        yield Left(place=Place(file, f"line {error.line}"), what=str(error), why=why)
    except ImportError:
        why = 'YAML needs the extra: pip install "dialgate[yaml]"'
        yield Left(place=file, what="a YAML file", why=why)


def _read_zip(path: Path, file: str) -> Iterator[Document | Left]:
    """Every JSON file of an archive; sizes are held, whatever the archive says."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.endswith(".json"):
                continue
            place = Place(file, entry.filename)
            try:
                with archive.open(entry) as opened:
                    raw = opened.read(DOCUMENT_LIMIT_BYTES + 1)
                if len(raw) > DOCUMENT_LIMIT_BYTES:
                    yield _too_large(place)
                else:
                    yield place, parse_json(raw)
            except (JsonTextError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError,
                    OSError) as error:  # fmt: skip
                yield Left(place=place, what=str(error), why="it can't be read")
