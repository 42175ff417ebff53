"""A long run has the same record as one that was held in memory, byte for byte."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.records.run_identity import identify_run
from dialgate_evals.records.run_record import RunRecorder, open_run_folder
from dialgate_evals.records.writing import recorded_trials
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.comparing.run_evidence import RunEvidence
from tests.workspaces import RecordedSuite, a_refund, a_trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CASES, TRIALS = 7, 5


def recorded(suite: RecordedSuite, out: Path) -> RunRecorder:
    """A run whose trials ended in some order; some failed, some are of an earlier run."""
    workspace = load_workspace(suite.folder)
    release = workspace.release()
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    identity = identify_run(workspace, release, TRIALS)
    recorder = RunRecorder(open_run_folder(out, identity, resume=False), identity)
    due = [(case, trial) for case in workspace.cases for trial in range(TRIALS)]
    random.Random(5).shuffle(due)
    for number, (case, trial) in enumerate(due):
        did = [a_refund(case.id if number % 3 else "another")]
        made = {**a_trial(case.id, did), "trial": trial, "latency_ms": number / 3}
        trajectory = parse_trajectory({**made, "cost_usd": 0.1 * number})
        score = scorer.score(case, trajectory)
        recorder.add(trajectory, score, is_cached=number % 4 == 0)
    return recorder


def files_of(record: Path) -> Iterator[tuple[str, bytes]]:
    return ((path.name, path.read_bytes()) for path in sorted(record.iterdir()))


@pytest.mark.parametrize("most", [1, 4, CASES * TRIALS, 1000])
def test_its_record_is_the_same_byte_for_byte(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=CASES)
    held = recorded(suite, tmp_path / "held").finish(started_at="a", finished_at="b", wall_s=1)
    monkeypatch.setattr(recorded_trials, "MOST_HELD", most)
    recorder = recorded(suite, tmp_path / "long")
    record = recorder.finish(started_at="a", finished_at="b", wall_s=1)
    assert dict(files_of(record)) == dict(files_of(held))


def test_evidence_on_disk_says_what_evidence_in_memory_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=CASES)
    held = RunEvidence(release={}, scores=recorded(suite, tmp_path / "held").scores())
    monkeypatch.setattr(recorded_trials, "MOST_HELD", 4)
    on_disk = RunEvidence(release={}, scores=recorded(suite, tmp_path / "long").scores())
    assert on_disk.by_case.keys() == held.by_case.keys()
    for case_id, scores in held.by_case.items():
        in_order = tuple(sorted(scores, key=lambda score: score.trial))
        assert on_disk.by_case[case_id] == in_order
        assert on_disk.finished(case_id) == in_order
    assert on_disk.has_errored == held.has_errored
    assert on_disk.errored == held.errored
