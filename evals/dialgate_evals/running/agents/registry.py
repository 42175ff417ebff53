"""Which adapter reaches which kind of agent; a new kind is a new file and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.agent_protocol import Agent
    from dialgate_evals.running.containment.sandbox import Sandbox
    from dialgate_evals.running.containment.walls import MachineWalls
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite


def open_agent(
    suite: Suite,
    *,
    release: Release,
    suite_folder: Path,
    root: Path,
    checkout: Path | None = None,
    machine: MachineWalls | None = None,
) -> Agent:
    """The adapter for the suite's agent, not started yet; each kind is imported when needed.

    `checkout` is the suite's folder in the user's own checkout, where `suite_folder` is another.
    Raises UsageError for recorded transcripts, which no adapter runs, and for settings that can't
    work (a missing extra, an unset key).
    """
    if suite.agent.kind not in {AgentKind.PYTHON, AgentKind.COMMAND}:
        agent, sandbox = _open_foreign(suite, release), None
    else:
        from dialgate_evals.running.containment.sandbox import Sandbox  # noqa: PLC0415

        sandbox = Sandbox(
            suite, suite_folder=suite_folder, root=root, checkout=checkout, machine=machine
        )
        agent = _open_started(suite, release, suite_folder=suite_folder, root=root, sandbox=sandbox)
    if not suite.agent.mcp:
        return agent
    from dialgate_evals.running.agents.with_mcp import McpAgent  # noqa: PLC0415 - an extra

    return McpAgent(agent, over_stdio=suite.agent.mcp == "stdio", sandbox=sandbox)


def _open_started(
    suite: Suite, release: Release, *, suite_folder: Path, root: Path, sandbox: Sandbox
) -> Agent:
    """An agent whose processes the harness starts."""
    if suite.agent.kind is AgentKind.COMMAND:
        from dialgate_evals.running.agents.command import CommandAgent  # noqa: PLC0415

        return CommandAgent(suite, sandbox=sandbox)
    from dialgate_evals.running.agents.python_process import PythonProcessAgent  # noqa: PLC0415

    return PythonProcessAgent(
        suite, release=release, suite_folder=suite_folder, root=root, sandbox=sandbox
    )


def _open_foreign(suite: Suite, release: Release) -> Agent:
    """An agent that others run, or that is no program at all."""
    match suite.agent.kind:
        case AgentKind.HTTP:
            from dialgate_evals.running.agents.http import HttpAgent  # noqa: PLC0415

            return HttpAgent(suite)
        case AgentKind.CHAT:
            from dialgate_evals.running.agents.chat import ChatAgent  # noqa: PLC0415

            return ChatAgent(suite, release=release)
        case _:
            raise UsageError("Recorded transcripts are scored, not run.")
