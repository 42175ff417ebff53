"""What goes through the proxy is what came, as it came; and nobody else's requests pass."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases.recording.journal import Journal
from dialgate_evals.recording.exchanges import Exchange, Unrecorded
from tests.dialgate.cases.recording.providers import (
    KEY,
    Answer,
    Asked,
    Provider,
    Standing,
    proxy_before,
    streamed,
    whole,
)
from tests.dialgate.cases.recording.proxied import (
    BODY,
    CHAT,
    CHUNKS,
    COMPLETION,
    MESSAGE,
    kept_in,
    on_disk,
    post,
    with_proxy,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    import aiohttp

    Steps = Callable[[aiohttp.ClientSession, Standing, Provider], Awaitable[Any]]


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "gzip"])
def test_a_stream_passes_byte_for_byte_as_it_arrives(tmp_path: Path, is_packed: bool) -> None:
    packed = gzip.compress(b"".join(CHUNKS))
    pieces = [packed[:40], packed[40:]] if is_packed else CHUNKS
    more = {"Content_Encoding": "gzip"} if is_packed else {}

    async def steps(client: Any, standing: Standing, provider: Provider) -> bytes:
        go_on = asyncio.Event()
        held = streamed(pieces[0], go_on, *pieces[1:], **more)
        provider.answer_with(lambda _: held)
        async with client.post(standing.url + CHAT, json={**BODY, "stream": True}) as answer:
            first = await answer.content.readany()
            assert first == pieces[0]
            go_on.set()
            rest = await answer.content.read()
            return bytes(first + rest)

    assert with_proxy(tmp_path, whole({}), steps) == b"".join(pieces)
    (exchange,) = kept_in(tmp_path)
    assert exchange.answer["choices"][0]["message"] == MESSAGE
    assert exchange.is_streamed


def test_whoever_sees_the_end_of_an_answer_finds_it_in_the_journal(tmp_path: Path) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        never = asyncio.Event()
        provider.answer_with(lambda _: streamed(*CHUNKS, never))
        async with client.post(standing.url + CHAT, json=BODY) as answer:
            seen = b""
            while b"[DONE]" not in seen:
                seen += await answer.content.readany()
            assert [item.answer["choices"][0]["message"] for item in kept_in(tmp_path)] == [MESSAGE]

    with_proxy(tmp_path, whole({}), steps)


def test_keys_pass_and_are_never_kept(tmp_path: Path) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        said = {"error": {"message": f"Incorrect key {KEY}"}}
        provider.answer_with(lambda _: whole(said, status=401))
        await post(client, f"{standing.url}{CHAT}?key=query-key-0002&api-version=1")
        await post(client, f"{standing.url}/v1/messages", headers={"x-api-key": "other-key-0003"})
        asked = [item.headers for item in provider.asked]
        assert asked[0]["authorization"] == f"Bearer {KEY}"
        assert asked[1]["x-api-key"] == "other-key-0003"
        assert provider.asked[0].target == f"{CHAT}?key=query-key-0002&api-version=1"

    with_proxy(tmp_path, whole({}), steps)
    assert len(kept_in(tmp_path)) == 2
    for key in (KEY, "query-key-0002", "other-key-0003"):
        assert key.encode() not in on_disk(tmp_path)


def test_the_upstream_sees_the_clients_request_and_its_own_name(tmp_path: Path) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> Asked:
        await post(
            client, standing.url + CHAT, headers={
                "User-Agent": "agent/1", "X-Stainless-Lang": "python", "Connection": "X-Hop",
                "X-Hop": "1", "Accept-Encoding": "br, gzip;q=0.5, zstd", "TE": "trailers",
            },
        )  # fmt: skip
        assert provider.asked[0].headers["host"] == provider.url.removeprefix("http://")
        return provider.asked[0]

    asked = with_proxy(tmp_path, whole(COMPLETION), steps)
    assert asked.document == BODY
    assert asked.headers["user-agent"] == "agent/1"
    assert asked.headers["x-stainless-lang"] == "python"
    assert asked.headers["accept-encoding"].strip() == "gzip;q=0.5"
    assert asked.headers.keys().isdisjoint({"x-hop", "te"})


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 529])
def test_errors_pass_unchanged(tmp_path: Path, status: int) -> None:
    error = b'{"error" : {"message": "odd  spaces"}}'

    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        del provider
        async with client.post(standing.url + CHAT, json=BODY) as answer:
            assert (answer.status, await answer.read()) == (status, error)
            assert answer.headers["Retry-After"] == "7"
            assert answer.headers["x-request-id"] == "r1"

    with_proxy(tmp_path, whole(error, status, Retry_After="7", x_request_id="r1"), steps)
    (exchange,) = kept_in(tmp_path)
    assert (exchange.status, exchange.is_answered) == (status, False)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"), ("POST", "/v1/embeddings"), ("DELETE", "/v1/files/f1"),
        ("POST", "/v1/messages/count_tokens"), ("GET", "/v1/responses/r1"), ("HEAD", "/v1/models"),
        ("POST", "/v1/threads/t1/messages"),
    ],
)  # fmt: skip
def test_what_is_no_conversation_passes_and_is_not_kept(
    tmp_path: Path, method: str, path: str
) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        async with client.request(method, standing.url + path, json={"x": 1}) as answer:
            assert (answer.status, answer.headers["x-y"]) == (200, "z")
            if method != "HEAD":
                assert await answer.json() == {"ok": True}
        assert (provider.asked[0].method, provider.asked[0].target) == (method, path)
        assert provider.asked[0].document == {"x": 1}

    def answer(asked: Asked) -> Answer:
        made = whole({"ok": True}, x_y="z")
        return Answer(headers=made.headers) if asked.method == "HEAD" else made

    with_proxy(tmp_path, answer, steps)
    assert on_disk(tmp_path) == b""


@pytest.mark.parametrize(
    ("base", "asked", "reached"),
    [
        ("/v1", CHAT, CHAT),
        ("/v1", "/chat/completions", CHAT),
        ("/v1/", CHAT + "/", CHAT + "/"),
        ("/api/v1", CHAT, "/api" + CHAT),
        ("/api/v1", "/api" + CHAT, "/api" + CHAT),
        ("", "/openai/deployments/gpt%204/chat/completions?api-version=1",
         "/openai/deployments/gpt%204/chat/completions?api-version=1"),
    ],
)  # fmt: skip
def test_whatever_base_url_a_client_was_given_its_path_is_found(
    tmp_path: Path, base: str, asked: str, reached: str
) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        assert (await post(client, standing.url + asked))[0] == 200
        assert provider.asked[0].target == reached

    with_proxy(tmp_path, whole(COMPLETION), steps, base)
    assert len(kept_in(tmp_path)) == 1


@pytest.mark.parametrize("path", [CHAT, "/v1/messages", "/v1/models"])
def test_an_upstream_that_is_down_is_an_error_in_the_providers_shape(
    tmp_path: Path, path: str
) -> None:
    import aiohttp

    async def main() -> None:
        async with (
            proxy_before("http://127.0.0.1:9", tmp_path) as standing,
            aiohttp.ClientSession() as client,
        ):
            status, raw = await post(client, standing.url + path)
            error = json.loads(raw)["error"]
            assert (status, "message" in error) == (502, True)
            assert "127.0.0.1:9 can't be reached" in error["message"]
            assert (json.loads(raw).get("type") == "error") == (path == "/v1/messages")

    asyncio.run(main())
    kept = [] if path == "/v1/models" else [(None, False)]
    found = kept_in(tmp_path) if kept else []
    assert [(item.status, item.is_answered) for item in found] == kept


def test_a_client_that_goes_away_ends_the_request_upstream(tmp_path: Path) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        never = asyncio.Event()
        provider.answer_with(lambda _: streamed(CHUNKS[0], never))
        async with client.post(standing.url + CHAT, json=BODY) as answer:
            await answer.content.readany()
        await provider.gone.wait()
        provider.gone.clear()
        came = asyncio.Event()

        def wait(asked: Asked) -> Answer:
            del asked
            came.set()
            return Answer(pieces=[never], is_streamed=True, is_silent=True)

        provider.answer_with(wait)
        asking = asyncio.ensure_future(post(client, standing.url + CHAT))
        await came.wait()
        asking.cancel()
        await provider.gone.wait()

    with_proxy(tmp_path, whole({}), steps)
    assert [item.error for item in kept_in(tmp_path)] == ["the client went away"] * 2


def test_an_answer_that_breaks_off_breaks_off_for_the_client(tmp_path: Path) -> None:
    import aiohttp

    broken = [
        Answer(headers=streamed().headers, pieces=CHUNKS[:1], is_streamed=True, breaks_off=True),
        Answer(headers={"Content-Length": "1000"}, pieces=[b"{"], breaks_off=True),
    ]

    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        provider.answer_with(lambda _: broken[len(provider.asked) - 1])
        for _ in broken:
            with pytest.raises(aiohttp.ClientError):
                await post(client, standing.url + CHAT)

    with_proxy(tmp_path, whole({}), steps)
    found = kept_in(tmp_path)
    assert [item.is_answered for item in found] == [False, False]
    assert all("broke off" in item.error for item in found)


def test_a_redirect_is_followed_to_nobody(tmp_path: Path) -> None:
    elsewhere = "http://127.0.0.1:9/v1/chat/completions"

    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        places = {"/v1/a": provider.url + "/v1/b?c=1", "/v1/d": elsewhere, "/v1/e": "f"}
        provider.answer_with(lambda asked: whole({}, 307, Location=places[asked.target]))
        for path, found in (("/v1/a", "/v1/b?c=1"), ("/v1/e", "/v1/f")):
            async with client.get(standing.url + path, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (307, standing.url + found)
        async with client.post(standing.url + "/v1/d", allow_redirects=False) as answer:
            said = await answer.json()
            assert answer.status == 502
            assert "redirects to http://127.0.0.1:9" in said["error"]["message"]
        assert len(provider.asked) == 3

    with_proxy(tmp_path, whole({}), steps)


def test_one_connection_carries_several_requests(tmp_path: Path) -> None:
    body = json.dumps(BODY).encode()

    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        del client
        reader, writer = await asyncio.open_connection("127.0.0.1", standing.port)
        head = f"POST {CHAT} HTTP/1.1\r\nHost: 127.0.0.1:{standing.port}\r\n"
        for _ in range(3):
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200")
            assert json.loads(await reader.readexactly(len(json.dumps(COMPLETION)))) == COMPLETION
        writer.close()
        assert len(provider.asked) == 3

    with_proxy(tmp_path, whole(COMPLETION), steps)


@pytest.mark.parametrize("body", [b"no json", b"[1]", b"", b'{"a": 1, "a": 2}', b"\xff"])
def test_a_request_that_is_no_json_passes_and_is_told(tmp_path: Path, body: bytes) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        sent = {"json": None, "data": body}
        assert await post(client, standing.url + CHAT, **sent) == (400, b"no JSON")
        assert provider.asked[0].body == body

    with_proxy(tmp_path, Answer(status=400, pieces=[b"no JSON"]), steps)
    (found,) = kept_in(tmp_path)
    assert isinstance(found, Unrecorded)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(pieces=[b"<html>"]),
        whole([1, 2]),
        whole(b'{"choices": 7}'),
        whole(b"\x1f\x8bno gzip", Content_Encoding="gzip"),
        whole(b"??", Content_Encoding="br"),
        streamed(b"data: {\n\n", b"nonsense\n\n"),
        streamed(b'data: {"choices": [{"index": [1], "delta": 3}]}\n\n', b"data: [DONE]\n\n"),
    ],
    ids=range(7),
)
def test_an_answer_that_nobody_understands_passes(tmp_path: Path, answer: Answer) -> None:
    raw = b"".join(piece for piece in answer.pieces if isinstance(piece, bytes))

    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        del provider
        assert await post(client, standing.url + CHAT) == (200, raw)
        assert standing.said == []

    with_proxy(tmp_path, answer, steps)
    assert len(kept_in(tmp_path)) == 1


def test_two_hundred_requests_at_once_get_each_its_own_answer(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Answer:
        text = asked.document["messages"][0]["content"]
        choice = {"index": 0, "message": {**MESSAGE, "content": text}, "finish_reason": "stop"}
        if asked.document["stream"]:
            delta = {"index": 0, "delta": {"content": text}, "finish_reason": "stop"}
            line = json.dumps({"choices": [delta]})
            return streamed(f"data: {line}\n\n".encode(), b"data: [DONE]\n\n")
        return whole({"id": text, "choices": [choice]})

    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        async def ask(number: int) -> None:
            messages = [{"role": "user", "content": f"question {number}!"}]
            body = {"model": "m", "messages": messages, "stream": number % 2 == 0}
            status, raw = await post(client, standing.url + CHAT, json=body)
            assert (status, f"question {number}!" in raw.decode()) == (200, True)

        await asyncio.gather(*map(ask, range(200)))
        assert len(provider.asked) == 200

    with_proxy(tmp_path, answer, steps)
    found = kept_in(tmp_path)
    assert all(isinstance(item, Exchange) and item.is_answered for item in found)
    said = {item.answer["choices"][0]["message"]["content"] for item in found}
    assert said == {f"question {number}!" for number in range(200)}


def test_two_proxies_record_for_one_suite(tmp_path: Path) -> None:
    async def steps(client: Any, standing: Standing, provider: Provider) -> None:
        async with proxy_before(provider.url, tmp_path) as other:
            for proxy in (standing, other, standing):
                await post(client, proxy.url + CHAT)

    with_proxy(tmp_path, whole(COMPLETION), steps)
    assert len(kept_in(tmp_path)) == 3
    assert len(list(tmp_path.rglob("*.recording.jsonl"))) == 2


def test_where_the_journal_cannot_be_written_answers_pass_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Journal, kept: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "add", full)

    async def steps(client: Any, standing: Standing, provider: Provider) -> list[str]:
        del provider
        assert (await post(client, standing.url + CHAT))[0] == 200
        return standing.said

    said = with_proxy(tmp_path, whole(COMPLETION), steps)
    assert said == ["NOT RECORDED: the journal can't be written: No space left on device."]
