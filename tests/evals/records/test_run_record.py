"""A run record is complete or not there, readable by others, and goes on after a kill."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

import dialgate
from dialgate_evals.actions.outcomes import TrialStatus
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.errors import RecordError
from dialgate_evals.files.json_text import parse_json
from dialgate_evals.records.parquet_tables import DECISION_COLUMNS, TRIAL_COLUMNS
from dialgate_evals.records.run_identity import identify_run
from dialgate_evals.records.run_reading import (
    read_labelled_trajectories,
    read_run,
    read_run_trajectories,
    read_written_trajectories,
)
from dialgate_evals.records.run_record import RunRecorder, open_run_folder
from dialgate_evals.records.run_tables import read_scores
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.loaded_code import LoadedCode
from dialgate_evals.suite.workspace import load_workspace
from tests.integration.command_line import dialgate as command
from tests.workspaces import RecordedSuite, a_refund, a_trial, write_lines

if TYPE_CHECKING:
    from pathlib import Path


def recorded(tmp_path: Path, suite: RecordedSuite) -> Path:
    finished = command(
        "run", suite.folder, "--release", "releases/2.toml", "--out", "out", folder=tmp_path
    )
    assert finished.code == 0, finished.err
    return next((tmp_path / "out").glob("run-*"))


@pytest.fixture
def suite(tmp_path: Path) -> RecordedSuite:
    suite = RecordedSuite(tmp_path / "shop", refunds=4)
    suite.record("2", {"refund-001": [], "refund-002": [a_refund("x")]})
    return suite


def test_duckdb_and_pandas_read_it_without_this_project(
    suite: RecordedSuite, tmp_path: Path
) -> None:
    import duckdb

    record = recorded(tmp_path, suite)
    connection = duckdb.connect()
    trials = connection.execute(f"SELECT * FROM '{record}/trials.parquet'").df()
    assert list(trials.columns) == list(TRIAL_COLUMNS)
    query = f"SELECT case_id, passed FROM '{record}/trials.parquet'"
    rows = connection.execute(query).fetchall()
    assert rows == [
        ("refund-000", True), ("refund-001", False), ("refund-002", False), ("refund-003", True),
    ]  # fmt: skip
    decisions = connection.execute(f"SELECT * FROM '{record}/decisions.parquet'").df()
    connection.close()
    assert list(decisions.columns) == list(DECISION_COLUMNS)
    assert list(decisions["outcome"]) == ["correct", "missed", "wrong_arguments", "correct"]
    assert json.loads(decisions["expected"][2])["arguments"]["id"] == "refund-002"
    assert decisions["actual"].isna().tolist() == [False, True, False, False]


def test_load_gives_frames_and_trajectories_on_demand(suite: RecordedSuite, tmp_path: Path) -> None:
    import pandas as pd

    run = dialgate.load(recorded(tmp_path, suite))
    assert isinstance(run.trials, pd.DataFrame)
    assert run.trials["passed"].sum() == 2
    assert run.decisions.groupby("outcome").size()["correct"] == 2
    (trajectory,) = run.trajectories("refund-002")
    assert trajectory.case_id == "refund-002"
    assert len(list(run.trajectories())) == 4


def test_errored_trials_stay_errored(suite: RecordedSuite, tmp_path: Path) -> None:
    path = suite.transcript("2")
    lines = path.read_text().splitlines()
    lines[0] = json.dumps(a_trial("refund-000", [], error="quota"))
    path.write_text("\n".join(lines) + "\n")
    command("run", suite.folder, "--release", "releases/2.toml", "--out", "out", folder=tmp_path)
    run = dialgate.load(next((tmp_path / "out").glob("run-*")))
    assert run.trials["passed"].isna().tolist() == [True, False, False, False]
    assert run.document["counts"]["errored"] == 1
    scores = read_scores(run.folder)
    assert (scores[0].status, scores[0].error) == (TrialStatus.ERRORED, "quota")


def test_a_trial_as_it_is_written_is_the_trial(suite: RecordedSuite, tmp_path: Path) -> None:
    path = suite.transcript("2")
    lines = path.read_text().splitlines()
    lines[0] = json.dumps(a_trial("refund-000", [], error="quota"))
    lines[1] = json.dumps(a_trial("refund-001", [], labels={"note": "\ud800"}))
    path.write_text("\n".join(lines) + "\n")
    command("run", suite.folder, "--release", "releases/2.toml", "--out", "out", folder=tmp_path)
    (record,) = (tmp_path / "out").glob("run-*")
    read = list(read_run_trajectories(record))
    written = list(read_written_trajectories(record))
    assert [parse_trajectory(parse_json(item.line)) for item in written] == read
    assert [(item.case_id, item.trial, item.error) for item in written] == [
        (item.case_id, item.trial, item.error) for item in read
    ]


def test_an_incomplete_record_is_refused(suite: RecordedSuite, tmp_path: Path) -> None:
    record = recorded(tmp_path, suite)
    (record / "decisions.parquet").unlink()
    with pytest.raises(RecordError, match=r"no decisions\.parquet"):
        read_run(record)


def test_two_runs_of_the_same_release_are_kept_apart(suite: RecordedSuite, tmp_path: Path) -> None:
    recorded(tmp_path, suite)
    recorded(tmp_path, suite)
    assert len(list((tmp_path / "out").glob("run-*"))) == 2


def test_a_journal_cut_short_keeps_every_finished_trial(
    suite: RecordedSuite, tmp_path: Path
) -> None:
    workspace = load_workspace(suite.folder)
    release = workspace.release()
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    identity = identify_run(workspace, release)
    folder = open_run_folder(tmp_path / "out", identity, resume=False)
    recorder = RunRecorder(folder, identity)
    trials = [parse_trajectory(a_trial(i, [a_refund(i)])) for i in suite.case_ids]
    for trajectory in trials[:3]:
        recorder.add(
            trajectory, scorer.score(workspace.cases_by_id[trajectory.case_id], trajectory)
        )
    recorder.close()
    journal = folder / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-10])

    assert open_run_folder(tmp_path / "out", identity, resume=True) == folder
    again = RunRecorder(folder, identity)
    kept = []
    for trajectory, _ in again.resume():
        kept.append(trajectory.case_id)
        case = workspace.cases_by_id[trajectory.case_id]
        again.add_recorded(scorer.score(case, trajectory))
    assert kept == suite.case_ids[:2]
    for trajectory in trials[2:]:
        again.add(trajectory, scorer.score(workspace.cases_by_id[trajectory.case_id], trajectory))
    again.finish(started_at="a", finished_at="b", wall_s=0)
    assert [score.case_id for score in read_scores(folder)] == suite.case_ids
    assert not journal.exists()


def test_what_an_agent_had_loaded_outlives_its_run_but_is_not_taken_from_others(
    suite: RecordedSuite, tmp_path: Path
) -> None:
    workspace = load_workspace(suite.folder)
    identity = identify_run(workspace, workspace.release())
    folder = open_run_folder(tmp_path / "out", identity, resume=False)
    loaded = LoadedCode(files={"agent.py": "sha256:1"}, elsewhere={"b.py": "/b.py"}, children=True)
    for seen in (LoadedCode(), loaded):
        with closing(RunRecorder(folder, identity)) as recorder:
            recorder.keep_loaded(seen)
    with closing(RunRecorder(folder, identity)) as again:
        assert again.resumed_loaded() == loaded
        note = folder / "journal.loaded"
        note.write_bytes(note.read_bytes().replace(b"agent.py", b"other.py"))
        assert again.resumed_loaded() is None
        again.finish(started_at="a", finished_at="b", wall_s=0)
    assert not note.exists()


def test_trajectories_with_labels_are_found_without_parsing_the_others(
    suite: RecordedSuite, tmp_path: Path
) -> None:
    """A label of any kind counts, and so does one that says it has none inside."""
    labels: list[dict[str, object]] = [{}, {"reward": 1.0}, {"labels": {}}, {"a": {"labels": {}}}]
    lines = [
        {**a_trial(case, [a_refund(case)]), "labels": own}
        for case, own in zip(suite.case_ids, labels, strict=True)
    ]
    write_lines(suite.transcript("2"), lines)
    record = recorded(tmp_path, suite)
    every = list(read_run_trajectories(record))
    assert len(every) == 4
    assert list(read_labelled_trajectories(record)) == [one for one in every if one.labels]
