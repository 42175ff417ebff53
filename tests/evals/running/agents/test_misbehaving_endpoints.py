"""What an endpoint that answers nonsense, late or never costs: its own trial only, or the run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.evals.running.agents.chat_runs import (
    POISONED,
    calls,
    case_of,
    completion,
    needs_openai,
    refund,
    run_chat,
    run_one,
)
from tests.evals.running.http_servers import (
    Received,
    an_answer,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


def giving(raw: bytes | None) -> Callable[[Received], Awaitable[bytes | None]]:
    async def answer(_: Received) -> bytes | None:
        return raw

    return answer


async def hang(_: Received) -> bytes | None:
    await asyncio.Event().wait()
    return None


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
ENDLESS = CHUNKED + (b"100000\r\n" + b"x" * 2**20 + b"\r\n") * 17
NO_COMPLETION = "no chat completion"


# What the endpoint does in one of the trials, how that trial ends, and what the record says.
MISBEHAVIOUR = {
    "answers 500": (giving(an_answer(status=500, body=b"boom")), "errored", "500"),
    "answers 429": (giving(an_answer(status=429, body=b"")), "errored", "429"),
    "answers 401": (
        giving(an_answer({"error": {"message": "who?"}}, status=401)),
        "errored",
        "who?",
    ),
    "answers 404": (giving(an_answer(status=404, body=b"")), "errored", "404"),
    "answers 400": (
        giving(an_answer({"error": {"message": "long"}}, status=400)),
        "failed",
        "long",
    ),
    "answers 422": (giving(an_answer(status=422, body=b"")), "failed", "422"),
    "redirects": (
        giving(an_answer(status=307, body=b"", location="http://192.0.2.1/")),
        "errored",
        "307",
    ),
    "closes without an answer": (giving(None), "errored", "can't be reached"),
    "closes in the middle": (
        giving(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{"),
        "errored",
        "can't be reached",
    ),
    "writes garbage": (giving(b"garbage\r\n\r\n"), "errored", "can't be reached"),
    "hangs": (hang, "failed", "no reply within 60 s"),
    "sends more than 16 MiB": (giving(ENDLESS), "failed", "over 16 MiB"),
    "answers what is no gzip": (
        giving(an_answer(body=b"{}", content_encoding="gzip")),
        "errored",
        "can't be reached",
    ),
    "breaks off between chunks": (
        giving(CHUNKED + b"1\r\n{\r\n"),
        "errored",
        "can't be reached",
    ),
    "answers a stream that nobody asked for": (
        giving(an_answer(body=b'data: {"choices": []}\n\ndata: [DONE]\n\n')),
        "errored",
        "a stream, which nobody asked for",
    ),
    "answers a page": (
        giving(an_answer(body=b"<html>Bad gateway")),
        "errored",
        "not JSON (Expecting value) at",
    ),
    "answers nothing": (giving(an_answer(body=b"")), "errored", "an empty body"),
    "answers bytes that are no text": (giving(an_answer(body=b"\xff")), "errored", "not UTF-8"),
    "answers a list": (giving(an_answer([1])), "errored", "without a message: [1]"),
    "answers without a choice": (
        giving(an_answer({"choices": []})),
        "errored",
        "without a message",
    ),
    "answers null for the choices": (
        giving(an_answer({"choices": None, "detail": "busy"})),
        "errored",
        "busy",
    ),
    "answers an error inside 200": (
        giving(an_answer({"error": {"code": 429, "message": "slow down"}})),
        "errored",
        "429: slow down",
    ),
    "answers an error inside a choice": (
        giving(an_answer({"choices": [{"error": {"code": 502, "message": "upstream"}}]})),
        "errored",
        "502: upstream",
    ),
    "ends with the reason error": (
        giving(completion({"content": ""}, finish_reason="error")),
        "errored",
        "reason error",
    ),
    "is cut off": (
        giving(completion({"content": None}, finish_reason="length")),
        "failed",
        "cut_off",
    ),
    "is cut off in a call": (
        giving(calls(("refund", '{"id": "'), finish_reason="length")),
        "failed",
        "cut_off",
    ),
    "ends with another vendor's word for an error": (
        giving(completion({"content": ""}, finish_reason="network_error")),
        "errored",
        "reason network_error",
    ),
    "is cut off in another vendor's word": (
        giving(completion({"content": ""}, finish_reason="MAX_TOKENS")),
        "failed",
        "cut_off",
    ),
    "could not read the model's call": (
        giving(completion({}, finish_reason="function_call_filter: MALFORMED_FUNCTION_CALL")),
        "failed",
        "malformed_call",
    ),
    "is filtered": (
        giving(completion({"content": ""}, finish_reason="content_filter")),
        "failed",
        "content_filter",
    ),
    "answers a message that is text": (giving(completion("hello")), "errored", "without a message"),
    "answers a content that is a number": (
        giving(completion({"content": 42})),
        "failed",
        "a content that is no text",
    ),
    "asks for calls that are none": (
        giving(completion({"content": None, "tool_calls": [42]})),
        "failed",
        NO_COMPLETION,
    ),
    "asks for a call without a function": (
        giving(completion({"content": None, "tool_calls": [{"id": "x", "type": "custom"}]})),
        "failed",
        NO_COMPLETION,
    ),
    "asks for a call of no name": (
        giving(completion({"tool_calls": [{"function": {"name": 4, "arguments": "{}"}}]})),
        "failed",
        NO_COMPLETION,
    ),
    "calls without end": (giving(calls(("look_up", {"id": "x"}))), "failed", "max_turns"),
    "asks for too many calls at once": (
        giving(calls(*[("look_up", {"id": "x"})] * 100)),
        "failed",
        "max_turns",
    ),
}


@needs_openai
@pytest.mark.parametrize(("poison", "ends", "words"), MISBEHAVIOUR.values(), ids=MISBEHAVIOUR)
def test_it_costs_its_own_trial_only(
    poison: Callable[[Received], Awaitable[bytes | None]], ends: str, words: str, tmp_path: Path
) -> None:
    async def answer(received: Received) -> bytes | None:
        return await (poison if case_of(received) == POISONED else refund)(received)

    run, _ = run_chat(tmp_path, answer, hangs="no reply within" in words, refunds=3)
    assert run.ends(POISONED) == ends
    assert words in run.said(POISONED)
    assert len(run.scores) == 3
    assert {run.ends(case) for case in run.scores if case != POISONED} == {"passed"}


@needs_openai
class TestRetries:
    def test_are_the_engines_alone(self, tmp_path: Path) -> None:
        """The SDK's own would hide from the record how often a provider failed."""
        run, server = run_one(tmp_path, giving(an_answer(status=503, body=b"")))
        assert len(server.received) == 2  # one try and one retry
        assert len(run.waited) == 1

    def test_wait_as_long_as_the_endpoint_asks(self, tmp_path: Path) -> None:
        raw = an_answer(status=429, body=b"", retry_after="Mon, 23 Nov 2026 12:00:20 GMT")
        run, _ = run_one(tmp_path, giving(raw))
        assert run.waited[0] == 20

    def test_too_many_calls_end_the_loop_at_once(self, tmp_path: Path) -> None:
        """Turns whose calls nobody makes any more would only cost."""
        _, server = run_one(tmp_path, giving(calls(*[("look_up", {"id": "x"})] * 100)))
        assert len(server.received) == 1
