"""Ctrl-C ends a run whose agent hangs; nothing is begun again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.running.agent_protocol import AgentReply, BlockedWorkerError
from dialgate_evals.running.engine import DueTrial, Engine
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.running.agent_protocol import ToolSession, TrialInput


class HangingAgent:
    """Blocks what runs it: once it is cancelled nobody can say which of two trials did that."""

    most_in_flight = None

    def __init__(self) -> None:
        self.asked = 0
        self.hangs = asyncio.Event()

    async def start(self) -> None:
        pass

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        del trial, tools
        self.asked += 1
        if self.asked == 2:
            self.hangs.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise BlockedWorkerError from None
        return AgentReply()

    async def close(self) -> None:
        pass


def test_trials_that_were_in_flight_are_not_run_again(tmp_path: Path) -> None:
    workspace = load_workspace(RecordedSuite(tmp_path / "shop", refunds=2).folder)

    async def interrupted() -> int:
        agent = HangingAgent()
        engine = Engine(
            agent=agent,
            release=workspace.release(),
            suite=workspace.suite,
            actions=workspace.actions,
            on_finished=lambda _case, _trajectory: None,
        )
        plan = [DueTrial(case=case, trial=0) for case in workspace.cases[:2]]
        running = asyncio.create_task(engine.run_trials(plan))
        await agent.hangs.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return agent.asked

    assert asyncio.run(asyncio.wait_for(interrupted(), timeout=60)) == 2
