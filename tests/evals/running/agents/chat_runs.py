"""Runs of the built-in loop on a chat endpoint of our own: what it answers, cases, one trial."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib.util
import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.running.agents.chat import ChatAgent
from tests.evals.running.http_servers import (
    FakeServer,
    Received,
    Run,
    an_answer,
    live_suite,
    run_suite,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from dialgate_evals.suite.workspace import Workspace

needs_openai = pytest.mark.skipif(
    importlib.util.find_spec("openai") is None, reason='the extra "chat" is not installed'
)


NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
POISONED = "refund-001"
USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
KEY = "sk-a-very-secret-key"


def completion(message: Any, usage: Any = USAGE, finish_reason: str = "stop", **more: Any) -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return an_answer({"id": "x", "choices": [choice], "usage": usage, **more})


def says(text: str, **more: Any) -> bytes:
    return completion({"role": "assistant", "content": text}, **more)


def calls(*wanted: tuple[str, Any], content: str | None = None, **more: Any) -> bytes:
    """The model asks for these calls; arguments that are no text are written as JSON."""
    listed = [
        {
            "id": f"call-{index}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": given if isinstance(given, str) else json.dumps(given),
            },
        }
        for index, (name, given) in enumerate(wanted)
    ]
    return completion({"role": "assistant", "content": content, "tool_calls": listed}, **more)


def case_of(received: Received) -> str:
    asked = [m for m in received.document["messages"] if m["role"] == "user"]
    text: str = asked[-1]["content"]
    return text.rsplit(maxsplit=1)[-1].rstrip(".")


def tool_messages(received: Received) -> list[dict[str, Any]]:
    return [m for m in received.document["messages"] if m["role"] == "tool"]


async def refund(received: Received) -> bytes:
    """A model that does what its prompt says: one call, then a reply."""
    if tool_messages(received):
        return says("Done.")
    return calls(("refund", {"id": case_of(received), "amount": 10}))


def chat_suite(folder: Path, url: str, *, agent: str = "", **more: Any) -> Workspace:
    return live_suite(folder, f'kind = "chat"\nbase_url = "{url}/v1"\n{agent}', **more)


def run_chat(
    folder: Path,
    answer: Callable[[Received], Awaitable[bytes | None]],
    environment: dict[str, str] | None = None,
    *,
    hangs: bool = False,
    **more: Any,
) -> tuple[Run, FakeServer]:
    async def main() -> tuple[Run, FakeServer]:
        async with FakeServer(answer).running() as server:
            workspace = chat_suite(folder, server.url, **more)
            agent = ChatAgent(
                workspace.suite,
                release=workspace.release(),
                environment=environment or {},
                now=lambda: NOON,
            )
            return await run_suite(workspace, agent, hangs=hangs), server

    return asyncio.run(main())


def run_one(
    folder: Path, answer: Callable[[Received], Awaitable[bytes | None]], **more: Any
) -> tuple[Run, FakeServer]:
    return run_chat(folder, answer, refunds=1, **more)
