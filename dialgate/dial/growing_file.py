"""New whole lines of a file that grows: rotation, truncation and a last line that is half written.

Knows bytes and lines; leaves what they hold and how long to wait to its caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.files.json_text import LINE_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(kw_only=True)
class GrowingFile:
    """Where reading has come to; `read` goes on from there."""

    path: Path
    offset: int = 0
    inode: int | None = None
    number: int = 0
    # lines of this file so far
    _rest: bytes = b""

    def read(self, *, at_end: bool = False) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of each new line; a half line waits for its end, but for `at_end`.

        A file that was replaced or cut short is read from its start; one that is gone for the
        moment gives nothing. A line over the limit is given cut short, so that it is reported.
        """
        try:
            with self.path.open("rb") as file:
                self._turn(file.fileno())
                file.seek(self.offset)
                while chunk := file.readline(LINE_LIMIT_BYTES + 1):
                    self.offset += len(chunk)
                    yield from self._line(chunk)
        except FileNotFoundError:
            return
        if at_end and self._rest:
            rest, self._rest = self._rest, b""
            self.number += 1
            yield self.number, rest

    def _turn(self, descriptor: int) -> None:
        import os  # noqa: PLC0415 - one use

        state = os.fstat(descriptor)
        if self.inode not in {None, state.st_ino} or state.st_size < self.offset:
            self.offset, self.number, self._rest = 0, 0, b""
        self.inode = state.st_ino

    def _line(self, chunk: bytes) -> Iterator[tuple[int, bytes]]:
        if len(self._rest) <= LINE_LIMIT_BYTES:
            self._rest += chunk
        if not chunk.endswith(b"\n"):
            return
        line, self._rest = self._rest, b""
        self.number += 1
        if line.strip():
            yield self.number, line
