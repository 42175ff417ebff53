"""TOML with the line of every key, so that a problem can be found where it stands.

Reads values by the standard library's tomllib and finds the lines by a scan of headers and keys;
leaves meaning to the schemas. Dates become RFC 3339 text: JSON Schema has no dates.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_HEADER = re.compile(r"^\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_.\- ])+?)\s*=""")

_BARE = re.compile(r"[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+)*")
"""A key without quotes or spaces, which is read as it stands."""

_TOKEN = re.compile(
    r"""(?P<long>\"{3}|'{3})|"(?:[^"\\]|\\.)*"|'[^']*'|\#.*|(?P<open>[\[{])|(?P<close>[\]}])"""
)
_ENDS = {'"""': re.compile(r"\\.|(\"{3,5})"), "'''": re.compile(r"('{3,5})")}

KeyPath = tuple[str | int, ...]


class TomlTextError(ValueError):
    """The text is not TOML; the message says what was found and on which line."""


@dataclass(frozen=True, kw_only=True)
class TomlDocument:
    """The values of a TOML file and the line on which each key stands."""

    values: dict[str, Any]
    text: str = ""
    # as it was read

    @cached_property
    def lines(self) -> dict[KeyPath, int]:
        """The line of each key. Most files hold no problem, and nobody asks."""
        return _find_lines(self.text)

    def line_of(self, path: KeyPath) -> int | None:
        """The line of the key, else of the nearest table around it; None for the file itself."""
        for length in range(len(path), 0, -1):
            if (line := self.lines.get(path[:length])) is not None:
                return line
        return None


def parse_toml(raw: bytes) -> TomlDocument:
    """Values and lines of TOML text.

    Raises TomlTextError where the bytes are not UTF-8, the text is not TOML, or a number is NaN or
    infinite (JSON has no such number, so no file of the contract does).
    """
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise TomlTextError(f"bytes that are not UTF-8 at offset {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise TomlTextError(f"text that is not TOML ({error})") from None
    except (RecursionError, ValueError):
        raise TomlTextError("TOML nested too deeply, or with a number that can't be read") from None
    return TomlDocument(values=_plain(values), text=text)


def _plain(value: Any) -> Any:  # noqa: ANN401 - TOML is any type until a schema has seen it
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        raise TomlTextError(f"the number {value}, which is not finite")
    return value


def _find_lines(text: str) -> dict[KeyPath, int]:
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    last_index: dict[KeyPath, int] = {}
    value = _OpenValue()
    # Not splitlines(): TOML lets U+2028 and its like stand inside a line.
    for number, line in enumerate(text.split("\n"), 1):
        is_inside = value.is_open
        value.read(line)
        if is_inside:
            continue
        if header := _HEADER.match(line):
            table = _table_path(_split_key(header[2]), last_index, header[1] == "[[")
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_split_key(key[1])), number)
    return lines


@dataclass(slots=True)
class _OpenValue:
    """Whether a value goes on in the next line: brackets or a long string are still open."""

    depth: int = 0
    quotes: str = ""
    # of the long string that is open

    @property
    def is_open(self) -> bool:
        return bool(self.depth or self.quotes)

    def read(self, line: str) -> None:
        position = 0
        while position < len(line):
            token = (_ENDS[self.quotes] if self.quotes else _TOKEN).search(line, position)
            if token is None:
                return
            position = token.end()
            if self.quotes:
                self.quotes = "" if token[1] else self.quotes
            elif token["long"]:
                self.quotes = token["long"]
            else:
                self.depth += bool(token["open"]) - bool(token["close"])


def _table_path(key: KeyPath, last_index: dict[KeyPath, int], is_array: bool) -> KeyPath:
    """The path of a table's header, with the index of every array of tables on the way."""
    path: KeyPath = ()
    for part in key[:-1]:
        path = (*path, part)
        if path in last_index:
            path = (*path, last_index[path])
    path = (*path, key[-1])
    if is_array:
        last_index[path] = last_index.get(path, -1) + 1
        path = (*path, last_index[path])
    return path


def _split_key(text: str) -> KeyPath:
    """The parts of a dotted key; a key that can't be read alone counts as one part."""
    if _BARE.fullmatch(text):
        return tuple(text.split("."))
    try:
        nested: Any = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:
        return (text,)
    parts: list[str] = []
    while isinstance(nested, dict):
        ((key, nested),) = nested.items()
        parts.append(key)
    return tuple(parts)
