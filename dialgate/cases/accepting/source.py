"""What there is to look at: the trajectories of a run record or of an import, with their suite.

Finds the release, makes the items, and keeps the trajectories in a file of their own until each is
shown. Leaves finding the suite to `suite_of_run` and deciding to `accepting.session`.
"""

from __future__ import annotations

import tempfile
import weakref
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from dialgate.cases.accepting.suite_of_run import named_in_record, suite_of_file
from dialgate.runs.fuzzing.found_files import found_file
from dialgate.runs.run_records import newest_record
from dialgate_evals.actions.trajectory import Trajectory, parse_trajectory
from dialgate_evals.errors import ConfigurationError, EvidenceError, UsageError
from dialgate_evals.events.accepting.review_item import ItemReader, ReviewItem
from dialgate_evals.files.json_text import json_line, parse_json
from dialgate_evals.files.problems import Problem, join_words, show_path
from dialgate_evals.records.part_digests import RUN
from dialgate_evals.records.run_reading import read_run, read_run_trajectories
from dialgate_evals.records.transcripts import read_trajectories, transcript_path
from dialgate_evals.suite.suite import AgentKind
from dialgate_evals.suite.workspace import load_workspace, suite_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

MOST_LEFT = 1_000
"""Trajectories that can't be looked at are listed up to here; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A trajectory that there is nothing to decide on, and why."""

    place: str
    why: str


