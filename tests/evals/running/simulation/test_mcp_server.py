"""The simulated tools over MCP, asked by the official SDK's own client."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.running.agents.tool_server import ToolServer
from dialgate_evals.running.simulation.mcp_sdk import is_first_generation
from dialgate_evals.running.simulation.mcp_server import McpServer
from dialgate_evals.running.simulation.mcp_stdio import stdio_command
from tests.evals.running.http_servers import a_request, exchange
from tests.evals.running.simulation.served_tools import (
    HAS_MCP,
    Served,
    each_transport,
    needs_mcp,
    over_http,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


pytestmark = needs_mcp


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path)


@asynccontextmanager
async def handshake_client(address: Any) -> AsyncIterator[Any]:
    """A client that begins with `initialize`, as every 1.x client does."""
    import mcp
    from mcp.client.streamable_http import streamable_http_client

    transport: Any = (
        streamable_http_client(address)
        if isinstance(address, str)
        else mcp.stdio_client(mcp.StdioServerParameters(command=address[0], args=list(address[1:])))
    )
    async with transport as streams, mcp.ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        yield session


@asynccontextmanager
async def modern_client(address: Any) -> AsyncIterator[Any]:
    """A client of the SDK's second generation, which needs no session."""
    import mcp

    parameters = address
    if not isinstance(address, str):
        parameters = mcp.StdioServerParameters(command=address[0], args=list(address[1:]))
    async with mcp.Client(parameters) as client:
        yield client


CLIENTS = [pytest.param(handshake_client, id="handshake")]
if HAS_MCP and not is_first_generation():
    CLIENTS.append(pytest.param(modern_client, id="modern"))

each_client = pytest.mark.parametrize("connect", CLIENTS)


def text_of(result: Any) -> str:
    (part,) = result.content
    text: str = part.text
    return text


def is_error(result: Any) -> bool:
    return bool(result.model_dump(by_alias=True)["isError"])


@each_transport
@each_client
def test_tools_are_listed_and_calls_logged(connect: Any, open_trial: Any, served: Served) -> None:
    session = served.session()

    async def main() -> tuple[Any, list[Any]]:
        async with open_trial(session, served.schemas) as address, connect(address) as client:
            listed = (await client.list_tools()).model_dump(by_alias=True, mode="json")
            calls = [
                ("look_up", {"id": "a"}),
                ("look_up", {"id": "b"}),
                ("look_up", {}),
                ("look_up", {"id": "nobody knows"}),
                ("refund", {"id": "c"}),
                ("refund", {"id": "d"}),
                ("no_such_tool", {}),
            ]
            return listed, [await client.call_tool(name, given) for name, given in calls]

    listed, answers = asyncio.run(main())
    assert [tool["name"] for tool in listed["tools"]] == ["look_up", "refund", "send_mail"]
    assert listed["tools"][0]["inputSchema"] == served.schemas[0]["parameters"]
    paid, missing, invalid, unmatched, timed_out, acknowledged, unknown = answers
    assert (json.loads(text_of(paid)), is_error(paid)) == ({"status": "paid"}, False)
    assert (text_of(missing), is_error(missing)) == ("no such order", True)
    assert (text_of(invalid)[:17], is_error(invalid)) == ("invalid arguments", True)
    assert "no recording of this case" in text_of(unmatched)
    assert "timeout" in text_of(timed_out)
    assert (json.loads(text_of(acknowledged)), is_error(acknowledged)) == ({"status": "ok"}, False)
    assert "there is no tool 'no_such_tool'" in text_of(unknown)
    assert [(call.name, call.is_error) for call in session.log] == [
        ("look_up", False),
        ("look_up", True),
        ("look_up", True),
        ("look_up", True),
        ("refund", True),
        ("refund", False),
        ("no_such_tool", True),
    ]
    assert session.log[3].unmatched
    assert session.log[4].fault == "timeout"


@each_client
def test_many_trials_share_one_port_and_no_calls(connect: Any, served: Served) -> None:
    sessions = [served.session() for _ in range(12)]

    async def one(server: McpServer, number: int) -> None:
        opened = server.open_trial(sessions[number], served.schemas)
        async with opened as url, connect(url) as client:
            for _ in range(number):
                await client.call_tool("refund", {"id": str(number)})

    async def main() -> None:
        server = McpServer()
        await server.start()
        await asyncio.gather(*(one(server, number) for number in range(len(sessions))))
        await server.close()

    asyncio.run(main())
    for number, session in enumerate(sessions):
        assert [call.arguments for call in session.log] == [{"id": str(number)}] * number


