"""Server-sent events: bytes as they arrive become events, and events bytes.

Source: WHATWG HTML, 9.2.6. Knows no API; does no input or output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PENDING_BYTES = 16 * 2**20
"""A longer line or event is given up: no provider sends one."""


class Event(Struct, frozen=True, kw_only=True):
    """One event: its name, where it has one, and the text of its data."""

    name: str = ""
    data: str


class EventParser:
    """Takes bytes in any pieces; gives each event once its blank line is there."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        # pieces of a line whose end has not come
        self._name = ""
        self._data: list[str] = []
        self._size = 0
        self._is_first = True
        self.is_broken = False
        # an event was too long: nothing more is given

    def feed(self, piece: bytes) -> Iterator[Event]:
        """The events that this piece completes."""
        if self.is_broken:
            return
        self._rest.append(piece)
        self._size += len(piece)
        if b"\n" in piece or b"\r" in piece:
            lines = b"".join(self._rest).splitlines(keepends=True)
            # "\r" alone may be the first half of an end of line
            self._rest = [] if lines[-1].endswith(b"\n") else [lines.pop()]
            for line in lines:
                yield from self._take(line.rstrip(b"\r\n").decode("utf-8", "replace"))
            self._size = sum(map(len, (*self._data, *self._rest)))
        if self._size > MOST_PENDING_BYTES:
            self.is_broken, self._rest, self._data = True, [], []

    def end(self) -> Iterator[Event]:
        """What stands at the end without a blank line: some servers end so."""
        if self._rest and not self.is_broken:
            rest, self._rest = b"".join(self._rest), []
            yield from self._take(rest.rstrip(b"\r\n").decode("utf-8", "replace"))
        if self._data:
            yield from self._take("")

    def _take(self, line: str) -> Iterator[Event]:
        if self._is_first:
            line, self._is_first = line.removeprefix("\ufeff"), False
        if not line:
            if self._data:
                yield Event(name=self._name, data="\n".join(self._data))
            self._name, self._data = "", []
            return
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value


def event_bytes(event: Event) -> bytes:
    """The event's lines as a server sends them, with the empty line that ends it."""
    name = f"event: {event.name}\n" if event.name else ""
    data = "".join(f"data: {line}\n" for line in event.data.split("\n"))
    return f"{name}{data}\n".encode("utf-8", "backslashreplace")
