"""The journal of a run: every finished trial is in it before anything else hears of it.

Beside its lines stand the marks of this machine, so that a planted journal is none, and what the
agent had loaded, which no trial says. Knows the files; leaves what a trial is worth to others.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from dialgate_evals.actions.trajectory import Trajectory, parse_trajectory
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.suite.loaded_code import LoadedCode, parse_loaded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

JOURNAL = "journal.jsonl"
MARKS = "journal.marks"
LOADED = "journal.loaded"

_CACHED = b"cached "
"""Stands before a journal's line where the trial comes from an earlier run."""

_MARK_LENGTH = 65
_MOST_AT_ONCE = 2**20
"""Bytes of neighbouring trials that are read together."""


class Place(NamedTuple):
    """Where in the journal a trajectory's line is."""

    start: int
    length: int
    # both in bytes


class Journal:
    """The journal in a run's folder, and the marks of its lines."""

    def __init__(self, folder: Path, run: str) -> None:
        """Opens or makes it; `run` is the id of the run that its lines belong to."""
        self.key = machine_key()
        self._folder = folder
        self._run = run
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        self._journal = os.open(folder / JOURNAL, flags, 0o644)
        self._marks = os.open(folder / MARKS, flags, 0o644)
        self._end = 0
        self._lines = 0

    def write(self, trajectory: Trajectory, *, is_cached: bool) -> Place:
        """Makes one trial durable; says where it is."""
        line = json_line(trajectory.as_json())
        raw = _CACHED + line if is_cached else line
        mark = self.key.mark(self._purpose, raw) + "\n"
        os.pwrite(self._marks, mark.encode(), self._lines * _MARK_LENGTH)
        written = 0
        while written < len(raw):
            # Where a limit is met a part is written; writing the rest says which limit it is.
            written += os.pwrite(self._journal, raw[written:], self._end + written)
        return self._took(raw, line)

    def resume(self) -> Iterator[tuple[Trajectory, Place, bool]]:
        """The trials that are on it, where, and whether each came from an earlier run.

        A last line that a kill cut short is dropped, and so is all from the first that this
        machine didn't write.
        """
        size = os.fstat(self._journal).st_size
        with os.fdopen(os.dup(self._journal), "rb") as journal:
            journal.seek(0)
            for raw in journal:
                is_cached = raw.startswith(_CACHED)
                line = raw.removeprefix(_CACHED)
                if not line.endswith(b"\n") or not self._is_own(raw):
                    break
                try:
                    document = parse_json(line)
                except JsonTextError:
                    break
                place = self._took(raw, line)
                yield parse_trajectory(document), place, is_cached
        if self._end < size:
            os.ftruncate(self._journal, self._end)

    def keep_loaded(self, loaded: LoadedCode | None) -> None:
        """Makes durable what the agent loaded so far, before a trial that rests on it is written.

        None: nobody can say.
        """
        content = json_line(None if loaded is None else loaded.as_json())
        mark = self.key.mark(f"journal {self._run} {LOADED}", content) + "\n"
        write_atomically(self._folder / LOADED, mark.encode() + content)

    def loaded(self) -> LoadedCode | None:
        """What the agent had loaded by the last trial; None: not known."""
        try:
            mark, _, content = (self._folder / LOADED).read_bytes().partition(b"\n")
        except OSError:
            return None
        purpose = f"journal {self._run} {LOADED}"
        is_own = self.key.knows(purpose, content, mark.decode("latin-1"))
        return parse_loaded(parse_json(content)) if is_own else None

    def read(self, places: Iterable[Place]) -> Iterator[bytes]:
        """The lines in that order; those that lie side by side are read at once."""
        start = end = 0
        for place in places:
            if place.start != end or end - start > _MOST_AT_ONCE:
                if end > start:
                    yield os.pread(self._journal, end - start, start)
                start = place.start
            end = place.start + place.length
        if end > start:
            yield os.pread(self._journal, end - start, start)

    def close(self) -> None:
        """Closes it; what it holds stays for `--resume`."""
        if self._journal >= 0:
            os.close(self._journal)
            os.close(self._marks)
            self._journal = self._marks = -1

    def drop(self) -> None:
        """Closes it and takes it away: the record is whole without it."""
        self.close()
        (self._folder / JOURNAL).unlink()
        (self._folder / MARKS).unlink()
        (self._folder / LOADED).unlink(missing_ok=True)

    @property
    def _purpose(self) -> str:
        """A journal's lines belong to its run, in their order."""
        return f"journal {self._run} {self._lines}"

    def _is_own(self, raw: bytes) -> bool:
        mark = os.pread(self._marks, _MARK_LENGTH, self._lines * _MARK_LENGTH)
        return self.key.knows(self._purpose, raw, mark.decode("latin-1").rstrip("\n"))

    def _took(self, raw: bytes, line: bytes) -> Place:
        """Where the trajectory's line is; a word may stand before it."""
        place = Place(self._end + len(raw) - len(line), len(line))
        self._end += len(raw)
        self._lines += 1
        return place
