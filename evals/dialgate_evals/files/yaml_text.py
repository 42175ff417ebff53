"""YAML as this project reads it: the core schema of YAML 1.2, strict and bounded, as plain data.

A text is a text: no dates, no `no`, no octal by a leading zero. Duplicate keys, tags, merge keys
and keys that are no text are refused; an alias may stand for what was said before, within a bound.
Every value has its line. Needs the extra `yaml`; leaves meaning to others.
"""

from __future__ import annotations

import copy
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import DEPTH_LIMIT, JsonTextError, is_too_deep, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_VALUES = 1_000_000
"""More values than this, aliases counted each time they stand for something, are refused."""

MOST_LETTERS = 64 * 1024 * 1024
"""The same for the letters of texts and keys: a long text may be said again and again too."""

_TOO_DEEP = f"YAML nested too deeply: more than {DEPTH_LIMIT} levels"

YAML_1_1_BREAKS = re.compile("[\u0085\u2028\u2029]")
"""Line breaks in YAML 1.1, by which the parser goes, and letters in 1.2."""

# YAML 1.2, chapter 10.3.2, core schema
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 3_000
# letters; Python reads no more than 4,300 digits, and hexadecimal ones become more
_NO_NUMBER = re.compile(r"[-+]?(?:\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN")


class YamlTextError(ValueError):
    """The text is not YAML as it is read here; `line` is where, from 1, or 0 where nobody knows."""

    def __init__(self, found: str, line: int = 0) -> None:
        super().__init__(found)
        self.line = line


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """Plain data, and the line of every value in it."""

    value: Any
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """The line of the value at the path, or of the nearest one around it; from 1."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse_yaml(raw: bytes) -> YamlDocument:
    """The data of one YAML document, empty text being null. Raises YamlTextError.

    Raises ImportError where the extra is not installed.
    """
    import yaml  # noqa: PLC0415 - an extra

    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
        _refuse_breaks(text)
        events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        reader = _Reader(events)
        return YamlDocument(reader.read_document(), reader.lines)
    except UnicodeDecodeError as error:
        raise YamlTextError(f"bytes that are not UTF-8 at offset {error.start}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = (error.problem or error.context or "text").strip()
        raise YamlTextError(f"no YAML ({what})", mark.line + 1 if mark else 0) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlTextError(f"no YAML ({error.reason})", line) from None
    except yaml.YAMLError as error:
        raise YamlTextError(f"no YAML ({' '.join(str(error).split())})") from None


def _refuse_breaks(text: str) -> None:
    found = YAML_1_1_BREAKS.search(text)
    if found:
        escape = f"U+{ord(found[0]):04X}"
        what = f"the letter {escape}, a line break in YAML 1.1; write it as an escape in quotes"
        raise YamlTextError(what, text.count("\n", 0, found.start()) + 1)


class _Reader:
    """Turns the parser's events into data, itself: a parser's own composer has no bound in depth.

    Counts what it made, so that aliases can't blow it up.
    """

    def __init__(self, events: Iterator[Any]) -> None:
        self.lines: dict[tuple[str | int, ...], int] = {}
        self._events = events
        self._made = 0
        self._letters = 0
        self._anchors: dict[str, tuple[Any, int, int]] = {}
        # the value, and how many values and letters it is

    def read_document(self) -> Any:  # noqa: ANN401 - plain data
        value = None
        for event in self._events:
            match _name(event):
                case "StreamStart" | "DocumentStart" | "DocumentEnd":
                    if _name(event) == "DocumentStart" and self.lines:
                        raise YamlTextError("a second document", _line(event))
                case "StreamEnd":
                    break
                case _:
                    value = self._read(event, ())
        if is_too_deep(value):
            raise YamlTextError(_TOO_DEEP)
        return value

    def _read(self, event: Any, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - plain data
        line, before, letters = _line(event), self._made, self._letters
        self.lines[path] = line
        if len(path) > DEPTH_LIMIT:
            raise YamlTextError(_TOO_DEEP, line)
        if _name(event) == "Alias":
            return self._alias(event.anchor, line)
        self._count(1, len(event.value) if _name(event) == "Scalar" else 0, line)
        match _name(event):
            case "MappingStart":
                value: Any = self._mapping(event, path)
            case "SequenceStart":
                value = self._sequence(event, path)
            case _:
                value = _scalar(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._made - before, self._letters - letters)
        return value

    def _alias(self, anchor: str, line: int) -> Any:  # noqa: ANN401 - plain data
        if anchor not in self._anchors:
            raise YamlTextError(f"the alias *{anchor[:80]} of nothing before it", line)
        value, size, letters = self._anchors[anchor]
        self._count(size, letters, line)
        if is_too_deep(value):
            raise YamlTextError(_TOO_DEEP, line)
        return copy.deepcopy(value)

    def _count(self, made: int, letters: int, line: int) -> None:
        self._made += made
        self._letters += letters
        if self._letters > MOST_LETTERS:
            raise YamlTextError(f"more than {MOST_LETTERS:,} letters, aliases counted", line)
        if self._made > MOST_VALUES:
            raise YamlTextError(f"more than {MOST_VALUES:,} values, aliases counted", line)

    def _sequence(self, start: Any, path: tuple[str | int, ...]) -> list[Any]:  # noqa: ANN401 - any data
        _refuse_tag(start, "tag:yaml.org,2002:seq")
        found: list[Any] = []
        while _name(event := next(self._events)) != "SequenceEnd":
            found.append(self._read(event, (*path, len(found))))
        return found

    def _mapping(self, start: Any, path: tuple[str | int, ...]) -> dict[str, Any]:  # noqa: ANN401 - any data
        _refuse_tag(start, "tag:yaml.org,2002:map")
        found: dict[str, Any] = {}
        while _name(event := next(self._events)) != "MappingEnd":
            key = _key(event, found)
            self._count(0, len(key), _line(event))
            found[key] = self._read(next(self._events), (*path, key))
        return found


def _name(event: object) -> str:
    return type(event).__name__.removesuffix("Event")


def _line(event: Any) -> int:  # noqa: ANN401 - the parser's
    line: int = event.start_mark.line
    return line + 1


def _key(event: Any, found: dict[str, Any]) -> str:  # noqa: ANN401 - the parser's
    line = _line(event)
    if _name(event) != "Scalar":
        raise YamlTextError("a key that is no text", line)
    if event.value == "<<" and event.implicit[0]:
        raise YamlTextError("a merge key (<<), which YAML 1.2 does not know", line)
    key = _scalar(event)
    if not isinstance(key, str):
        raise YamlTextError(f"the key {event.value[:80]}, which is no text; quote it", line)
    if key in found:
        raise YamlTextError(f'the key "{key[:80]}" twice in one mapping', line)
    return key


def _refuse_tag(event: Any, known: str) -> None:  # noqa: ANN401 - the parser's
    if event.tag is not None and event.tag not in {known, "!"}:
        raise YamlTextError(f"the tag {event.tag[:80]}", _line(event))


def _scalar(event: Any) -> Any:  # noqa: ANN401 - null, a truth value, a number or a text
    """The core schema's value; what is quoted, tagged or a block is a text, whatever it looks."""
    _refuse_tag(event, "tag:yaml.org,2002:str")
    text: str = event.value
    if not event.implicit[0] or event.tag == "!":
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text) or _FLOAT.fullmatch(text):
        return _number(text, _line(event))
    if _NO_NUMBER.fullmatch(text):
        found = f"{text}, which is not a JSON number; quote it if it is a text"
        raise YamlTextError(found, _line(event))
    return text


def is_plainly_text(text: str) -> bool:
    """Whether the letters without quotes are a text here; YAML 1.1 has fewer numbers than 1.2."""
    is_word = text in _NULL or text in _TRUE or text in _FALSE
    return not (is_word or _INT.fullmatch(text) or _FLOAT.fullmatch(text)
                or _NO_NUMBER.fullmatch(text))  # fmt: skip


def _number(text: str, line: int) -> int | float:
    """The number; one that JSON can write is read as JSON reads it, so that digests are equal."""
    value: int | float
    if len(text) > _LONGEST_NUMBER:
        raise YamlTextError(f"the number {text[:40]}, which is out of range", line)
    if text.startswith(("0o", "0x")):
        return int(text, 0)
    try:
        value = parse_json(text.removeprefix("+").encode("ascii"))
    except JsonTextError:
        value = int(text) if _INT.fullmatch(text) else float(text)
    if isinstance(value, float) and not math.isfinite(value):
        raise YamlTextError(f"the number {text[:40]}, which is out of range", line)
    return value
