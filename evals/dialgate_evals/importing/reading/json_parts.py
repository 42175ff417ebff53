"""The elements of lists in JSON that may be larger than memory, each as soon as it is whole.

Finds where a value ends with the standard library's scanner and hands out its text, so that the
strict reader parses it; a library that streams values would let duplicate keys through.
"""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any, BinaryIO

from dialgate_evals.files.json_text import DOCUMENT_LIMIT_BYTES, JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20
_BLANK = " \t\r\n"
_LISTS = frozenset(
    "samples simulations data observations traces runs resourceSpans resource_spans resourceLogs "
    "goldens test_cases testCases cases tests".split()
)
"""Under these keys formats keep what there is much of."""

_scan = json.JSONDecoder().raw_decode


class _Window:
    """The part of a text that is looked at."""

    def __init__(self, opened: BinaryIO) -> None:
        self._opened = opened
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._position, self._is_end = "", 0, False

    def peek(self) -> str:
        """The next letter that isn't blank; empty at the end."""
        while True:
            while self._position < len(self._text) and self._text[self._position] in _BLANK:
                self._position += 1
            if self._position < len(self._text) or self._is_end:
                return self._text[self._position : self._position + 1]
            self._read(_CHUNK)

    def take(self, letter: str) -> bool:
        """Whether the next letter is this one, which is then behind us."""
        is_next = self.peek() == letter
        self._position += is_next
        return is_next

    def value(self) -> str:
        """The text of the next value. Raises JsonTextError where it breaks off or is too long."""
        self.peek()
        while True:
            end = self._end()
            if end is not None:
                text = self._text[self._position : end]
                self._position = end
                return text
            waiting = len(self._text) - self._position
            if self._is_end or waiting > DOCUMENT_LIMIT_BYTES:
                raise JsonTextError("a list that breaks off, or a value that is no JSON")
            self._read(max(_CHUNK, waiting))

    def _end(self) -> int | None:
        try:
            _, end = _scan(self._text, self._position)
        except (ValueError, RecursionError):
            return None
        # At the window's end a number may go on.
        return end if end < len(self._text) or self._is_end else None

    def _read(self, wanted: int) -> None:
        raw = self._opened.read(wanted)
        self._is_end = not raw
        try:
            more = self._decoder.decode(raw, final=self._is_end)
        except UnicodeDecodeError:
            raise JsonTextError("bytes that are not UTF-8") from None
        self._text, self._position = self._text[self._position :] + more, 0


def parse_text(text: str) -> Any:  # noqa: ANN401 - JSON data
    """The value of a text that stands inside of JSON, or the error."""
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"))
    except JsonTextError as error:
        return error


def read_elements(opened: BinaryIO) -> Iterator[Any]:
    """The elements of a list. Raises JsonTextError where it breaks off."""
    window = _Window(opened)
    if not window.take("["):
        raise JsonTextError("no list")
    yield from _elements(window)


def _elements(window: _Window) -> Iterator[Any]:
    while window.take(","):
        pass
    while not window.take("]"):
        yield parse_text(window.value())
        while window.take(","):
            pass


def read_parts(opened: BinaryIO) -> Iterator[Any]:
    """An object as several: each holds one element of its long list, and the keys before that.

    Raises JsonTextError where it breaks off, or where what stands beside its lists is too much.
    """
    window = _Window(opened)
    if not window.take("{"):
        raise JsonTextError("no object")
    header: dict[str, Any] = {}
    size = 0
    while not window.take("}"):
        window.take(",")
        key = parse_text(window.value())
        if not isinstance(key, str) or not window.take(":"):
            raise JsonTextError("a key that is no text, or no value behind it")
        if key in header:
            raise JsonTextError(f'the key "{key[:80]}" twice in one object')
        if key in _LISTS and window.take("["):
            header[key] = []
            for element in _elements(window):
                is_bad = isinstance(element, JsonTextError)
                yield element if is_bad else {**header, key: [element]}
            del header[key]
            continue
        text = window.value()
        size += len(text)
        value = parse_text(text)
        if size > DOCUMENT_LIMIT_BYTES or isinstance(value, JsonTextError):
            raise value if isinstance(value, JsonTextError) else JsonTextError("too large a head")
        header[key] = value
