"""The journal on disk: a file for each process that records, only ever added to.

What was added survives the death of the process; a line that was cut off is found when it is
read. Leaves what the lines say to `dialgate_evals.recording.exchanges`.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.files.problems import show_path
from dialgate_evals.recording.exchanges import JournalLines, read_journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate_evals.importing.found import Left
    from dialgate_evals.recording.exchanges import Kept

_ENDING = ".recording.jsonl"


class Journal:
    """Adds to a file of this process, which is made with the first line."""

    def __init__(self, folder: Path, *, is_private: bool) -> None:
        self._folder, self._is_private = folder, is_private
        self._handle: int | None = None
        self._size = 0
        self._lines = JournalLines()

    def prepare(self) -> None:
        """Makes the folder. Raises UsageError where it can't be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            ignore = self._folder / ".gitignore"
            if self._is_private and not ignore.exists():
                ignore.write_text("*\n", "ascii")
            if not os.access(self._folder, os.W_OK):
                raise PermissionError(13, "Permission denied")
        except OSError as error:
            shown = show_path(self._folder)
            raise UsageError(f"{shown} can't be written: {error.strerror}.") from None

    def add(self, kept: Kept) -> None:
        """Adds it whole or not at all. Raises OSError."""
        if self._handle is None:
            self._open()
        handle = self._handle
        assert handle is not None
        raw = memoryview(self._lines.lines(kept))
        before = self._size
        try:
            while raw:
                raw = raw[os.write(handle, raw) :]
        except OSError:
            os.ftruncate(handle, before)
            self.close()
            raise
        self._size = os.fstat(handle).st_size

    def _open(self) -> None:
        moment = dt.datetime.now(tz=dt.UTC).strftime("%Y%m%dT%H%M%S.%f")
        name = f"{moment}-{os.getpid()}-{secrets.token_hex(3)}{_ENDING}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._handle = os.open(self._folder / name, flags, 0o600)
        self._size, self._lines = 0, JournalLines()

    def close(self) -> None:
        """Ends the file; a next line begins another."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def read_recordings(folder: Path) -> Iterator[Kept | Left]:
    """What every file of the folder holds, the oldest first. Raises UsageError."""
    try:
        files = sorted(path for path in folder.glob(f"*{_ENDING}") if path.is_file())
        for path in files:
            yield from read_journal(read_json_lines(path), path.name)
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}.") from None
