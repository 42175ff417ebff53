"""What ended is kept and reported in turns: several together, none left over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.running.agent_protocol import AgentReply
from dialgate_evals.running.engine import DueTrial, Engine
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.agent_protocol import ToolSession, TrialInput
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.workspace import Workspace

MOST_AT_ONCE = 128


class FakeAgent:
    """Lets the loop turn as often as it is told before it replies; -1: hangs."""

    most_in_flight = None

    def __init__(self, turns: list[int], on_asked: Callable[[], None] = lambda: None) -> None:
        self.turns = iter(turns)
        self.on_asked = on_asked
        self.hangs = asyncio.Event()

    async def start(self) -> None:
        pass

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        del trial, tools
        self.on_asked()
        turns = next(self.turns)
        if turns < 0:
            self.hangs.set()
            await asyncio.Event().wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        return AgentReply(text="Done.")

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return load_workspace(RecordedSuite(tmp_path_factory.mktemp("w") / "shop", refunds=6).folder)


def an_engine(
    workspace: Workspace, agent: FakeAgent, said: list[str], report: Callable[[], None]
) -> Engine:
    return Engine(
        agent=agent,
        release=workspace.release(),
        suite=workspace.suite,
        actions=workspace.actions,
        on_finished=lambda _case, _trajectory: said.append("finished"),
        on_several_finished=report,
    )


def a_plan(workspace: Workspace, trials: int) -> list[DueTrial]:
    return [DueTrial(case=workspace.cases[0], trial=number) for number in range(trials)]


@given(st.lists(st.integers(0, 3), max_size=300))
def test_every_finished_trial_is_reported_once_with_few_others(
    workspace: Workspace, turns: list[int]
) -> None:
    said: list[str] = []
    reports: list[int] = []

    def report() -> None:
        reports.append(len(said))
        said.clear()

    an_engine(workspace, FakeAgent(turns), said, report).run(a_plan(workspace, len(turns)))
    assert sum(reports) == len(turns)
    assert said == []
    assert all(0 < count <= MOST_AT_ONCE for count in reports)


def test_what_finished_before_an_interruption_is_reported(workspace: Workspace) -> None:
    said: list[str] = []
    reports: list[int] = []

    async def interrupted() -> None:
        agent = FakeAgent([0, 0, -1])
        engine = an_engine(workspace, agent, said, lambda: reports.append(len(said)))
        running = asyncio.ensure_future(engine.run_trials(a_plan(workspace, 3)))
        await agent.hangs.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(interrupted())
    assert reports[-1] == 2


def test_a_report_that_fails_ends_the_run(workspace: Workspace) -> None:
    def report() -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        an_engine(workspace, FakeAgent([1, 1, 1]), [], report).run(a_plan(workspace, 3))


def test_the_agent_hears_of_the_next_trials_before_those_that_ended_are_kept(
    workspace: Workspace,
) -> None:
    said: list[str] = []
    lanes = workspace.suite.concurrency
    agent = FakeAgent([1] * 2 * lanes, on_asked=lambda: said.append("asked"))
    an_engine(workspace, agent, said, lambda: None).run(a_plan(workspace, 2 * lanes))
    assert said == ["asked"] * 2 * lanes + ["finished"] * 2 * lanes


def test_one_trial_that_can_not_be_kept_ends_the_run_and_costs_no_other(
    workspace: Workspace,
) -> None:
    kept: list[int] = []

    def keep(_: Case, trajectory: Trajectory) -> None:
        if trajectory.trial == 1:
            raise OSError("a trial that can't be written")
        kept.append(trajectory.trial)

    engine = an_engine(workspace, FakeAgent([1, 1, 1]), [], lambda: None)
    engine.on_finished = keep
    with pytest.raises(OSError, match="can't be written"):
        engine.run(a_plan(workspace, 3))
    assert kept == [0, 2]
