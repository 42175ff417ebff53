"""The same recording judged again is no new evidence: in history, flakiness and the run points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate.runs.gathering import record_transcripts
from dialgate.runs.on_record.histories import read_history
from dialgate.runs.on_record.run_points import read_run_points
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def suite(tmp_path: Path) -> RecordedSuite:
    return RecordedSuite(tmp_path / "shop", refunds=3)


def judge(suite: RecordedSuite, out: Path) -> None:
    workspace = load_workspace(suite.folder)
    record_transcripts(workspace, workspace.release(), out=out)


def trials(suite: RecordedSuite, out: Path) -> set[int]:
    return {item.trials for item in read_history(load_workspace(suite.folder), out)}


def test_a_recording_judged_again_counts_once(suite: RecordedSuite, tmp_path: Path) -> None:
    for _ in range(3):
        judge(suite, tmp_path / "out")
    assert trials(suite, tmp_path / "out") == {1}
    assert len(read_run_points("shop", tmp_path / "out")) <= 1


def test_a_new_recording_is_new_evidence(suite: RecordedSuite, tmp_path: Path) -> None:
    judge(suite, tmp_path / "out")
    path = next((suite.folder / "transcripts").iterdir())
    for path in (suite.folder / "transcripts").iterdir():
        path.write_text(path.read_text("utf-8").replace('"latency_ms": null', '"latency_ms": 7'))
        text = path.read_text("utf-8")
        path.write_text(text.replace('"content": "', '"content": "Well, ', 1), "utf-8")
    judge(suite, tmp_path / "out")
    assert max(trials(suite, tmp_path / "out")) == 2
