"""MCP over streamable HTTP: what passes is unchanged, and each answer finds its request."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from dialgate.cases.recording.places import find_place
from dialgate_evals.recording.exchanges import ToolExchange
from tests.dialgate.cases.recording.providers import (
    KEY,
    Answer,
    Asked,
    Provider,
    proxy_before,
    streamed,
    whole,
)
from tests.dialgate.cases.recording.proxied import kept_in, on_disk

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = {"Authorization": f"Bearer {KEY}", "Mcp-Session-Id": "s1",
           "Accept": "application/json, text/event-stream"}  # fmt: skip


def request(id_: int, order: str, method: str = "tools/call") -> dict[str, Any]:
    params = {"name": "look", "arguments": {"id": order}, "_meta": {"progressToken": id_}}
    return {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}


def answer_to(message: dict[str, Any]) -> dict[str, Any]:
    text = f"order {message['params']['arguments']['id']} of ada@shop.de"
    result = {"content": [{"type": "text", "text": text}], "isError": False}
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


def event(message: dict[str, Any]) -> bytes:
    return f"event: message\ndata: {json.dumps(message)}\n\n".encode()


def in_order(asked: Asked) -> Answer:
    """As JSON where one thing is asked, else as events, the last first."""
    if asked.method != "POST" or not asked.body:
        return whole({}, 405)
    messages = asked.document
    if isinstance(messages, dict):
        return whole(answer_to(messages)) if "id" in messages else Answer(status=202)
    note = event({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}})
    return streamed(note, *[event(answer_to(message)) for message in reversed(messages)])


async def send(url: str, message: Any, method: str = "POST") -> tuple[int, bytes]:
    import aiohttp

    async with aiohttp.ClientSession() as client, client.request(
        method, url, json=message, headers=HEADERS
    ) as answer:  # fmt: skip
        return answer.status, await answer.read()


def record(folder: Path, answer: Any, *messages: Any) -> list[tuple[int, bytes]]:
    async def main() -> list[tuple[int, bytes]]:
        async with (
            Provider(answer).running() as provider,
            proxy_before(
                provider.url, folder, mcp=(f"shop={provider.url}/some/mcp?tenant=t1",)
            ) as standing,
        ):
            found = [await send(f"{standing.url}/mcp/shop", message) for message in messages]
            assert {item.target for item in provider.asked} == {"/some/mcp?tenant=t1"}
            assert {item.headers["authorization"] for item in provider.asked} == {f"Bearer {KEY}"}
            assert {item.headers["mcp-session-id"] for item in provider.asked} == {"s1"}
            return found

    return asyncio.run(main())


def kept_calls(folder: Path) -> list[tuple[str, str, str]]:
    found = [item for item in kept_in(folder) if isinstance(item, ToolExchange)]
    return [
        (item.server, item.params["arguments"]["id"], item.result["content"][0]["text"][:9])
        for item in found
        if item.result
    ]


def test_calls_as_json_and_as_events_pass_unchanged_and_are_kept(tmp_path: Path) -> None:
    several = [request(2, "b"), request(3, "c")]
    found = record(tmp_path, in_order, request(1, "a"), several, {"method": "notifications/x"})
    assert found[0] == (200, json.dumps(answer_to(request(1, "a"))).encode())
    assert found[1][1].endswith(event(answer_to(several[1])) + event(answer_to(several[0])))
    assert found[2] == (202, b"")
    assert kept_calls(tmp_path) == [
        ("shop", "a", "order a o"), ("shop", "c", "order c o"), ("shop", "b", "order b o"),
    ]  # fmt: skip
    assert KEY.encode() not in on_disk(tmp_path)
    assert b"ada@shop.de" not in on_disk(tmp_path)


def test_an_answer_that_comes_by_another_stream_of_the_session_is_kept(tmp_path: Path) -> None:
    def later(asked: Asked) -> Answer:
        return (
            whole(b"", 202)
            if asked.method == "POST"
            else streamed(event(answer_to(request(1, "a"))))
        )

    async def main() -> None:
        async with (
            Provider(later).running() as provider,
            proxy_before(provider.url, tmp_path, mcp=(f"shop={provider.url}",)) as standing,
        ):
            await send(f"{standing.url}/mcp/shop", request(1, "a"))
            await send(f"{standing.url}/mcp/shop", None, "GET")

    asyncio.run(main())
    assert kept_calls(tmp_path) == [("shop", "a", "order a o")]


def test_clients_without_sessions_that_count_alike_are_told_apart(tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            Provider(in_order).running() as provider,
            proxy_before(provider.url, tmp_path, mcp=(f"shop={provider.url}",)) as standing,
        ):
            orders = [f"{number:03}" for number in range(50)]
            asking = [send(f"{standing.url}/mcp/shop", request(1, order)) for order in orders]
            await asyncio.gather(*asking)

    HEADERS.pop("Mcp-Session-Id")
    try:
        asyncio.run(main())
    finally:
        HEADERS["Mcp-Session-Id"] = "s1"
    assert all(order in text for _, order, text in kept_calls(tmp_path))
    assert len(kept_calls(tmp_path)) == 50


def test_a_server_that_nobody_named_is_an_error_that_lists_the_named(tmp_path: Path) -> None:
    async def main() -> tuple[int, bytes]:
        async with proxy_before("http://127.0.0.1:9", tmp_path, mcp=("shop=http://x.y",)) as s:
            return await send(f"{s.url}/mcp/bank", request(1, "a"))

    status, raw = asyncio.run(main())
    assert (status, b"--mcp named: shop" in raw) == (404, True)


def test_what_was_recorded_is_served_back(tmp_path: Path) -> None:
    from dialgate.cases.recording.replaying import Replayed
    from dialgate.cases.recording.serving import listen, serving

    record(tmp_path, in_order, request(1, "a"), request(2, "b"))
    replayed = Replayed(find_place(tmp_path / "suites/shop", None))

    async def main() -> None:
        async with serving(replayed, listen(0)) as port:
            url = f"http://127.0.0.1:{port}/mcp/shop"
            status, raw = await send(url, [request(8, "b"), request(9, "a")])
            assert [item["id"] for item in json.loads(raw)] == [8, 9]
            assert b"order b" in raw
            status, raw = await send(url, request(1, "z"))
            assert (status, json.loads(raw)["error"]["code"]) == (200, -32004)
            assert await send(url, {"method": "notifications/x"}) == (202, b"")
            assert (await send(url, None, "GET"))[0] == 405
            assert (await send(url, None, "DELETE"))[0] == 200

    asyncio.run(main())
    assert replayed.unmatched == 1
