"""The documents of a file, one at a time: JSON Lines, JSON, YAML, CSV, zipped JSON, protobuf.

Lines, the elements of a list, rows and framed messages stream, so a file may be larger than memory;
one whole document is bounded. What can't be read comes as a `Left`; leaves what a document means to
the formats.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO

from dialgate_evals.files.json_lines import json_lines_of
from dialgate_evals.files.json_text import (
    DOCUMENT_LIMIT_BYTES,
    LINE_LIMIT_BYTES,
    JsonTextError,
    parse_json,
)
from dialgate_evals.files.problems import show_path
from dialgate_evals.importing.found import Document, Left, Place
from dialgate_evals.importing.reading.json_parts import read_elements, read_parts
from dialgate_evals.importing.reading.opened import UNPACKING_ERRORS, open_plain, plain_name
from dialgate_evals.importing.reading.protobuf_spans import ProtobufError, is_binary, read_requests
from dialgate_evals.importing.reading.table_rows import read_rows
from dialgate_evals.importing.reading.zip_entries import ENTRY_ERRORS, read_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_CUT_OFF = "it can't be read; it may be cut off"
_BOM = b"\xef\xbb\xbf"


def read_documents(path: Path) -> Iterator[Document | Left]:
    """Every document of a file in order. Raises OSError where the file can't be read."""
    file = show_path(path)
    try:
        if plain_name(path).endswith((".yaml", ".yml")):
            yield from _read_yaml(path, file)
        elif zipfile.is_zipfile(path):
            yield from _read_zip(path, file)
        else:
            yield from _read_plain(path, file)
    except UNPACKING_ERRORS as error:
        what = f"a packed file that breaks off ({error})"
        yield Left(place=file, what=what, why="what comes after can't be read")


def _read_plain(path: Path, file: str) -> Iterator[Document | Left]:
    with open_plain(path) as opened:
        start = opened.read(4096)
    if is_binary(start):
        yield from _read_protobuf(path, file)
    elif plain_name(path).endswith(".csv"):
        yield from _numbered(path, file, "row", read_rows)
    elif start.removeprefix(_BOM).lstrip().startswith(b"["):
        yield from _numbered(path, file, "element", read_elements)
    elif _has_lines(path):
        with open_plain(path) as opened:
            for number, value in json_lines_of(opened.readline):
                yield _document(Place(file, f"line {number}"), value)
    else:
        yield from _read_whole(path, file)


def _has_lines(path: Path) -> bool:
    """Whether a line of its own is a document: the first is, or begins and ends like one."""
    with open_plain(path) as opened:
        for _ in range(100):
            line = opened.readline(LINE_LIMIT_BYTES + 1)
            text = line.removeprefix(_BOM).strip()
            if text:
                break
        else:
            return True
        if len(line) > LINE_LIMIT_BYTES:
            while line and not line.endswith(b"\n"):
                line = opened.readline(LINE_LIMIT_BYTES)
            return bool(opened.read(1))  # else all of it is one document
        has_more = bool(opened.read(1))
    try:
        parse_json(line)
    except JsonTextError:
        return has_more and text.startswith(b"{") and len(text) > 1 and text.endswith(b"}")
    return has_more


def _document(place: Place, value: Any) -> Document | Left:  # noqa: ANN401 - JSON data
    if isinstance(value, JsonTextError):
        return Left(place=place, what=str(value), why=_CUT_OFF)
    return place, value


def _numbered(
    path: Path, file: str, word: str, read: Callable[[BinaryIO], Iterator[Any]]
) -> Iterator[Document | Left]:
    """What the reader gives one by one, and where it breaks off."""
    number = 0
    with open_plain(path) as opened:
        try:
            for number, value in enumerate(read(opened), 1):
                yield _document(Place(file, f"{word} {number}"), value)
        except JsonTextError as error:
            yield _document(Place(file, f"{word} {number + 1}"), error)


def _read_whole(path: Path, file: str) -> Iterator[Document | Left]:
    """One document; of one that is too large, the elements of its long lists."""
    with open_plain(path) as opened:
        raw = opened.read(DOCUMENT_LIMIT_BYTES + 1)
    if len(raw) > DOCUMENT_LIMIT_BYTES:
        del raw
        yield from _numbered(path, file, "part", read_parts)
        return
    try:
        yield Place(file), parse_json(raw)
    except JsonTextError as error:
        yield _document(Place(file), error)


def _read_yaml(path: Path, file: str) -> Iterator[Document | Left]:
    from dialgate_evals.files.yaml_text import YamlTextError, parse_yaml  # noqa: PLC0415 - an extra

    with open_plain(path) as opened:
        raw = opened.read(LINE_LIMIT_BYTES + 1)
    if len(raw) > LINE_LIMIT_BYTES:
        yield Left(place=file, what="a YAML file over 16 MiB", why="YAML can't be read in pieces")
        return
    try:
        yield Place(file), parse_yaml(raw).value
    except YamlTextError as error:
        why = "YAML is read strictly: no tags, merge keys or duplicate keys; mend it or save JSON"
        yield Left(place=Place(file, f"line {error.line}"), what=str(error), why=why)
    except ImportError:
        why = 'YAML needs the extra: pip install "dialgate[yaml]"'
        yield Left(place=file, what="a YAML file", why=why)


def _read_protobuf(path: Path, file: str) -> Iterator[Document | Left]:
    number = 0
    with open_plain(path) as opened:
        try:
            for number, document in enumerate(read_requests(opened), 1):
                yield Place(file, f"message {number}"), document
        except ProtobufError as error:
            why = "only OTLP is read from binary files; it may be cut off"
            yield Left(place=Place(file, f"message {number + 1}"), what=str(error), why=why)
        except ImportError:
            why = 'OTLP\'s protobuf needs the extra: pip install "dialgate[otlp]"'
            yield Left(place=file, what="a binary file", why=why)


def _read_zip(path: Path, file: str) -> Iterator[Document | Left]:
    """Every JSON file of an archive; sizes are held, whatever the archive says."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.endswith(".json"):
                continue
            place = Place(file, entry.filename)
            try:
                raw = read_entry(path, archive, entry, DOCUMENT_LIMIT_BYTES + 1)
                if len(raw) > DOCUMENT_LIMIT_BYTES:
                    limit = f"{DOCUMENT_LIMIT_BYTES // 2**20} MiB"
                    yield Left(place=place, what=f"a file over {limit}", why="it is one document")
                else:
                    yield place, parse_json(raw)
            except (JsonTextError, *ENTRY_ERRORS) as error:
                yield Left(place=place, what=str(error), why="it can't be read")
