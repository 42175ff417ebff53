"""Python agents without isolation: a trusted function in the engine's own process.

Knows loading the function and speaking to it; shares the reply's format with the isolated worker
through `dialgate_evals.running.agents.replies`.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
from typing import TYPE_CHECKING, Any

from dialgate_evals.agent_protocol import AgentError, InfrastructureError
from dialgate_evals.agent_tools import ToolError
from dialgate_evals.files.json_text import copy_parsed, parse_json
from dialgate_evals.running.agents.replies import parse_reply

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.agent_protocol import AgentReply, ToolSession, TrialInput
    from dialgate_evals.suite.suite import Suite


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
        self.broken: str | None = None
        # what the agent sent that no wire can carry; then its trial is failed
        self._session = session
        self._loop = loop

    def call(self, name: str, arguments: Any = None) -> Any:  # noqa: ANN401 - JSON data
        """The tool's result: awaited in an async agent, at once in a thread of a plain one."""
        answer = self._ask(name, {} if arguments is None else arguments)
        if self._loop is None:
            return answer
        return asyncio.run_coroutine_threadsafe(answer, self._loop).result()

    async def _ask(self, name: str, arguments: Any) -> Any:  # noqa: ANN401 - JSON data
        try:
            sent = _as_sent(arguments)
        except (TypeError, ValueError, RecursionError) as error:
            self.broken = f"not JSON: {error}"[:2000]
            raise
        answer, late_s = self._session.answer(name, sent)
        if late_s:
            await asyncio.sleep(late_s)
        if answer.is_error:
            raise ToolError(str(answer.content))
        return copy_parsed(answer.content)


_PLAIN = frozenset({str, bool, type(None)})
_LARGE = 2**53


def _as_sent(arguments: Any) -> Any:  # noqa: ANN401 - hostile input
    """The arguments as they would arrive from another process: JSON, and changed by nobody.

    Raises TypeError, ValueError or RecursionError where that process couldn't send them.
    """
    if type(arguments) is dict:
        for key, value in arguments.items():
            is_plain = type(value) in _PLAIN or (type(value) is int and abs(value) < _LARGE)
            if type(key) is not str or not is_plain:
                break
        else:
            return dict(arguments)
    return parse_json(json.dumps(arguments, allow_nan=False).encode("ascii"))


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
        seen = InlineTools(trial, tools, None if self._is_async else asyncio.get_running_loop())
        messages = copy_parsed(trial.messages)
        try:
            if self._is_async:
                raw = await self._function(messages, seen, trial.release)
            else:
                raw = await asyncio.to_thread(self._function, messages, seen, trial.release)
        except Exception as error:  # foreign code: the trial is failed and says why
            text = seen.broken or f"{type(error).__name__}: {error}"[:2000]
            raise AgentError(text) from error
        if seen.broken is not None:
            raise AgentError(seen.broken)
        return parse_reply(raw)

    async def close(self) -> None:
        """Nothing to end."""
