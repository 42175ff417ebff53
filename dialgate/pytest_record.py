"""The run record of a pytest session: the same files as `dialgate run` writes.

Trials arrive with the items' reports, from this process or from xdist's workers; the recording
process scores them again and writes one record per suite.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.problems import show_path
from evals.run_record import RunRecorder, identify_run, open_run_folder
from evals.scoring import Scorer
from evals.trajectory import parse_trajectory
from evals.workspace import find_release_file, load_workspace

if TYPE_CHECKING:
    import pytest

PENDING: list[dict[str, Any]] = []
"""Trials of finished items, in the order of their reports."""


def write_records(config: pytest.Config) -> list[str]:
    """Writes a record for every suite that ran; a line for people on each."""
    suites: dict[str, list[dict[str, Any]]] = {}
    for item in PENDING:
        suites.setdefault(item["suite"], []).append(item)
    PENDING.clear()
    out = Path(config.invocation_params.dir) / config.getoption("--dialgate-out")
    return [_write_record(Path(suite), items, out) for suite, items in suites.items()]


def _write_record(suite: Path, items: list[dict[str, Any]], out: Path) -> str:
    workspace = load_workspace(suite.parent)
    named = items[0]["release"]
    release = workspace.release(find_release_file(named, suite.parent) if named else None)
    trajectories = [parse_trajectory(trial) for item in items for trial in item["trials"]]
    known = workspace.cases_by_id
    ran = {trajectory.case_id for trajectory in trajectories}
    cases = [case for case in workspace.cases if case.id in ran]
    trials = max(trajectory.trial for trajectory in trajectories) + 1
    identity = identify_run(workspace, release, trials, cases=cases)
    recorder = RunRecorder(open_run_folder(out, identity, resume=False), identity)
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    for trajectory in trajectories:
        recorder.add(trajectory, scorer.score(known[trajectory.case_id], trajectory))
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    folder = recorder.finish(started_at=now, finished_at=now, wall_s=0.0)
    return f"dialgate: {len(trajectories)} trials on record in {show_path(folder)}"
