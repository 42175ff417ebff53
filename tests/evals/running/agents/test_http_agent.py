"""An agent behind HTTP: what it is sent, how it calls tools, and what its misbehaviour costs."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.running.agent_protocol import InfrastructureError, TrialInput
from dialgate_evals.running.agents.http import HttpAgent
from dialgate_evals.running.agents.http_connection import (
    HttpConnection,
    NoAnswerError,
    parse_address,
)
from dialgate_evals.running.agents.registry import open_agent
from tests.evals.running.agents.test_tool_endpoint import EchoTools
from tests.evals.running.http_servers import (
    FakeServer,
    Received,
    Run,
    a_request,
    an_answer,
    call_tool,
    exchange,
    live_suite,
    run_suite,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
POISONED = "refund-001"


def case_of(received: Received) -> str:
    text: str = received.document["messages"][-1]["content"]
    return text.rsplit(maxsplit=1)[-1].rstrip(".")


async def refund(received: Received) -> bytes:
    """What an innocent agent does."""
    url, case = received.document["tools_url"], case_of(received)
    status, answer = await call_tool(url, "refund", {"id": case, "amount": 10})
    assert (status, answer) == (200, {"content": {"status": "ok"}})
    return an_answer({"reply": "Done."})


def run_http(
    folder: Path,
    answer: Callable[[Received], Awaitable[bytes | None]],
    *,
    hangs: bool = False,
    **more: Any,
) -> tuple[Run, FakeServer]:
    async def main() -> tuple[Run, FakeServer]:
        async with FakeServer(answer).running() as server:
            workspace = live_suite(folder, f'kind = "http"\nurl = "{server.url}/act"', **more)
            agent = HttpAgent(workspace.suite, now=lambda: NOON)
            run = await run_suite(workspace, agent, hangs=hangs)
            return run, server

    return asyncio.run(main())


def poisoned(
    folder: Path, poison: Callable[[Received], Awaitable[bytes | None]], **more: Any
) -> Run:
    """A run in which one trial meets the poison; the others must not notice."""

    async def answer(received: Received) -> bytes | None:
        return await (poison if case_of(received) == POISONED else refund)(received)

    run, _ = run_http(folder, answer, **more)
    innocent = {case for case in run.scores if case != POISONED}
    assert {run.ends(case) for case in innocent} == {"passed"}
    assert len(run.scores) == 6
    return run


class TestAWellBehavedAgent:
    def test_passes_and_is_sent_what_the_contract_says(self, tmp_path: Path) -> None:
        run, server = run_http(tmp_path, refund)
        assert {score.status.value for score in run.scores.values()} == {"passed"}
        sent = server.received[0]
        assert sent.line == "POST /act HTTP/1.1"
        assert sent.headers["content-type"] == "application/json"
        assert set(sent.document) == {"trial_id", "messages", "tools", "release", "tools_url"}
        assert sent.document["tools_url"].startswith("http://127.0.0.1:")
        assert {tool["name"] for tool in sent.document["tools"]} == {
            "look_up", "refund", "send_mail",
        }  # fmt: skip
        assert sent.document["release"]["prompts"]["prompts/system.md"].startswith("Refund")

    def test_connections_are_kept(self, tmp_path: Path) -> None:
        _, server = run_http(tmp_path, refund, refunds=12)
        assert len(server.received) == 12
        assert server.connections <= 6  # no more than trials at once

    def test_is_opened_by_the_registry(self, tmp_path: Path) -> None:
        workspace = live_suite(tmp_path, 'kind = "http"\nurl = "http://127.0.0.1:1/act"')
        agent = open_agent(
            workspace.suite,
            release=workspace.release(),
            suite_folder=workspace.folder,
            root=workspace.root,
        )
        assert isinstance(agent, HttpAgent)

    def test_usage_and_cost_are_recorded(self, tmp_path: Path) -> None:
        async def answer(received: Received) -> bytes:
            await refund(received)
            usage = {"input_tokens": 7, "output_tokens": 3}
            return an_answer({"reply": "Done.", "usage": usage, "cost_usd": 0.25})

        run, _ = run_http(tmp_path, answer)
        found = run.trajectories["refund-000"]
        assert (found.input_tokens, found.output_tokens, found.cost_usd) == (7, 3, 0.25)


async def hang(_: Received) -> bytes | None:
    await asyncio.Event().wait()
    return None


async def close_after_a_call(received: Received) -> bytes | None:
    await call_tool(received.document["tools_url"], "look_up", {"id": "x"})
    return None


async def call_without_end(received: Received) -> bytes:
    for _ in range(100):
        await call_tool(received.document["tools_url"], "look_up", {"id": "x"})
    return an_answer({"reply": "Done."})


async def call_nonsense(received: Received) -> bytes:
    url = received.document["tools_url"]
    for name, arguments in (([1], None), (None, 3), ("refund", "text"), ({}, {"id": 5})):
        status, answer = await call_tool(url, name, arguments)
        assert status == 200
        assert "error" in answer
    for body in (b"", b"garbage", b"[1]", b'{"name": "x", "name": "y"}', b"\xff"):
        status, answer = await exchange(url, a_request(url, body))
        assert status == 400
    return await refund(received)


async def call_anothers_trial(received: Received) -> bytes:
    url = received.document["tools_url"]
    base = url.split("/trials/")[0]
    for path in ("/trials/guess/tools", "/trials/tools", "/", "/trials//tools"):
        status, _ = await call_tool(base + path, "refund", {"id": "x"})
        assert status == 404
    return await refund(received)


async def flood_a_call(received: Received) -> bytes:
    url = received.document["tools_url"]
    status, _ = await exchange(url, a_request(url, b" " * (16 * 2**20 + 1)))
    assert status == 413
    return await refund(received)


def giving(raw: bytes | None) -> Callable[[Received], Awaitable[bytes | None]]:
    async def answer(_: Received) -> bytes | None:
        return raw

    return answer


HUGE = an_answer(body=b"x", x="y").replace(b"Content-Length: 1", b"Content-Length: 99000000")
ENDLESS = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    + (b"100000\r\n" + b"x" * 2**20 + b"\r\n") * 17
)

# What the agent does in one of its trials, how that trial ends, and what the record says.
MISBEHAVIOUR = {
    "answers 500": (giving(an_answer(status=500, body=b"boom")), "errored", "500: boom"),
    "answers 503 without a body": (giving(an_answer(status=503, body=b"")), "errored", "503"),
    "answers 429": (giving(an_answer(status=429, body=b"")), "errored", "429"),
    "answers 404": (giving(an_answer(status=404, body=b"")), "failed", "404"),
    "answers 422 with words": (giving(an_answer(["bad"], status=422)), "failed", '422: ["bad"]'),
    "redirects": (
        giving(an_answer(status=307, body=b"", location="http://192.0.2.1/")),
        "failed",
        "a redirect to http://192.0.2.1/; redirects are not followed",
    ),
    "closes without an answer": (giving(None), "errored", "closed the connection"),
    "closes after a call": (close_after_a_call, "failed", "closed the connection"),
    "closes in the middle": (
        giving(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{"),
        "failed",
        "ended early",
    ),
    "closes in the head": (
        giving(b"HTTP/1.1 200 OK\r\nConnection: close\r\n"),
        "failed",
        "ended early",
    ),
    "hangs": (hang, "failed", "no reply within 60 s"),
    "hangs in the middle": (giving(an_answer({"reply": "x"})[:-3]), "failed", "no reply within"),
    "writes garbage": (giving(b"garbage\r\n\r\n"), "failed", "is no HTTP"),
    "writes an endless head": (
        giving(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000),
        "failed",
        "is no HTTP",
    ),
    "announces more than 16 MiB": (giving(HUGE + b"x" * 2**25), "failed", "over 16 MiB"),
    "sends more than 16 MiB": (giving(ENDLESS), "failed", "over 16 MiB"),
    "answers what is no JSON": (giving(an_answer(body=b"<p>")), "failed", "that is not JSON"),
    "answers bytes that are no text": (giving(an_answer(body=b"\xff")), "failed", "not UTF-8"),
    "answers another type": (giving(an_answer([1])), "failed", 'no object with a "reply"'),
    "answers without a reply": (giving(an_answer({})), "failed", 'no object with a "reply"'),
    "replies a number": (giving(an_answer({"reply": 42})), "failed", "is a int"),
    "claims a usage that is none": (
        giving(an_answer({"reply": "", "usage": {"input_tokens": -1}})),
        "failed",
        "not a count",
    ),
    "calls without end": (call_without_end, "failed", "max_turns"),
}
HARMLESS = {
    "sends nonsense to the tools": call_nonsense,
    "guesses others' addresses": call_anothers_trial,
    "floods the tools": flood_a_call,
}


@pytest.mark.parametrize(("poison", "ends", "words"), MISBEHAVIOUR.values(), ids=MISBEHAVIOUR)
def test_it_costs_its_own_trial_only(
    poison: Callable[[Received], Awaitable[bytes | None]], ends: str, words: str, tmp_path: Path
) -> None:
    run = poisoned(tmp_path, poison, hangs="no reply within" in words)
    assert run.ends(POISONED) == ends
    assert words in run.said(POISONED)


@pytest.mark.parametrize("poison", HARMLESS.values(), ids=HARMLESS)
def test_it_does_no_harm(
    poison: Callable[[Received], Awaitable[bytes | None]], tmp_path: Path
) -> None:
    assert poisoned(tmp_path, poison).ends(POISONED) == "passed"


class TestRetries:
    def test_wait_as_long_as_the_agent_asks(self, tmp_path: Path) -> None:
        asked = iter(["7", "Mon, 23 Nov 2026 12:00:20 GMT"])

        async def overloaded(_: Received) -> bytes:
            return an_answer(status=429, body=b"", retry_after=next(asked))

        run = poisoned(tmp_path, overloaded)
        assert run.ends(POISONED) == "errored"
        assert run.waited[0] >= 7

    def test_get_an_address_of_their_own(self, tmp_path: Path) -> None:
        """A call that comes late from the first attempt must not count in the second."""
        urls: list[str] = []

        async def fail_once(received: Received) -> bytes:
            urls.append(received.document["tools_url"])
            if len(urls) == 1:
                return an_answer(status=503, body=b"")
            status, _ = await call_tool(urls[0], "refund", {"id": POISONED, "amount": 10})
            assert status == 404
            return await refund(received)

        assert poisoned(tmp_path, fail_once).ends(POISONED) == "passed"
        assert len(set(urls)) == 2


class TestConnections:
    def test_one_that_the_agent_closed_meanwhile_is_replaced(self, tmp_path: Path) -> None:
        """Closed after each answer, without saying so: no trial may suffer."""
        server: list[int] = []

        async def answer(received: Received) -> bytes | None:
            if received.connection in server:
                return None
            server.append(received.connection)
            return await refund(received)

        run, _ = run_http(tmp_path, answer, refunds=30)
        assert {score.status.value for score in run.scores.values()} == {"passed"}

    def test_what_comes_unasked_answers_nobody(self) -> None:
        """A second answer to one request must not be read as the next trial's."""
        second = asyncio.Event()

        async def answer(received: Received) -> bytes:
            if received.line.startswith("POST /twice "):
                second.set()
                return an_answer({"n": 1}) + an_answer({"n": 2})
            return an_answer({"n": 1})

        async def main() -> tuple[bytes, bool]:
            async with FakeServer(answer).running() as server:
                connection = await HttpConnection.open(parse_address(f"{server.url}/twice"))
                found = await connection.post_json(b"{}")
                return found.body, connection.is_reusable

        assert asyncio.run(main()) == (b'{"n": 1}', False)

    def test_one_that_is_spoken_on_between_two_requests_is_dropped(self) -> None:
        async def answer(_: Received) -> bytes:
            return an_answer({})

        async def main() -> bool:
            async with FakeServer(answer).running() as server:
                connection = await HttpConnection.open(parse_address(server.url))
                await connection.post_json(b"{}")
                assert connection.is_reusable
                connection.data_received(b"HTTP/1.1 200 OK\r\n\r\n")
                return connection.is_reusable

        assert asyncio.run(main()) is False

    def test_a_cancelled_one_is_closed(self) -> None:
        async def main() -> bool:
            async with FakeServer(hang).running() as server:
                connection = await HttpConnection.open(parse_address(server.url))
                task = asyncio.create_task(connection.post_json(b"{}"))
                await server.arrived.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                return connection.is_reusable

        assert asyncio.run(main()) is False

    def test_one_that_ends_before_a_byte_gave_no_answer(self) -> None:
        async def main() -> None:
            async with FakeServer(giving(None)).running() as server:
                connection = await HttpConnection.open(parse_address(server.url))
                await connection.post_json(b"{}")

        with pytest.raises(NoAnswerError):
            asyncio.run(main())

    def test_an_agent_that_is_not_there_stops_the_run(self, tmp_path: Path) -> None:
        workspace = live_suite(tmp_path, 'kind = "http"\nurl = "http://127.0.0.1:1/act"')
        with pytest.raises(
            InfrastructureError, match=r"http://127\.0\.0\.1:1/act can't be reached"
        ):
            asyncio.run(run_suite(workspace, HttpAgent(workspace.suite)))

    def test_proxies_of_the_environment_are_not_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        run, _ = run_http(tmp_path, refund)
        assert run.ends(POISONED) == "passed"


def test_a_trial_can_be_cancelled(tmp_path: Path) -> None:
    """Its tools' address ends with it."""

    async def main() -> int:
        async with FakeServer(hang).running() as server:
            workspace = live_suite(tmp_path, f'kind = "http"\nurl = "{server.url}"')
            agent = HttpAgent(workspace.suite)
            await agent.start()
            message = {"role": "user", "content": "Go."}
            trial = TrialInput(trial_id="x/0", messages=[message], tools=[], release={})
            task = asyncio.create_task(agent.respond(trial, EchoTools()))
            await server.arrived.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            status, _ = await call_tool(server.received[0].document["tools_url"], "x", {})
            await agent.close()
            return status

    assert asyncio.run(main()) == 404
