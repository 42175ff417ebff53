"""A stdio MCP server of one trial's simulated tools: a process that the agent itself starts.

Knows stdio and how to ask the harness over loopback (`agents.tool_server`), where every call
is logged; run as a script with the address of the trial's tools.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from dialgate_evals.running.agent_protocol import ToolAnswer

_TIMEOUT_S = 600
"""Longer than any trial: the engine ends what takes too long."""


def stdio_command(tools_url: str) -> list[str]:
    """The command line of a stdio server for the trial whose tools are at that address.

    Runs with the harness's interpreter, so the agent's environment needs nothing. By path and
    with -P, because clients start servers with an environment and a folder of their own.
    """
    return [sys.executable, "-P", str(Path(__file__).resolve()), tools_url]


def stdio_programs() -> tuple[Path, ...]:
    """What an agent has to see to start such a server: the interpreter and these packages."""
    return (Path(sys.executable), Path(__file__).resolve().parents[3])


async def serve_stdio(tools_url: str) -> None:
    """Serves on standard input and output until the client closes them."""
    from mcp.server.stdio import stdio_server  # noqa: PLC0415 - an extra

    from dialgate_evals.running.agent_protocol import ToolAnswer  # noqa: PLC0415 - see main
    from dialgate_evals.running.simulation.mcp_sdk import build_server  # noqa: PLC0415 - loaded when it is needed

    async def make_call(name: str, arguments: Any) -> ToolAnswer:  # noqa: ANN401 - JSON data
        call = {"name": name, "arguments": arguments}
        answer = await asyncio.to_thread(_ask, tools_url, "POST", call)
        if "content" in answer:
            return ToolAnswer(content=answer["content"])
        return ToolAnswer(content=answer.get("error", "the harness gave no answer"), is_error=True)

    listed = await asyncio.to_thread(_ask, tools_url, "GET")
    server = build_server(listed["tools"], make_call)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _ask(url: str, method: str, document: object = None) -> dict[str, Any]:
    """One exchange with the harness. Raises OSError where it is gone."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_S)
    try:
        body = None if document is None else json.dumps(document)
        connection.request(method, parts.path, body, {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


def main() -> None:
    """Runs the server for the address on the command line."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    asyncio.run(serve_stdio(sys.argv[1]))


if __name__ == "__main__":
    main()
