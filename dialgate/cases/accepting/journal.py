"""A reviewer's journal: one line a decision, on disk before anybody is told that it is kept.

Append-only, locked, flushed to the disk; a last line that a crash cut short was never confirmed and
is dropped. Leaves what entries mean to `dialgate_evals.events.accepting.decisions`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.events.accepting.decisions import (
    Book,
    Entry,
    OutOfStepError,
    UnfitError,
    parse_entry,
)
from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.files.problems import Problem, show_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAMES = "decisions-*.jsonl"


class Journal:
    """One reviewer's file. Several processes may hold it; each reads what the others wrote."""

    def __init__(self, path: Path, reviewer: str, run: str) -> None:
        self.path = path
        self.book = Book(reviewer=reviewer)
        self._run = run
        self._offset = 0
        self._line = 0

    def read(self) -> None:
        """Takes what is new in the file. Raises ConfigurationError where a line is none."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._offset)
            self._take(file.read())

    def append(self, make: Callable[[Book], Entry]) -> Entry:
        """Writes the entry that `make` gives for the book as it is now, and keeps it.

        Raises OutOfStepError where it can't follow, UsageError where the disk doesn't take it.
        """
        try:
            with self._locked() as descriptor:
                self._catch_up(descriptor)
                entry = make(self.book)
                self.book.refuse_out_of_step(entry)
                self._write(descriptor, json_line(entry.as_json()))
                return entry
        except OSError as error:
            raise UsageError(
                f"{show_path(self.path)}: {error.strerror}. Nothing was kept."
            ) from None

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if is_new:
                _sync_folder(self.path.parent)
            yield descriptor
        finally:
            os.close(descriptor)

    def _catch_up(self, descriptor: int) -> None:
        """What others wrote is taken; what a crash left half written goes."""
        size = os.fstat(descriptor).st_size
        new = _read_from(descriptor, self._offset, size)
        whole = new[: new.rfind(b"\n") + 1]
        if len(whole) < len(new):
            os.ftruncate(descriptor, self._offset + len(whole))
        self._take(whole)
        if self._offset == 0:
            self._write(descriptor, json_line(self._head()), is_head=True)

    def _head(self) -> dict[str, Any]:
        return {
            "schema": 1, "journal": "accept", "reviewer": self.book.reviewer, "run": self._run,
        }  # fmt: skip

    def _write(self, descriptor: int, line: bytes, *, is_head: bool = False) -> None:
        before = os.fstat(descriptor).st_size
        try:
            left = memoryview(line)
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, before)
            raise
        if is_head:
            self._offset, self._line = len(line), 1
        else:
            self._take(line)

    def _take(self, raw: bytes) -> None:
        whole = raw[: raw.rfind(b"\n") + 1]
        problems: list[Problem] = []
        for line in whole.splitlines(keepends=True):
            self._line += 1
            self._offset += len(line)
            found = self._head_defect(line) if self._line == 1 else self._take_entry(line)
            if found is not None:
                problems.append(self._problem(found))
                break
        if problems:
            raise ConfigurationError(problems)

    def _take_entry(self, line: bytes) -> str | None:
        try:
            self.book.add(parse_entry(parse_json(line), self.book.reviewer))
        except (JsonTextError, UnfitError, OutOfStepError) as error:
            return str(error)
        return None

    def _head_defect(self, line: bytes) -> str | None:
        try:
            head = parse_json(line)
        except JsonTextError as error:
            return str(error)
        return None if head == self._head() else "another run, reviewer or format"

    def _problem(self, found: str) -> Problem:
        return Problem(
            file=show_path(self.path),
            place=f"line {self._line}",
            found=found,
            expected=f"the decisions of {self.book.reviewer} on {self._run}, as they were written",
            advice="Restore the file, or move it away to begin anew.",
        )


def journal_of(folder: Path, reviewer: str, run: str) -> Journal:
    """The reviewer's journal in the folder; it is made with the first decision."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", reviewer)[:40].strip("-.") or "reviewer"
    digest = hashlib.sha256(reviewer.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Journal(folder / f"decisions-{plain}-{digest}.jsonl", reviewer, run)


def all_journals(folder: Path, run: str) -> list[Journal]:
    """Every reviewer's, by name, with what stands in it. Raises ConfigurationError."""
    found = []
    for path in sorted(folder.glob(NAMES)):
        reviewer = _reviewer_of(path)
        if reviewer is None:
            continue  # A crash before the first line was whole: nothing was confirmed.
        journal = Journal(path, reviewer, run)
        journal.read()
        found.append(journal)
    return sorted(found, key=lambda journal: journal.book.reviewer)


def _reviewer_of(path: Path) -> str | None:
    with path.open("rb") as file:
        line = file.readline(10_000)
    if not line.endswith(b"\n"):
        return None
    try:
        head = parse_json(line)
    except JsonTextError:
        head = None
    reviewer = head.get("reviewer") if isinstance(head, dict) else None
    # A head that says no reviewer is refused when the journal is read.
    return reviewer if isinstance(reviewer, str) and reviewer else "an unknown reviewer"


def _read_from(descriptor: int, offset: int, size: int) -> bytes:
    parts, at = [], offset
    while at < size and (part := os.pread(descriptor, min(size - at, 2**20), at)):
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
