"""The pool: every trial that a trusted run made of a release, for the checks that follow.

Knows how trials are kept, marked by this machine or CI, found by release and context, bounded in
number, size and age, and carried to another machine. A trial in the pool is of another day: it says
where to look, and is no evidence by itself. Leaves who may write, and what follows, to `dialgate`.
"""

from __future__ import annotations

import datetime as dt
import fcntl
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from dialgate_evals.actions.trajectory import Trajectory, parse_trajectory
from dialgate_evals.errors import RecordError, UsageError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.schema_validation import check_document
from dialgate_evals.records.own_folders import refuse_links
from dialgate_evals.records.reuse.pool_entries import (
    MOST_OF_A_CASE,
    Entry,
    lines_of,
    moment_text,
    newest,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dialgate_evals.actions.trajectory import WrittenTrajectory
    from dialgate_evals.records.machine_key import MachineKey
    from dialgate_evals.records.reuse.pool_entries import PoolLimits

POOL = "pool"
_FILE = "trials.jsonl"
_PURPOSE = "pooled trial"
_MARK = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledTrial:
    """A trial of an earlier run, with what tells whether it may stand for one of the baseline."""

    run: str
    # the run's part of the comparability key: release, agent, limits, simulator
    context: str
    # digest of the case's context
    at: str
    # when the run that made it began, RFC 3339 in UTC
    trajectory: Trajectory

    def as_json(self) -> dict[str, Any]:
        """The trial as one line of the pool."""
        return _as_json(self)


class CopiedTrial(NamedTuple):
    """A trial for the pool, copied from a record as it stands there; otherwise the same."""

    run: str
    context: str
    at: str
    trajectory: WrittenTrajectory

    def as_json(self) -> dict[str, Any]:
        """The trial as one line of the pool."""
        return _as_json(self)


def _as_json(trial: PooledTrial | CopiedTrial) -> dict[str, Any]:
    return {
        "schema": 1,
        "run": trial.run,
        "context": trial.context,
        "at": trial.at,
        "trajectory": trial.trajectory.as_json(),
    }


class BaselinePool:
    """The trials of one output folder."""

    def __init__(self, out: Path, key: MachineKey) -> None:
        """Raises UsageError where a link stands in the way."""
        refuse_links(out)
        self._path = out / POOL / _FILE
        self._key = key

    def read(self) -> list[PooledTrial]:
        """Every trial that this machine or CI marked; the others are none."""
        return [trial for line in self._lines() if (trial := self._parse(line)) is not None]

    def find(self, run: str, contexts: Iterable[str]) -> dict[str, list[PooledTrial]]:
        """By context the trials of that release, in the order in which they were made."""
        wanted = set(contexts)
        found: dict[str, list[PooledTrial]] = {}
        for trial in self.read():
            if trial.run == run and trial.context in wanted:
                found.setdefault(trial.context, []).append(trial)
        return {context: trials[-MOST_OF_A_CASE:] for context, trials in found.items()}

    def add(
        self, trials: Iterable[PooledTrial | CopiedTrial], limits: PoolLimits, now: dt.datetime
    ) -> int:
        """Takes trials in, each once, and drops what is over the limits; how many are new.

        A trial that could not be run is never kept. The trials are taken one by one: there can be
        a million of them, of which the pool keeps what fits.
        """
        own = (trial for trial in trials if trial.trajectory.error is None)
        with self._locked(), TemporaryFile(dir=self._path.parent) as file:
            return self._take_in(self._written(own, file), limits, now)

    def _written(
        self, trials: Iterable[PooledTrial | CopiedTrial], file: BinaryIO
    ) -> Iterator[tuple[bytes, Entry]]:
        """The mark and the entry of each trial, whose lines are in the file."""
        start = 0
        for trial in trials:
            line = self._line(trial)
            file.write(line)
            yield line[:_MARK], Entry(trial.at, trial.run, trial.context, file, start, len(line))
            start += len(line)
        file.flush()

    def export(self, target: Path) -> int:
        """Writes the pool's own trials to a file for another machine of this secret."""
        own = [line for line in self._lines() if self._parse(line) is not None]
        write_atomically(target, b"".join(own))
        return len(own)

    def restore(self, source: Path, limits: PoolLimits, now: dt.datetime) -> int:
        """Takes in an exported file, whole or not at all; how many trials are new.

        Raises RecordError where a line was not marked by a secret of this machine or CI.
        """
        lines = list(_read_lines(source))
        bad = [number for number, line in enumerate(lines, 1) if self._parse(line) is None]
        if bad:
            raise RecordError(
                [
                    Problem(
                        file=show_path(source),
                        place=f"line {bad[0]}",
                        found=f"{len(bad)} of {len(lines)} trials that no secret of here marked",
                        expected="a pool that this repository's CI or this machine exported",
                        advice="Give DIALGATE_SECRET as it was there.",
                    )
                ]
            )
        with self._locked(), source.open("rb") as file:
            return self._take_in(self._entries(file), limits, now)

    def _take_in(
        self, entries: Iterable[tuple[bytes, Entry]], limits: PoolLimits, now: dt.datetime
    ) -> int:
        marks, size, first = set(), 0, None
        for line in self._lines():
            first = line if first is None else first
            marks.add(line[:_MARK])
            size += len(line)
        usable = within(newest(entries, marks, limits), limits, now)
        size += sum(entry.length for entry in usable)
        if size > limits.max_bytes or self._is_too_old(first, limits, now):
            return self._write_again(usable, limits, now)
        if usable:
            with self._path.open("ab") as file:
                file.writelines(lines_of(usable))
        return len(usable)

    def _write_again(self, usable: list[Entry], limits: PoolLimits, now: dt.datetime) -> int:
        """Writes the pool with those new entries and without what must go; how many stay."""
        with self._path.open("ab+") as before:
            before.seek(0)
            known = [entry for _, entry in self._entries(before)]
            kept = within([*known, *usable], limits, now)
            write_atomically(self._path, lines_of(kept))
        return sum(entry.file is not before for entry in kept)

    def _is_too_old(self, line: bytes | None, limits: PoolLimits, now: dt.datetime) -> bool:
        """Whether the pool's first line must go; else lines are only appended."""
        if line is None:
            return False
        trial = self._parse(line)
        oldest = moment_text(now - dt.timedelta(days=limits.max_age_days))
        return trial is None or trial.at < oldest

    def _entries(self, file: BinaryIO) -> Iterator[tuple[bytes, Entry]]:
        """The mark and the entry of each line that this machine or CI marked."""
        start, same = 0, dict[str, str]()
        for line in file:
            trial = self._parse(line)
            if trial is not None:
                run, context = (same.setdefault(word, word) for word in (trial.run, trial.context))
                at = same.setdefault(trial.at, trial.at)
                yield line[:_MARK], Entry(at, run, context, file, start, len(line))
            start += len(line)

    def _line(self, trial: PooledTrial | CopiedTrial) -> bytes:
        content = json_line(trial.as_json())
        return self._key.mark(_PURPOSE, content).encode("ascii") + b" " + content

    def _parse(self, line: bytes) -> PooledTrial | None:
        mark, content = line[:_MARK], line[_MARK + 1 :]
        if not self._key.knows(_PURPOSE, content, mark.decode("latin-1")):
            return None
        try:
            document = parse_json(content)
        except JsonTextError:
            return None
        if not isinstance(document, dict) or document.get("schema") != 1:
            return None
        if check_document(document.get("trajectory"), "transcript", "", str):
            return None
        return PooledTrial(
            run=str(document.get("run")),
            context=str(document.get("context")),
            at=str(document.get("at")),
            trajectory=parse_trajectory(document["trajectory"]),
        )

    def _lines(self) -> Iterator[bytes]:
        return _read_lines(self._path) if self._path.exists() else iter(())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time; readers see the old file or the new one."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with (self._path.parent / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise UsageError(f"{show_path(self._path)}: it can't be written: {error}.") from None


def _read_lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise UsageError(f"{show_path(path)}: it can't be read: {error.strerror}.") from None