def test_a_client_may_open_a_session_for_each_call(served: Served) -> None:
    """Some frameworks do; all of them are the one trial."""
    session = served.session()

    async def main() -> None:
        async with over_http(session, served.schemas) as url:
            for _ in range(3):
                async with handshake_client(url) as client:
                    await client.call_tool("look_up", {"id": "a"})

    asyncio.run(main())
    assert len(session.log) == 3


def ask_raw(served: Served, change: Callable[[str], str], body: bytes = b"{}", **more: str) -> int:
    """The status of a plain POST to an address made from the trial's."""

    async def main() -> int:
        async with over_http(served.session(), served.schemas) as url:
            raw = a_request(change(url), body, content_type="application/json", **more)
            host = url.split("/")[2]
            raw = raw.replace(b"Host: x", f"Host: {host}".encode())
            return await status_of(url, raw)

    return asyncio.run(main())


async def status_of(url: str, raw: bytes) -> int:
    host, _, port = url.split("/")[2].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(raw)
    line = await reader.readline()
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda url: url[:-1], id="a shorter token"),
        pytest.param(lambda url: url.rsplit("/", 1)[0] + "/", id="no token"),
        pytest.param(lambda url: url.replace("/mcp/", "/"), id="another folder"),
        pytest.param(lambda url: url + "/more", id="a path below"),
    ],
)
def test_other_paths_lead_nowhere(change: Callable[[str], str], served: Served) -> None:
    assert ask_raw(served, change) == 404


def test_a_body_over_16_mib_is_refused(served: Served) -> None:
    assert ask_raw(served, str, b" " * (16 * 2**20 + 1)) == 413


def test_another_host_name_is_refused(served: Served) -> None:
    """A web page that reaches loopback under a name of its own gets nothing."""

    async def main() -> int:
        async with over_http(served.session(), served.schemas) as url:
            raw = a_request(url, b"{}", content_type="application/json")
            return await status_of(url, raw)

    assert asyncio.run(main()) == 421


def test_an_address_ends_with_its_trial(served: Served) -> None:
    async def main() -> int:
        server = McpServer()
        await server.start()
        async with server.open_trial(served.session(), served.schemas) as url:
            pass
        raw = a_request(url, b"{}", content_type="application/json")
        status = await status_of(url, raw)
        await server.close()
        return status

    assert asyncio.run(main()) == 404


def test_a_trial_ends_although_its_client_stays(
    served: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    """An agent that forgets to close its session holds up nothing and says nothing."""

    async def main() -> None:
        server = McpServer()
        await server.start()
        trial = server.open_trial(served.session(), served.schemas)
        url = await trial.__aenter__()
        message = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "x", "version": "1"},
            },
        }
        accept = "application/json, text/event-stream"
        raw = a_request(
            url, json.dumps(message).encode(), content_type="application/json", accept=accept
        ).replace(b"Host: x", f"Host: {url.split('/')[2]}".encode())
        status, answer = await exchange(url, raw)
        assert status == 200
        assert answer["result"]["serverInfo"]["name"] == "dialgate"
        await trial.__aexit__(None, None, None)
        await server.close()

    asyncio.run(main())
    assert capfd.readouterr().err == ""


def test_a_cancelled_trial_leaves_no_task_behind(served: Served) -> None:
    async def main() -> set[asyncio.Task[Any]]:
        server = McpServer()
        await server.start()
        opened = asyncio.Event()

        async def trial() -> None:
            async with server.open_trial(served.session(), served.schemas):
                opened.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(trial())
        await opened.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await server.close()
        current = asyncio.current_task()
        assert current is not None
        return asyncio.all_tasks() - {current}

    assert asyncio.run(main()) == set()


def test_signals_stay_the_engines(served: Served) -> None:
    """The HTTP server under the SDK would take Ctrl-C for itself."""
    import signal

    async def main() -> bool:
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        async with over_http(served.session(), served.schemas):
            during = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        return before == during

    assert asyncio.run(main())


def test_a_stdio_server_outlives_its_trial_without_harm(served: Served) -> None:
    session = served.session()

    async def main() -> Any:
        server = ToolServer()
        await server.start()
        try:
            trial = server.open_trial(session, served.schemas)
            command = stdio_command(trial.__enter__())
            async with handshake_client(command) as client:
                trial.__exit__(None, None, None)
                return await client.call_tool("refund", {"id": "late"})
        finally:
            await server.close()

    late = asyncio.run(main())
    assert is_error(late)
    assert "no such trial is in flight" in text_of(late)
    assert session.log == []
