"""Trials on a cluster come back once each, whatever their workers do; no bytes are trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dialgate_evals.errors import ConfigurationError, EvidenceError
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.executors.cluster import desks
from dialgate_evals.running.executors.cluster.executor import ClusterExecutor
from dialgate_evals.running.executors.cluster.facts import own_facts
from dialgate_evals.running.executors.cluster.messages import Run
from dialgate_evals.running.executors.executor import run_all
from dialgate_evals.suite.workspace import load_workspace
from tests.evals.running.executors.cluster.fake_cluster import (
    KILLS,
    NONSENSE,
    FakeCluster,
    an_executor,
    due,
)
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from dialgate_evals.suite.workspace import Workspace

A, B, C = "tcp://127.0.0.1:1", "tcp://127.0.0.1:2", "tcp://127.0.0.1:3"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return load_workspace(RecordedSuite(tmp_path_factory.mktemp("w") / "shop", refunds=2).folder)


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "LOOK_S", 0.0)


def test_every_trial_is_taken_in_once_and_few_are_in_flight(workspace: Workspace) -> None:
    cluster = FakeCluster(there={A, B})
    kept = an_executor(workspace, cluster)
    run_all(kept.executor, due(workspace, 500))
    assert sorted(number for _, number in kept.trials) == list(range(500))
    assert all(trial.error is None for trial in kept.trials.values())
    assert set(cluster.ran.values()) == {1}
    assert cluster.most_in_flight <= 2 * (2 + 2 * 64)
    assert cluster.opened == set(), "every agent is ended"


def test_short_trials_go_in_lots_and_both_workers_get_some(workspace: Workspace) -> None:
    cluster = FakeCluster(there={A, B})
    run_all(an_executor(workspace, cluster).executor, due(workspace, 500))
    lots = [(worker, len(item.trials)) for worker, item in cluster.asked if isinstance(item, Run)]
    assert len(lots) < 100
    assert {worker for worker, _ in lots} == {A, B}


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(1, 6))
def test_a_worker_that_dies_in_the_middle_costs_no_trial(
    workspace: Workspace, trials: int, after: int
) -> None:
    lots = 0

    def die(cluster: FakeCluster, _worker: str) -> None:
        nonlocal lots
        lots += 1
        if lots == after:
            cluster.there.discard(A)
            cluster.opened.discard(A)

    kept = an_executor(workspace, FakeCluster(there={A, B}, on_run=die))
    run_all(kept.executor, due(workspace, trials))
    assert len(kept.trials) == trials
    assert all(trial.error is None for trial in kept.trials.values())


def test_a_worker_that_joins_late_is_used_and_a_slow_one_holds_nobody_up(
    workspace: Workspace,
) -> None:
    def join(cluster: FakeCluster, _worker: str) -> None:
        cluster.there.add(C)

    cluster = FakeCluster(there={A, B}, slow=B, on_run=join)
    kept = an_executor(workspace, cluster)
    run_all(kept.executor, due(workspace, 400))
    assert len(kept.trials) == 400
    assert {worker for worker, item in cluster.asked if isinstance(item, Run)} == {A, B, C}


def test_a_worker_that_joins_late_and_differs_is_left_out_and_said(workspace: Workspace) -> None:
    other = replace(own_facts(), python="3.99")
    cluster = FakeCluster(there={A}, facts={C: other})
    cluster.on_run = lambda cluster, _worker: cluster.there.add(C)
    kept = an_executor(workspace, cluster)
    run_all(kept.executor, due(workspace, 200))
    assert len(kept.trials) == 200
    assert {worker for worker, item in cluster.asked if isinstance(item, Run)} == {A}
    assert [text for text in kept.said if C in text and "3.99" in text]


def test_a_late_worker_with_weaker_walls_is_left_out(workspace: Workspace) -> None:
    walled = replace(own_facts(), means="namespaces", stands=["read", "write"], why="")
    open_ = replace(walled, means="nothing", stands=[], why="no sandbox there")
    cluster = FakeCluster(there={A}, facts={A: walled, C: open_})
    cluster.on_run = lambda cluster, _worker: cluster.there.add(C)
    kept = an_executor(workspace, cluster)
    run_all(kept.executor, due(workspace, 200))
    assert {worker for worker, item in cluster.asked if isinstance(item, Run)} == {A}
    assert [text for text in kept.said if "weaker" in text]


def test_a_worker_whose_process_is_a_new_one_gets_the_job_again(workspace: Workspace) -> None:
    lots = 0

    def restart(cluster: FakeCluster, _worker: str) -> None:
        nonlocal lots
        lots += 1
        if lots == 3:
            cluster.opened.clear()

    kept = an_executor(workspace, FakeCluster(there={A}, on_run=restart))
    run_all(kept.executor, due(workspace, 50))
    assert len(kept.trials) == 50
    assert all(trial.error is None for trial in kept.trials.values())


def test_a_trial_that_kills_its_workers_is_errored_and_no_other(workspace: Workspace) -> None:
    cluster = FakeCluster(there={A, B}, does={7: KILLS})
    kept = an_executor(workspace, cluster)
    run_all(kept.executor, due(workspace, 60))
    errored = {number for (_, number), trial in kept.trials.items() if trial.error is not None}
    assert errored == {7}
    assert cluster.ran[7] <= 3


def test_what_is_no_trajectory_is_an_errored_trial(workspace: Workspace) -> None:
    kept = an_executor(workspace, FakeCluster(there={A}, does={3: NONSENSE}))
    run_all(kept.executor, due(workspace, 6))
    (wrong,) = [trial for trial in kept.trials.values() if trial.error is not None]
    assert wrong.trial == 3
    assert "its worker sent" in str(wrong.error)


def test_all_differences_of_all_workers_are_said_before_the_first_trial(
    workspace: Workspace,
) -> None:
    own = own_facts()
    cluster = FakeCluster(
        there={A, B, C},
        facts={A: replace(own, python="3.99", dialgate="9"), B: replace(own, code="other")},
    )
    with pytest.raises(ConfigurationError) as raised:
        run_all(an_executor(workspace, cluster).executor, due(workspace, 3))
    assert [(item.file, item.place) for item in raised.value.problems] == [
        (A, "dialgate"),
        (A, "python"),
        (B, "dialgate"),
    ]
    assert not cluster.ran


def test_a_worker_that_goes_away_while_it_is_asked_is_waited_for_no_longer(
    workspace: Workspace,
) -> None:
    kept = an_executor(workspace, FakeCluster(there={A, B}, goes=B))
    run_all(kept.executor, due(workspace, 9))
    assert len(kept.trials) == 9


def test_an_agent_that_cannot_start_on_a_worker_names_the_worker(workspace: Workspace) -> None:
    cluster = FakeCluster(there={A, B}, cannot_start={B: "no node there"})
    with pytest.raises(InfrastructureError, match=f"on {B}: no node there"):
        run_all(an_executor(workspace, cluster).executor, due(workspace, 3))


def test_a_scheduler_without_workers_is_no_evidence_within_a_bound(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "WAIT_S", 0.0)
    with pytest.raises(EvidenceError, match="no worker for"):
        run_all(an_executor(workspace, FakeCluster(there=set())).executor, due(workspace, 3))


def test_a_lost_scheduler_ends_the_run_with_what_came_back(workspace: Workspace) -> None:
    lots = 0

    def lose(cluster: FakeCluster, _worker: str) -> None:
        nonlocal lots
        lots += 1
        cluster.is_lost = lots > 4

    kept = an_executor(workspace, FakeCluster(there={A}, on_run=lose))
    with pytest.raises(EvidenceError, match="--resume"):
        run_all(kept.executor, due(workspace, 300))
    assert 0 < len(kept.trials) < 300


def test_agents_in_unlike_environments_are_refused_with_what_differs(workspace: Workspace) -> None:
    installed = {
        A: ["openai-3.1", "pydantic-2"],
        B: ["openai-3.0", "pydantic-2"],
        C: ["pydantic-2"],
    }
    cluster = FakeCluster(there={A, B, C}, installed=installed)
    with pytest.raises(ConfigurationError) as raised:
        run_all(an_executor(workspace, cluster).executor, due(workspace, 3))
    assert [(item.file, item.found) for item in raised.value.problems] == [
        (B, "openai-3.0"),
        (C, "nothing more"),
    ]
    assert not cluster.ran


def test_a_late_worker_with_another_environment_is_left_out(workspace: Workspace) -> None:
    cluster = FakeCluster(there={A}, installed={A: ["openai-3.1"], C: ["openai-3.0"]})
    cluster.on_run = lambda cluster, _worker: cluster.there.add(C)
    kept = an_executor(workspace, cluster)
    run_all(kept.executor, due(workspace, 200))
    assert {worker for worker, item in cluster.asked if isinstance(item, Run)} == {A}
    assert [text for text in kept.said if "openai-3.0" in text]


def test_a_worker_that_hangs_is_given_up_and_its_trials_run_elsewhere(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ClusterExecutor, "_limit_s", lambda *_: 0.05)
    kept = an_executor(workspace, FakeCluster(there={A, B}, hangs=B))
    run_all(kept.executor, due(workspace, 40))
    assert len(kept.trials) == 40
    assert all(trial.error is None for trial in kept.trials.values())
    assert [text for text in kept.said if B in text and "isn't used any more" in text]
