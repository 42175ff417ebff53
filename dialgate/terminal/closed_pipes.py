"""A reader that has seen enough (`dialgate check … | head`) changes nothing of what a command does.

What is written to a pipe that nobody reads any more is dropped; reports are still written, and the
exit code is the verdict's.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from typing_extensions import Buffer


class _Unread(io.FileIO):
    """A stream's file, which goes to nowhere once its reader is gone."""

    def write(self, text: Buffer, /) -> int:
        try:
            return super().write(text) or 0
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return super().write(text) or 0


def outlive_readers() -> None:
    """Makes standard output and error such streams; for the process of a command."""
    sys.stdout = _patient(sys.stdout)
    sys.stderr = _patient(sys.stderr)


def _patient(stream: TextIO) -> TextIO:
    try:
        file = _Unread(stream.fileno(), "w", closefd=False)
    except (OSError, ValueError, AttributeError):
        return stream  # no file stands behind it
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(file),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream is sys.stderr or stream.isatty(),
        write_through=False,
    )
