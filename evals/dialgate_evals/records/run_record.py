"""A run record: what a run leaves behind, readable by pandas and DuckDB without this project.

`<out>/run-<id>/` holds run.json, trials.parquet, decisions.parquet and transcripts.jsonl.zst; while
the run goes on, journal.jsonl takes every finished trial, so that a killed run loses only the
trials in flight; beside it stand the marks of this machine, so that a planted journal is none.
Knows the files; leaves running trials to the engine and judging to `gate`.
"""

from __future__ import annotations

import os
from array import array
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import Trajectory, parse_trajectory
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import (
    JsonTextError,
    digest_of_parsed,
    json_document,
    json_line,
    parse_json,
)
from dialgate_evals.files.schema_validation import VALIDATOR
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.own_folders import refuse_links
from dialgate_evals.records.parquet_tables import open_writer, write_tables, write_votes
from dialgate_evals.records.part_digests import PARTS, RUN, VOTES, with_digests
from dialgate_evals.records.run_counts import count_trials, list_cached
from dialgate_evals.records.shards import ShardOf
from dialgate_evals.scoring.scoring import SCORER
from dialgate_evals.suite.versions import SIMULATOR, installed_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.records.shards import Shard
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

JOURNAL = "journal.jsonl"
MARKS = "journal.marks"
TRANSCRIPTS = "transcripts.jsonl.zst"
_MOST_AT_ONCE = 2**20
"""Bytes of neighbouring trials that are read together."""

_CACHED = b"cached "
"""Stands before a journal's line where the trial comes from an earlier run."""

FILES = (RUN, *PARTS)

_NOTES = ("loaded", "walls", "judge", "user")
"""What whoever runs the trials may add to run.json; null where nobody did."""

