"""Whether the suite's agent can be started: loaded by its interpreter, or reached."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from dialgate.scaffold.doctor.finding import Finding, State
from dialgate.scaffold.doctor.remedies import remedy
from dialgate_evals.errors import DialgateError
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.agents.registry import open_agent
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.scaffold.doctor.finding import Patient
    from dialgate_evals.suite.workspace import Workspace


def check_agent(patient: Patient) -> Iterator[Finding]:
    """Starts the agent and ends it; no trial is run."""
    workspace = patient.workspace
    if workspace is None:
        return
    if workspace.suite.agent.kind is AgentKind.TRANSCRIPT:
        text = "trajectories are recorded: no agent is started"
        yield Finding(check="agent", state=State.OK, text=text)
        return
    began = time.monotonic()
    try:
        asyncio.run(_start(workspace))
    except (InfrastructureError, DialgateError) as error:
        yield _broken(str(error), workspace)
        return
    except BaseExceptionGroup as group:
        yield _broken(str(_first(group)), workspace)
        return
    took_s = time.monotonic() - began
    is_chat = workspace.suite.agent.kind is AgentKind.CHAT
    what = "the client is ready" if is_chat else "started"
    yield Finding(check="agent", state=State.OK, text=f"{what} in {took_s:.1f} s")


def _broken(text: str, workspace: Workspace) -> Finding:
    return Finding(check="agent", state=State.MEND, text=text, mend=remedy(text, workspace))


async def _start(workspace: Workspace) -> None:
    agent = open_agent(
        workspace.suite,
        release=workspace.release(),
        suite_folder=workspace.folder,
        root=workspace.root,
        home=workspace.home,
    )
    try:
        await agent.start()
    finally:
        await agent.close()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first exception of a group. Raises it where no person can do anything about it."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, InfrastructureError | DialgateError):
        raise error
    return error
