"""The newest failing trial of a case on record, and how often it failed beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.runs.on_record.histories import suite_records
from dialgate.runs.on_record.seen_recordings import started_at
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.errors import RecordError, UsageError
from dialgate_evals.files.problems import show_path
from dialgate_evals.records.run_reading import read_run_trajectories
from dialgate_evals.records.transcripts import read_trajectories, transcript_path
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.loaded_code import parse_loaded
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class FailingTrial:
    """A trial that failed, with what lies beside it on record."""

    trajectory: Trajectory
    score: TrialScore
    passed: int
    trials: int
    # of the case under this release, on record
    loaded: tuple[str, ...]
    # files that the agent loaded, relative to the suite's folder


def failing_trial(workspace: Workspace, release: Release, case: Case, out: Path) -> FailingTrial:
    """The newest failing trial of the case under this very release. Raises UsageError: none."""
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    newest: tuple[Trajectory, TrialScore] | None = None
    passed = trials = 0
    loaded: tuple[str, ...] = ()
    for trajectory, files in _recorded(workspace, release, case, out):
        score = scorer.score(case, trajectory)
        if score.passed is None:
            continue
        trials += 1
        passed += score.passed
        if not score.passed and newest is None:
            newest, loaded = (trajectory, score), files
    if newest is None:
        what = "passed each time" if trials else "was not run"
        raise UsageError(
            f"{case.id} {what} under this release, as far as {show_path(out)} holds it: there is "
            f"no failure to bundle. `dialgate run SUITE --case {case.id}` runs it."
        )
    return FailingTrial(
        trajectory=newest[0], score=newest[1], passed=passed, trials=trials, loaded=loaded
    )


def _recorded(
    workspace: Workspace, release: Release, case: Case, out: Path
) -> Iterator[tuple[Trajectory, tuple[str, ...]]]:
    """Trials of the case as it is now, the newest record first; damaged records are left out."""
    if workspace.suite.agent.kind is AgentKind.TRANSCRIPT:
        for item in read_trajectories(transcript_path(workspace, release)):
            if isinstance(item, Trajectory) and item.case_id == case.id:
                yield item, ()
        return
    records = [
        (document, folder)
        for document, folder in suite_records(workspace.suite.name, out)
        if document["release"].get("fingerprint") == release.fingerprint
        and (document["cases"].get(case.id) or {}).get("context") == case.context_digest
    ]
    records.sort(key=lambda record: (started_at(record[0]), str(record[1])), reverse=True)
    for document, folder in records:
        code = parse_loaded(document.get("loaded"))
        files = () if code is None else tuple(sorted(code.files))
        try:
            listed = [t for t in read_run_trajectories(folder) if t.case_id == case.id]
        except RecordError:
            continue
        yield from ((trajectory, files) for trajectory in listed)
