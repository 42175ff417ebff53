"""Which adapter reaches which kind of agent; a new kind is a new file and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from dialgate_evals.errors import UsageError
from dialgate_evals.suite.loaded_code import LoadedCode
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.running.agent_protocol import Agent
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
    home: Path | None = None,
    machine: MachineWalls | None = None,
) -> Agent:
    """The adapter for the suite's agent, not started yet; each kind is imported when needed.

    `home` is the suite's folder in the user's checkout, where `suite_folder` is another tree's.
    `machine` says which walls can stand; by default it is found out.
    Raises UsageError for recorded transcripts, which no adapter runs, and for settings that can't
    work (a missing extra, an unset key).
    """
    sandbox: Sandbox | None = None
    if suite.agent.kind in {AgentKind.PYTHON, AgentKind.COMMAND}:
        from dialgate_evals.running.containment.sandbox import Sandbox  # noqa: PLC0415 - loaded when it is needed

        sandbox = Sandbox(suite, suite_folder=suite_folder, root=root, home=home, machine=machine)
    agent = _open_by_kind(suite, release, suite_folder, root, home, sandbox)
    if not suite.agent.mcp:
        return agent
    from dialgate_evals.running.agents.with_mcp import McpAgent  # noqa: PLC0415 - an extra

    return McpAgent(agent, over_stdio=suite.agent.mcp == "stdio", sandbox=sandbox)


def loaded_by(agent: Agent) -> LoadedCode | None:
    """What the agent loaded of its project so far; None where nobody can say."""
    found = getattr(getattr(agent, "inside", agent), "loaded", None)
    return found if isinstance(found, LoadedCode) else None


def died_under(agent: Agent) -> int:
    """How many of the agent's own processes ended under a trial; 0 where it has none."""
    found = getattr(getattr(agent, "inside", agent), "workers_died", 0)
    return found if isinstance(found, int) else 0


def _open_by_kind(
    suite: Suite,
    release: Release,
    suite_folder: Path,
    root: Path,
    home: Path | None,
    sandbox: Sandbox | None,
) -> Agent:
    kind = suite.agent.kind
    match kind:
        case AgentKind.PYTHON:
            from dialgate_evals.running.agents.python_process import PythonProcessAgent  # noqa: PLC0415 - loaded when it is needed

            assert sandbox is not None
            return PythonProcessAgent(
                suite,
                release=release,
                suite_folder=suite_folder,
                root=root,
                home=home,
                sandbox=sandbox,
            )
        case AgentKind.COMMAND:
            from dialgate_evals.running.agents.command import CommandAgent  # noqa: PLC0415 - loaded when it is needed

            assert sandbox is not None
            return CommandAgent(suite, sandbox=sandbox)
        case AgentKind.HTTP:
            from dialgate_evals.running.agents.http import HttpAgent  # noqa: PLC0415 - loaded when it is needed

            return HttpAgent(suite)
        case AgentKind.CHAT:
            from dialgate_evals.running.agents.chat import ChatAgent  # noqa: PLC0415 - loaded when it is needed

            return ChatAgent(suite, release=release)
        case AgentKind.TRANSCRIPT:
            raise UsageError("Recorded transcripts are scored, not run.")
        case _ as never:
            assert_never(never)