class Spool:
    """Trajectories in a file that nobody else sees, one read at a time."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the review
        weakref.finalize(self, self._file.close)
        self._places: dict[str, int] = {}

    def keep(self, item: str, trajectory: Trajectory) -> None:
        """Keeps the trajectory that stands for the item."""
        self._places[item] = self._file.seek(0, 2)
        self._file.write(json_line(trajectory.as_json()))

    def get(self, item: str) -> Trajectory:
        """The trajectory of the item."""
        self._file.seek(self._places[item])
        return parse_trajectory(parse_json(self._file.readline()))


@dataclass(kw_only=True)
class ReviewSource:
    """Everything that is looked at."""

    workspace: Workspace
    release: Release
    version: str
    # of the release that ran
    run: str
    # the record's id, or the import's suite
    reader: ItemReader
    items: list[ReviewItem]
    spool: Spool
    left: list[LeftOut]
    unlisted: int = 0
    notes: tuple[str, ...] = ()
    record: Path | None = None
    # the record's folder; None: an import's transcripts


def open_source(run: Path, suite: Path | None, records: Path) -> ReviewSource:
    """The trajectories that a person named: a record's folder, or a suite's.

    Raises UsageError, ConfigurationError where files of the suite or the record are bad.
    """
    try:
        if run.is_file():
            return _of_found(load_workspace(suite_of_file(run, suite)))
        if (run / RUN).is_file():
            return _of_record(run, suite)
        if suite is not None:
            raise UsageError(f"--suite is for run records, and {show_path(run)} is none.")
        if not run.exists():
            raise UsageError(
                f"{show_path(run)}: there is no such run record or suite. "
                "`dialgate run SUITE` and `dialgate cases import` make them."
            )
        return _of_suite(suite_folder(run), records)
    except EvidenceError as error:
        raise ConfigurationError(error.problems) from None


def _of_suite(folder: Path, records: Path) -> ReviewSource:
    workspace = load_workspace(folder)
    release = workspace.release()
    if workspace.suite.agent.kind is not AgentKind.TRANSCRIPT:
        newest = newest_record(records, workspace, release)
        if newest is None and found_file(records, workspace.suite.name).is_file():
            return _of_found(workspace)
        if newest is None:
            raise UsageError(
                f"{show_path(records)} has no run of this release of {workspace.suite.name}. "
                f"First: dialgate run {show_path(folder)}"
            )
        return _of_record(newest, folder)
    path = transcript_path(workspace, release)
    source = _source(workspace, release, release.version, workspace.suite.name)
    _fill(source, read_trajectories(path), {})
    return source


def _of_record(run: Path, suite: Path | None) -> ReviewSource:
    document = read_run(run)
    folder = suite_folder(suite) if suite is not None else named_in_record(document, run)
    workspace = load_workspace(folder)
    if workspace.suite.name != document["suite"].get("name"):
        raise UsageError(
            f"{show_path(run)} is a run of {document['suite'].get('name')}, "
            f"not of {workspace.suite.name}."
        )
    release, note = _release_that_ran(workspace, document)
    version = str(document["release"].get("version") or release.version)
    source = _source(workspace, release, version, str(document["id"]))
    source.notes = (note,) if note else ()
    source.record = run
    _fill(source, read_run_trajectories(run), document["cases"])
    return source


def _of_found(workspace: Workspace) -> ReviewSource:
    """No trajectory: only found cases are looked at."""
    release = workspace.release()
    return _source(workspace, release, release.version, f"found-{workspace.suite.name}")


def _release_that_ran(workspace: Workspace, document: dict[str, Any]) -> tuple[Release, str]:
    wanted = document["release"].get("fingerprint")
    current = workspace.release()
    if current.fingerprint == wanted:
        return current, ""
    for path in sorted((workspace.folder / "releases").glob("*.toml")):
        other = workspace.release(path)
        if other.fingerprint == wanted:
            return other, ""
    return current, "The release has changed since the run: calls are read by the tools of now."


def _source(workspace: Workspace, release: Release, version: str, run: str) -> ReviewSource:
    guessed = [item.name for item in workspace.actions.classes if item.proposed is not None]
    if guessed:
        raise ConfigurationError([_guessed(workspace, guessed)])
    return ReviewSource(
        workspace=workspace,
        release=release,
        version=version,
        run=run,
        reader=ItemReader.of(release.tools, workspace.actions),
        items=[],
        spool=Spool(),
        left=[],
    )


def _guessed(workspace: Workspace, names: list[str]) -> Problem:
    shown = join_words([*names[:8], *([f"{len(names) - 8} more"] if len(names) > 8 else [])])
    return Problem(
        file=show_path(workspace.folder / "actions.toml"),
        place="class",
        found=f"{len(names)} guessed classes, which all count as writes: {shown}",
        expected="classes that a person has looked at",
        advice="Look at them and take `proposed` out, or say --confirm-classes if all are right.",
    )


def _fill(
    source: ReviewSource,
    trajectories: Iterable[Trajectory | Problem],
    recorded: dict[str, Any],
) -> None:
    """Makes the items, in the suite's order; `recorded`: the cases' contexts when they ran."""
    cases = source.workspace.cases_by_id
    known: dict[str, ReviewItem] = {}
    for found in trajectories:
        if isinstance(found, Problem):
            _leave(source, found.file, str(found))
            continue
        place = f"{found.case_id} trial {found.trial}"
        case = cases.get(found.case_id)
        if case is None:
            _leave(source, place, "the suite has no such case any more")
            continue
        context = (recorded.get(case.id) or {}).get("context", case.context_digest)
        if context != case.context_digest:
            _leave(source, place, "what the agent is given was edited since the run")
            continue
        item = source.reader.read(case, found)
        if isinstance(item, str):
            _leave(source, place, f"it was not run: {item}")
        elif item.id in known:
            known[item.id].trials.append(found.trial)
        else:
            known[item.id] = item
            source.spool.keep(item.id, found)
    order = {case_id: index for index, case_id in enumerate(cases)}
    source.items = sorted(known.values(), key=lambda item: (order[item.case.id], min(item.trials)))
    if not source.items:
        why = "".join(f" {left.place}: {left.why}." for left in source.left[:5])
        raise UsageError(f"There is no trajectory to look at.{why}")


def _leave(source: ReviewSource, place: str, why: str) -> None:
    if len(source.left) < MOST_LEFT:
        source.left.append(LeftOut(place=place, why=why))
    else:
        source.unlisted += 1