_MARK_LENGTH = 65


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """What a run is about; equal identities may go on where the other stopped."""

    suite: str
    suite_digest: str
    suite_cases: int
    # cases that the suite has, however many of them were asked for
    release: Mapping[str, Any]
    # name, version, fingerprint, components, model
    cases: Mapping[str, Mapping[str, str]]
    # id to {"context", "digest"}
    trials: int
    # per case
    deterministic: bool
    agent_kind: str
    comparability: str | None = None
    # the run's part of the comparability key; None where its trials must not be reused
    shard: ShardOf | None = None
    # which part of the cases these are; None: all that were asked for
    held_out: tuple[str, ...] = ()
    # cases of the hold-out split; no part of what the run is

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits of the digest."""
        return digest_of_parsed({**self.as_json(), "versions": judging_versions()})[7:19]

    def as_json(self) -> dict[str, Any]:
        """The identity as run.json holds it."""
        return {
            "suite": {
                "name": self.suite,
                "digest": self.suite_digest,
                "cases": self.suite_cases,
            },
            "release": dict(self.release),
            "cases": dict(self.cases),
            "trials_per_case": self.trials,
            "deterministic": self.deterministic,
            "agent_kind": self.agent_kind,
            "comparability": self.comparability,
            **({} if self.shard is None else {"shard": self.shard.as_json()}),
        }


def identify_run(
    workspace: Workspace,
    release: Release,
    trials: int | None = None,
    *,
    cases: Sequence[Case] | None = None,
    shard: Shard | None = None,
) -> RunIdentity:
    """The identity of a run of the release on the suite, or on these cases: a shard, or any."""
    suite = workspace.suite
    listed = workspace.cases if cases is None else cases
    return RunIdentity(
        suite=suite.name,
        suite_digest=workspace.digest,
        suite_cases=len(workspace.cases),
        release={**release.as_json(), "model": release.model.as_json()},
        cases=_digests(listed),
        trials=trials or suite.trials,
        deterministic=suite.deterministic,
        agent_kind=suite.agent.kind.value,
        comparability=workspace.run_key(release),
        shard=None if shard is None else ShardOf.suite(shard, _digests(workspace.cases)),
        held_out=tuple(case.id for case in listed if case.held_out),
    )


def _digests(cases: Iterable[Case]) -> dict[str, dict[str, str]]:
    return {case.id: {"context": case.context_digest, "digest": case.digest} for case in cases}


def judging_versions() -> dict[str, str]:
    """What must be equal for two records to have been judged alike."""
    return {"scorer": SCORER, "validator": VALIDATOR, "simulator": SIMULATOR}


class RunRecorder:
    """Writes a record: every trial to the journal at once, the tables at the end."""

    def __init__(self, folder: Path, identity: RunIdentity) -> None:
        """Opens the journal; the folder must exist (see `open_run_folder`)."""
        self.folder = folder
        self.identity = identity
        self._order = {case_id: index for index, case_id in enumerate(identity.cases)}
        self._scores: list[TrialScore] = []
        # Where each trajectory's line begins in the journal, and how long it is.
        self._starts, self._lengths = array("q"), array("q")
        # place of each trial in the journal: offset and length in bytes
        self._cached: set[int] = set()
        # which of them come from an earlier run
        self._opening: Future[DuckDBPyConnection] | None = None
        # what writes the tables, where it is opened beside the run
        self._key = machine_key()
        self._run = identity.id
        self._notes: dict[str, Any] = dict.fromkeys(_NOTES)
        self.document: dict[str, Any] = {}
        # run.json, once it is written
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        self._journal = os.open(folder / JOURNAL, flags, 0o644)
        self._marks = os.open(folder / MARKS, flags, 0o644)
        self._end = 0

    def note(self, name: str, value: object) -> None:
        """What run.json says of the run beside its trials: `loaded`, `walls`, `dialects`, …"""
        assert name in self._notes, name
        self._notes[name] = value

    def open_tables_beside(self) -> None:
        """Opens in a thread what `finish` needs, while agents are waited for."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only runs need it

        thread = ThreadPoolExecutor(max_workers=1)
        self._opening = thread.submit(open_writer)
        thread.shutdown(wait=False)

    def resume(self) -> Iterator[tuple[Trajectory, bool]]:
        """The trials on record, and whether each came from an earlier run.

        A last line that a kill cut short is dropped, and so is all from the first that this
        machine didn't write. Call `add_recorded` with the score of each, in order, before any
        `add`.
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
                self._note(raw, line)
                yield parse_trajectory(document), is_cached
        if self._end < size:
            os.ftruncate(self._journal, self._end)

    def add_recorded(self, score: TrialScore, *, is_cached: bool = False) -> None:
        """Takes in the score of a trial that the journal holds already."""
        if is_cached:
            self._cached.add(len(self._scores))
        self._scores.append(score)

    def score_again(self, scores: Sequence[TrialScore]) -> None:
        """Takes other scores of the same trials, in the order of the first."""
        assert len(scores) == len(self._scores)
        self._scores = list(scores)

    def add(self, trajectory: Trajectory, score: TrialScore, *, is_cached: bool = False) -> None:
        """Makes one finished trial durable; `is_cached`: it comes from an earlier run."""
        self.write(trajectory, is_cached=is_cached)
        self.add_recorded(score, is_cached=is_cached)

    def write(self, trajectory: Trajectory, *, is_cached: bool = False) -> None:
        """Makes one finished trial durable; `add_recorded` must follow, in the same order."""
        line = json_line(trajectory.as_json())
        raw = _CACHED + line if is_cached else line
        mark = self._key.mark(self._purpose, raw) + "\n"
        os.pwrite(self._marks, mark.encode(), len(self._starts) * _MARK_LENGTH)
        written = 0
        while written < len(raw):
            # Where a limit is met a part is written; writing the rest says which limit it is.
            written += os.pwrite(self._journal, raw[written:], self._end + written)
        self._note(raw, line)

    @property
    def _purpose(self) -> str:
        """A journal's lines belong to its run, in their order."""
        return f"journal {self._run} {len(self._starts)}"

    def _is_own(self, raw: bytes) -> bool:
        mark = os.pread(self._marks, _MARK_LENGTH, len(self._starts) * _MARK_LENGTH)
        return self._key.knows(self._purpose, raw, mark.decode("latin-1").rstrip("\n"))

    def _note(self, raw: bytes, line: bytes) -> None:
        """Where in the journal the trajectory's line is; a mark may stand before it."""
        self._starts.append(self._end + len(raw) - len(line))
        self._lengths.append(len(line))
        self._end += len(raw)

    def finish(
        self, *, started_at: str, finished_at: str, wall_s: float, workers_died: int = 0
    ) -> Path:
        """Writes the tables, then run.json, then drops the journal; gives the record's folder."""
        assert len(self._scores) == len(self._starts), "every trial on record has a score"
        order = sorted(range(len(self._scores)), key=self._sort_key)
        scores = [self._scores[index] for index in order]
        with closing(self._opening.result() if self._opening else open_writer()) as writer:
            write_tables(
                writer,
                scores,
                trials=self.folder / "trials.parquet",
                decisions=self.folder / "decisions.parquet",
            )
            write_votes(writer, scores, self.folder / VOTES)
        self._write_transcripts(order)
        document = {
            "schema": 1,
            "id": self.folder.name.removeprefix("run-"),
            **self.identity.as_json(),
            "held_out": sorted(self.identity.held_out),
            "counts": count_trials(scores, cached=len(self._cached), workers_died=workers_died),
            "cached_trials": list_cached(self._scores, self._cached),
            "dialects": sorted({name for score in scores for name in score.dialects}),
            "times": {
                "started_at": started_at,
                "finished_at": finished_at,
                "wall_s": round(wall_s, 3),
            },
            "versions": {**judging_versions(), **installed_versions()},
            **self._notes,
        }
        document = with_digests(document, self.folder, self._key)
        write_atomically(self.folder / RUN, json_document(document))
        self.document = document
        self.close()
        (self.folder / JOURNAL).unlink()
        (self.folder / MARKS).unlink()
        return self.folder

    def close(self) -> None:
        """Closes the journal; what it holds stays for `--resume`."""
        if self._journal >= 0:
            os.close(self._journal)
            os.close(self._marks)
            self._journal = self._marks = -1

    def _sort_key(self, index: int) -> tuple[int, str, int]:
        score = self._scores[index]
        return (self._order.get(score.case_id, len(self._order)), score.case_id, score.trial)

    def _write_transcripts(self, order: Sequence[int]) -> None:
        import zstandard  # noqa: PLC0415 - only writing and reading records needs it

        path = self.folder / TRANSCRIPTS
        temporary = path.with_name(path.name + ".part")
        compressor = zstandard.ZstdCompressor(level=3)
        with temporary.open("wb") as file, compressor.stream_writer(file) as stream:
            for offset, length in self._neighbours(order):
                stream.write(os.pread(self._journal, length, offset))
        temporary.replace(path)

    def _neighbours(self, order: Sequence[int]) -> Iterator[tuple[int, int]]:
        """The trials' places in that order; those that lie side by side are read at once."""
        start = end = 0
        for offset, length in ((self._starts[index], self._lengths[index]) for index in order):
            if offset != end or end - start > _MOST_AT_ONCE:
                if end > start:
                    yield start, end - start
                start = offset
            end = offset + length
        if end > start:
            yield start, end - start


def open_run_folder(out: Path, identity: RunIdentity, *, resume: bool) -> Path:
    """A folder for the run: the latest unfinished one of this identity, or a new one.

    The name carries the identity's id; a second run of the same gets a counter behind it.
    """
    refuse_links(out)
    out.mkdir(parents=True, exist_ok=True)
    number = 1
    folder = out / f"run-{identity.id}"
    while folder.exists():
        if resume and (folder / JOURNAL).exists() and not (folder / RUN).exists():
            return folder
        number += 1
        folder = out / f"run-{identity.id}-{number}"
    folder.mkdir()
    return folder
