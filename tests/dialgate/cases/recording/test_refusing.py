"""Whom the recording proxy lets through: pages of a browser and bodies beyond all measure never."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.dialgate.cases.recording.providers import (
    Provider,
    Standing,
    whole,
)
from tests.dialgate.cases.recording.proxied import (
    CHAT,
    COMPLETION,
    on_disk,
    post,
    with_proxy,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    import aiohttp

    Steps = Callable[[aiohttp.ClientSession, Standing, Provider], Awaitable[Any]]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Host": "localhost.evil.example:{port}"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_a_page_in_a_browser_reaches_nothing(tmp_path: Path, headers: dict[str, str]) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        sent = {name: value.format(port=standing.port) for name, value in headers.items()}
        for path in (CHAT, "/mcp/shop", "/"):
            status, raw = await post(client, standing.url + path, headers=sent)
            assert status == 403
            assert "message" in json.loads(raw)["error"]
        assert provider.asked == []

    with_proxy(tmp_path, whole(COMPLETION), steps)
    assert on_disk(tmp_path) == b""


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_this_machines_own_names_pass(tmp_path: Path, name: str) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        del provider
        host = f"{name}:{standing.port}"
        sent = {"Host": host, "Origin": f"http://{host}"}
        assert (await post(client, standing.url + CHAT, headers=sent))[0] == 200

    with_proxy(tmp_path, whole(COMPLETION), steps)


def test_a_client_that_takes_it_for_a_forward_proxy_is_told(tmp_path: Path) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> bytes:
        del client
        reader, writer = await asyncio.open_connection("127.0.0.1", standing.port)
        writer.write(b"GET http://api.example/v1/models HTTP/1.1\r\nHost: api.example\r\n\r\n")
        answer = await reader.readuntil(b"}}")
        writer.close()
        assert provider.asked == []
        return answer

    answer = with_proxy(tmp_path, whole(COMPLETION), steps)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"set the client's base URL" in answer


def test_a_body_beyond_all_measure_is_refused_and_held_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dialgate.cases.recording import proxy

    monkeypatch.setattr(proxy, "MOST_BYTES", 1000)

    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        status, raw = await post(client, standing.url + CHAT, json={"x": "y" * 2000})
        assert (status, "message" in json.loads(raw)["error"]) == (413, True)
        assert provider.asked == []
        assert (await post(client, standing.url + "/v1/files", json={"x": "y" * 2000}))[0] == 200

    with_proxy(tmp_path, whole(COMPLETION), steps)
