"""The endpoint at which an agent behind HTTP calls its tools."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.running.agent_protocol import ToolAnswer
from dialgate_evals.running.agents.tool_server import ToolServer
from tests.evals.running.http_servers import (
    a_request,
    call_tool,
    exchange,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class EchoTools:
    """Answers with the arguments."""

    def __init__(self) -> None:
        self.log: list[object] = []

    def restart(self) -> None:
        self.log = []

    async def call(self, name: str, arguments: Any) -> ToolAnswer:
        return self.answer(name, arguments)[0]

    def answer(self, name: str, arguments: Any) -> tuple[ToolAnswer, float]:
        self.log.append(name)
        return ToolAnswer(content=arguments), 0.0


class TestTheToolsEndpoint:
    def ask(self, use: Callable[[str], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            server = ToolServer()
            await server.start()
            try:
                with server.open_trial(EchoTools(), [{"name": "look_up"}]) as url:
                    return await use(url)
            finally:
                await server.close()

        return asyncio.run(main())

    def test_is_gone_with_its_trial(self) -> None:
        async def main() -> int:
            server = ToolServer()
            await server.start()
            with server.open_trial(EchoTools()) as url:
                assert (await call_tool(url, "x", {}))[0] == 200
            status, _ = await call_tool(url, "x", {})
            await server.close()
            with pytest.raises(OSError, match="Connect call failed"):
                await call_tool(url, "x", {})
            return status

        assert asyncio.run(main()) == 404

    def test_lists_the_tools_to_a_get(self) -> None:
        async def get(url: str) -> Any:
            return await exchange(url, a_request(url, method="GET"))

        assert self.ask(get) == (200, {"tools": [{"name": "look_up"}]})

    def test_takes_no_other_method(self) -> None:
        async def delete(url: str) -> Any:
            return await exchange(url, a_request(url, method="DELETE"))

        assert self.ask(delete)[0] == 405

    def test_takes_several_calls_on_one_connection(self) -> None:
        async def twice(url: str) -> Any:
            body = json.dumps({"name": "x", "arguments": {"n": 1}}).encode()
            host, port = url.split("/")[2].split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(a_request(url, body) * 2)
            first = await reader.readuntil(b'{"content": {"n": 1}}')
            second = await reader.readuntil(b'{"content": {"n": 1}}')
            writer.close()
            return first.count(b"200"), second.count(b"200")

        assert self.ask(twice) == (1, 1)

    def test_says_go_on_to_a_client_that_asks(self) -> None:
        async def ask_first(url: str) -> Any:
            body = b'{"name": "x", "arguments": {}}'
            return await exchange(url, a_request(url, body, expect="100-continue"))

        assert self.ask(ask_first) == (200, {"content": {}})

    def test_arguments_may_be_left_out(self) -> None:
        async def call(url: str) -> Any:
            return await exchange(url, a_request(url, b'{"name": "x"}'))

        assert self.ask(call) == (200, {"content": {}})

    @pytest.mark.parametrize("raw", [b"garbage\r\n\r\n", b"GET", b""], ids=repr)
    def test_closes_what_speaks_no_http(self, raw: bytes) -> None:
        async def speak(url: str) -> Any:
            host, port = url.split("/")[2].split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(raw)
            writer.write_eof()
            try:
                return await reader.read()
            except ConnectionError:
                return b""
            finally:
                writer.close()

        assert self.ask(speak) == b""

    def test_addresses_cannot_be_guessed_and_never_repeat(self) -> None:
        server = ToolServer()
        seen = set()
        for _ in range(100):
            with server.open_trial(EchoTools()) as url:
                seen.add(url.split("/")[-2])
        assert len(seen) == 100
        assert min(len(token) for token in seen) == 32

    def test_closes_while_connections_are_open(self) -> None:
        async def main() -> None:
            server = ToolServer()
            await server.start()
            with server.open_trial(EchoTools()) as url:
                host, port = url.split("/")[2].split(":")
                reader, writer = await asyncio.open_connection(host, int(port))
                writer.write(b"POST /half")
                await asyncio.sleep(0)
                await server.close()
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
                writer.close()

        asyncio.run(main())
