"""Simulated tools of one case as the tests of MCP serve them, over both transports."""

from __future__ import annotations

import importlib.util
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.running.agents.tool_server import ToolServer
from dialgate_evals.running.simulation.mcp_server import McpServer
from dialgate_evals.running.simulation.mcp_stdio import stdio_command
from dialgate_evals.running.simulation.simulated_tools import CaseTools, SimulatedTools
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import RecordedSuite, a_case

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from dialgate_evals.suite.release import Release

HAS_MCP = importlib.util.find_spec("mcp") is not None
needs_mcp = pytest.mark.skipif(not HAS_MCP, reason='the extra "mcp" is not installed')


RECORDINGS = [
    {"name": "look_up", "arguments": {"id": "a"}, "result": {"status": "paid"}},
    {"name": "look_up", "arguments": {"id": "b"}, "error": "no such order"},
    {"name": "refund", "arguments": {"id": "c"}, "fault": "timeout", "times": 1},
]


class Served:
    """A suite's release and the simulated tools of one of its cases."""

    def __init__(self, folder: Path) -> None:
        workspace = load_workspace(RecordedSuite(folder / "shop", refunds=1).folder)
        self.release: Release = workspace.release()
        self.schemas = self.release.tools.as_json()
        case = parse_case(a_case("c", recordings=RECORDINGS))
        self._prepared = CaseTools(case, tools=self.release.tools, actions=workspace.actions)

    def session(self) -> SimulatedTools:
        return SimulatedTools(self._prepared, most_calls=50)


@asynccontextmanager
async def over_http(session: SimulatedTools, schemas: list[dict[str, Any]]) -> AsyncIterator[Any]:
    server = McpServer()
    await server.start()
    try:
        async with server.open_trial(session, schemas) as url:
            yield url
    finally:
        await server.close()


@asynccontextmanager
async def over_stdio(session: SimulatedTools, schemas: list[dict[str, Any]]) -> AsyncIterator[Any]:
    server = ToolServer()
    await server.start()
    try:
        with server.open_trial(session, schemas) as url:
            yield stdio_command(url)
    finally:
        await server.close()


each_transport = pytest.mark.parametrize(
    "open_trial", [pytest.param(over_http, id="http"), pytest.param(over_stdio, id="stdio")]
)
