"""Real MCP servers are asked what is only read, and their answers become recordings."""

from __future__ import annotations

import shlex
import sys
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.errors import UsageError
from dialgate_evals.running.simulation.mcp_ask import RealAnswer, ask_tools

if TYPE_CHECKING:
    from pathlib import Path

is_there = find_spec("mcp") is not None and not metadata.version("mcp").startswith("1.")
pytestmark = pytest.mark.skipif(
    not is_there, reason='the server is written with mcp 2 (extra "mcp")'
)

SERVER = """
from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("shop")

@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def look(id: str) -> dict:
    return {"id": id}

@server.tool()
def say(id: str):
    return "a text"

@server.tool(annotations=ToolAnnotations(read_only_hint=False))
def pay(id: str) -> str:
    raise SystemExit("was asked")

@server.tool()
def fail(id: str) -> str:
    raise ValueError("no such order")

server.run("stdio")
"""


def test_reads_are_answered_and_what_does_more_is_not_asked(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    names = ("look", "say", "pay", "fail", "unknown")
    source = shlex.join([sys.executable, str(script)])
    looked, said, paid, failed, unknown = ask_tools(source, [(name, {"id": "1"}) for name in names])
    assert looked == RealAnswer(result={"id": "1"})
    assert said.result == "a text"
    assert paid.refused == "the server says that it does more than read"
    assert failed.error
    assert unknown.refused == "the server has no such tool"


def test_a_server_that_cannot_be_reached_is_said() -> None:
    with pytest.raises(UsageError, match="can't be asked"):
        ask_tools("no-such-program-here", [("look", {})])
