"""A file of review events that a runtime appends to: two lines, and it never stops the agent.

Each event is one write to a file opened for appending, so events of several threads and processes
lie whole beside each other, and a kill loses at most the event in flight. Nothing is kept back in
memory, and nothing rotates: whoever rotates renames the file, and the next event begins another.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import threading

from dialgate_runtime.events.event_rows import RowError, check_row
from dialgate_runtime.lookup.checks import is_json
from dialgate_runtime.problems import shown

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_BYTES = 16 * 1024 * 1024
"""What readers of events take as a line."""


class ReviewLog:
    """Appends review events to one file; safe to share between threads, and after a fork."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        strict: bool = False,
        on_loss: Callable[[str], None] | None = None,
    ) -> None:
        """`path` is made when the first event is written; its folder must be there.

        An event that can't be written is counted in `lost` and told to `on_loss` as a sentence;
        with `strict` it raises too: ValueError for what is no event, OSError for the disk.
        """
        self._path, self._strict, self._on_loss = os.fspath(path), strict, on_loss
        self._lock = threading.Lock()
        self.lost = 0

    def write(self, **event: object) -> bool:
        """Appends one event; whether it is in the file.

        The keys are those of a review event. Without `event_id` it gets a new one, without
        `occurred_at` the time now; a time must bear its offset.
        """
        try:
            self._append(_line(event))
        except Exception as error:
            self._lose(error)
            if self._strict:
                raise
            return False
        return True

    def _lose(self, error: Exception) -> None:
        with self._lock:
            self.lost += 1
        if self._on_loss is None:
            return
        try:
            self._on_loss(f"A review event was lost: {error}")
        except Exception:  # noqa: BLE001 - a log that fails must not stop the agent either
            self._on_loss = None

    def _append(self, line: bytes) -> None:
        """One write; the file is opened each time, so that a renamed one is left behind."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _end_line(descriptor)
            before = os.fstat(descriptor).st_size
            if os.write(descriptor, line) != len(line):
                os.ftruncate(descriptor, before)
                raise OSError(f"{self._path}: the disk is full")
        finally:
            os.close(descriptor)


def _end_line(descriptor: int) -> None:
    """Ends what a kill cut short: a reader names that line, and the next event stands alone."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.write(descriptor, b"\n")


def _line(event: dict[str, object]) -> bytes:
    """The event as its line. Raises ValueError for what is no event."""
    row = {key: value for key, value in event.items() if value is not None}
    row.setdefault("event_id", os.urandom(16).hex())
    row["occurred_at"] = _moment(row.get("occurred_at"))
    row = {"schema": 1, **row}
    check_plain(row)
    raw = json.dumps(row, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    line = raw.encode("ascii") + b"\n"
    if len(line) > LIMIT_BYTES:
        raise RowError(f"an event of {len(line)} bytes", f"at most {LIMIT_BYTES}")
    return line


def check_plain(row: dict[str, object]) -> None:
    """Raises RowError where the row is no event, or none that JSON can say."""
    check_row(row)
    if not is_json(row):
        raise RowError("a value that JSON can't hold", "texts, numbers, lists and objects")


def _moment(value: object) -> str:
    if value is None:
        return dt.datetime.now(dt.UTC).isoformat()
    found = value
    if isinstance(value, str):
        try:
            found = dt.datetime.fromisoformat(value)
        except ValueError:
            found = None
    if not isinstance(found, dt.datetime) or found.utcoffset() is None:
        raise RowError(f"occurred_at {shown(value)}", "a time with its offset")
    return found.isoformat()
