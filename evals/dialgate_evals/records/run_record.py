"""A run record: what a run leaves behind, readable by pandas and DuckDB without this project.

`<out>/run-<id>/` holds run.json, trials.parquet, decisions.parquet and transcripts.jsonl.zst; while
the run goes on, journal.jsonl takes every finished trial, so that a killed run loses only the
trials in flight; beside it stand the marks of this machine, so that a planted journal is none.
Knows the files; leaves running trials to the engine and judging to `gate`.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import json_document
from dialgate_evals.records.own_folders import refuse_links
from dialgate_evals.records.parquet_tables import write_tables
from dialgate_evals.records.part_digests import PARTS, RUN, VOTES, with_digests
from dialgate_evals.records.run_identity import judging_versions
from dialgate_evals.records.writing.journal import JOURNAL, Journal
from dialgate_evals.records.writing.recorded_trials import RecordedTrials
from dialgate_evals.records.writing.run_counts import RunCounts
from dialgate_evals.records.writing.table_process import open_writer
from dialgate_evals.records.writing.tables_beside import open_beside
from dialgate_evals.suite.versions import installed_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.records.run_identity import RunIdentity
    from dialgate_evals.records.writing.tables_beside import TableWriter
    from dialgate_evals.suite.loaded_code import LoadedCode

TRANSCRIPTS = "transcripts.jsonl.zst"

FILES = (RUN, *PARTS)

_NOTES = ("loaded", "walls", "judge", "user")
"""What whoever runs the trials may add to run.json; null where nobody did."""


class RunRecorder:
    """Writes a record: every trial to the journal at once, the tables at the end."""

    def __init__(self, folder: Path, identity: RunIdentity) -> None:
        """Opens the journal; the folder must exist (see `open_run_folder`)."""
        self.folder = folder
        self.identity = identity
        self._journal = Journal(folder, identity.id)
        self._trials = RecordedTrials(identity.cases, folder)
        self._writer: TableWriter | None = None
        # what writes the tables, where it is opened beside the run
        self._notes: dict[str, Any] = dict.fromkeys(_NOTES)
        self.document: dict[str, Any] = {}
        # run.json, once it is written

    def __len__(self) -> int:
        return len(self._trials)

    def note(self, name: str, value: object) -> None:
        """What run.json says of the run beside its trials: `loaded`, `walls`, `dialects`, …"""
        assert name in self._notes, name
        self._notes[name] = value

    def open_tables_beside(self, trials: int) -> None:
        """Opens what `finish` needs for so many trials, while agents are waited for."""
        self._writer = open_beside(trials)

    def resume(self) -> Iterator[tuple[Trajectory, bool]]:
        """The trials on record, and whether each came from an earlier run.

        A last line that a kill cut short is dropped, and so is all from the first that this
        machine didn't write. Call `add_recorded` with the score of each, in order, before any
        `add`.
        """
        for trajectory, place, is_cached in self._journal.resume():
            self._trials.expect(place)
            yield trajectory, is_cached

    def keep_loaded(self, loaded: LoadedCode | None) -> None:
        """Makes durable what the agent loaded so far; None: nobody can say."""
        self._journal.keep_loaded(loaded)

    def resumed_loaded(self) -> LoadedCode | None:
        """What the agent of the interrupted run had loaded; None: not known."""
        return self._journal.loaded()

    def add_recorded(self, score: TrialScore, *, is_cached: bool = False) -> None:
        """Takes in the score of a trial that the journal holds already."""
        self._trials.add(score, is_cached=is_cached)

    def scores(self) -> Sequence[TrialScore]:
        """The scores of all trials, read from disk where they are many; nothing is added after."""
        return self._trials.scores()

    def score_again(self, scores: Sequence[TrialScore]) -> None:
        """Takes other scores of the same trials, in the order of `scores`."""
        self._trials.replace(scores)

    def add(self, trajectory: Trajectory, score: TrialScore, *, is_cached: bool = False) -> None:
        """Makes one finished trial durable; `is_cached`: it comes from an earlier run."""
        self.write(trajectory, is_cached=is_cached)
        self.add_recorded(score, is_cached=is_cached)

    def write(self, trajectory: Trajectory, *, is_cached: bool = False) -> None:
        """Makes one finished trial durable; `add_recorded` must follow, in the same order."""
        self._trials.expect(self._journal.write(trajectory, is_cached=is_cached))

    def finish(
        self, *, started_at: str, finished_at: str, wall_s: float, workers_died: int = 0
    ) -> Path:
        """Writes the tables, then run.json, then drops the journal; gives the record's folder."""
        assert self._trials.are_scored, "every trial on record has a score"
        counts = RunCounts()
        with closing(self._writer or open_writer()) as writer:
            write_tables(
                writer,
                counts.counted(self._trials.in_order()),
                trials=self.folder / "trials.parquet",
                decisions=self.folder / "decisions.parquet",
                votes=self.folder / VOTES,
            )
        self._write_transcripts()
        cached = self._trials.cached()
        document = {
            "schema": 1,
            "id": self.folder.name.removeprefix("run-"),
            **self.identity.as_json(),
            "held_out": sorted(self.identity.held_out),
            "counts": counts.as_json(
                cached=sum(map(len, cached.values())), workers_died=workers_died
            ),
            "cached_trials": cached,
            "dialects": counts.dialects,
            "times": {
                "started_at": started_at,
                "finished_at": finished_at,
                "wall_s": round(wall_s, 3),
            },
            "versions": {**judging_versions(), **installed_versions()},
            **self._notes,
        }
        document = with_digests(document, self.folder, self._journal.key)
        write_atomically(self.folder / RUN, json_document(document))
        self._journal.drop()
        self.document = document
        return self.folder

    def close(self) -> None:
        """Closes the journal; what it holds stays for `--resume`."""
        self._journal.close()

    def _write_transcripts(self) -> None:
        import zstandard  # noqa: PLC0415 - only writing and reading records needs it

        path = self.folder / TRANSCRIPTS
        temporary = path.with_name(path.name + ".part")
        compressor = zstandard.ZstdCompressor(level=3)
        with temporary.open("wb") as file, compressor.stream_writer(file) as stream:
            for lines in self._journal.read(self._trials.places()):
                stream.write(lines)
        temporary.replace(path)


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
