"""What the agent sees of one trial's tools; leaves the call's way to `trials`."""

import asyncio
import inspect
import sys
import threading


class ToolError(Exception):
    """What a tool call raises where the tool answers with an error."""


def tool_error(text):
    """The error to raise: also a `dialgate.ToolError` where the agent has imported dialgate."""
    public = getattr(sys.modules.get("dialgate"), "ToolError", None)
    if public is None or issubclass(ToolError, public):
        return ToolError(text)
    if public not in _both:
        _both[public] = type("ToolError", (ToolError, public), {"__doc__": ToolError.__doc__})
    return _both[public](text)


_both = {}


class Tools:
    """The agent's view of one trial's tools: `schemas`, `call`, `ToolError`, and MCP."""

    ToolError = ToolError
    mcp_url = None
    mcp_command = None

    def __init__(self, worker, trial, mcp):
        self.schemas = worker.schemas
        if mcp is not None:
            self.mcp_url = mcp.get("mcp_url")
            self.mcp_command = mcp.get("mcp_command")
        self._worker = worker
        self._trial = trial

    def call(self, name, arguments=None):
        """The tool's result: awaited in an async function, at once in a plain one.

        An agent may run a loop of its own in a thread: there an async function awaits as well.
        """
        asked = self._worker.ask(self._trial, name, {} if arguments is None else arguments)
        if threading.get_ident() == self._worker.thread:
            return asked
        answer = asyncio.run_coroutine_threadsafe(asked, self._worker.loop)
        caller = sys._getframe(1).f_code.co_flags
        if caller & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR) and _has_loop():
            return asyncio.wrap_future(answer)
        return answer.result()


def _has_loop():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
