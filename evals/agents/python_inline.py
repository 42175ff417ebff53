"""Python agents without isolation: a trusted function in the engine's own process.

Knows loading the function and speaking to it; shares the reply's format with the isolated worker
through `evals.agents.replies`.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
from typing import TYPE_CHECKING, Any

from evals.agents.protocol import AgentError, InfrastructureError
from evals.agents.replies import parse_reply

if TYPE_CHECKING:
    from pathlib import Path

    from evals.agents.protocol import AgentReply, ToolSession, TrialInput
    from evals.suite import Suite


class ToolError(Exception):
    """What a tool call raises in the agent where the tool answers with an error."""


class InlineTools:
    """The agent's view of the tools: `schemas`, `call`, `ToolError`, and MCP."""

    ToolError = ToolError

    def __init__(
        self,
        trial: TrialInput,
        session: ToolSession,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.schemas = trial.tools
        self.mcp_url = trial.mcp.get("mcp_url")
        self.mcp_command = trial.mcp.get("mcp_command")
        self._session = session
        self._loop = loop

    def call(self, name: str, arguments: Any = None) -> Any:  # noqa: ANN401 - JSON data
        """The tool's result: awaited in an async agent, at once in a thread of a plain one."""
        answer = self._ask(name, {} if arguments is None else arguments)
        if self._loop is None:
            return answer
        return asyncio.run_coroutine_threadsafe(answer, self._loop).result()

    async def _ask(self, name: str, arguments: Any) -> Any:  # noqa: ANN401 - JSON data
        answer = await self._session.call(name, arguments)
        if answer.is_error:
            raise ToolError(str(answer.content))
        return answer.content


class PythonInlineAgent:
    """Calls `module:function` of the suite's folder; plain functions run in threads."""

    def __init__(self, suite: Suite, *, suite_folder: Path) -> None:
        self._target = suite.agent.target or ""
        self._folder = suite_folder
        self._function: Any = None
        self._is_async = False

    @property
    def most_in_flight(self) -> int | None:
        """Any number: trials are multiplexed."""
        return None

    async def start(self) -> None:
        """Imports the function. Raises InfrastructureError where that fails."""
        module_name, _, attribute = self._target.partition(":")
        folder = str(self._folder.resolve())
        if folder not in sys.path:
            sys.path.insert(0, folder)
        try:
            self._function = getattr(importlib.import_module(module_name), attribute)
        except Exception as error:  # foreign code: whatever its import raises
            raise InfrastructureError(
                f"{self._target} can't be loaded from {self._folder}: {error!r}"
            ) from error
        self._is_async = inspect.iscoroutinefunction(self._function)

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """One trial; whatever the function raises is the agent's failure."""
        try:
            if self._is_async:
                seen = InlineTools(trial, tools)
                raw = await self._function(trial.messages, seen, trial.release)
            else:
                seen = InlineTools(trial, tools, asyncio.get_running_loop())
                raw = await asyncio.to_thread(self._function, trial.messages, seen, trial.release)
        except Exception as error:  # foreign code: the trial is failed and says why
            raise AgentError(f"{type(error).__name__}: {error}"[:2000]) from error
        return parse_reply(raw)

    async def close(self) -> None:
        """Nothing to end."""
