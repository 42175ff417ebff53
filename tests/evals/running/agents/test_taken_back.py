"""A trial that waits behind one that blocks is taken back before the agent begins with it."""

from __future__ import annotations

import asyncio
import json
import os
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

# Written without types, for any Python.
serving, trials, wire = (
    import_module(f"dialgate_evals.running.agents.python.worker.{name}")
    for name in ("serving", "trials", "wire")
)


class Played:
    """A worker in this process, whose agent blocks the loop in its first trial."""

    def __init__(self, meanwhile: str) -> None:
        """`meanwhile`: what the harness writes while the first trial blocks."""
        self.begun: list[str] = []
        self.asked, self.write = os.pipe()
        self.read, answered = os.pipe()
        self.wire = wire.Wire(answered)
        self.answered = answered
        self.meanwhile = meanwhile

    async def respond(self, messages: list[str], _tools: object, _release: object) -> str:
        self.begun += messages
        if len(self.begun) == 1:
            self.tell(self.meanwhile)
        if len(self.begun) == 2 or "cancel" in self.meanwhile:
            os.close(self.write)
        return "done"

    def tell(self, lines: str) -> None:
        os.write(self.write, lines.encode())

    def run(self) -> list[dict[str, Any]]:
        news = SimpleNamespace(news=lambda: None)
        agent = SimpleNamespace(
            function=self.respond, is_async=True, tools=[], release={}, code=news
        )
        self.tell(asked(1) + asked(2))

        async def serve() -> None:
            worker = trials.Worker(self.wire, agent, None)
            await serving._take_all(wire.Incoming(self.asked), self.wire, worker)
            await asyncio.gather(*worker._tasks.values(), return_exceptions=True)
            self.wire.flush()

        asyncio.run(serve())
        os.close(self.answered)
        with os.fdopen(self.read) as said:
            return [json.loads(line) for line in said]


def asked(trial: int) -> str:
    return json.dumps({"run": trial, "messages": [f"trial {trial}"], "say_begun": True}) + "\n"


def test_it_never_begins() -> None:
    played = Played(json.dumps({"cancel": 2}) + "\n")
    said = played.run()
    assert played.begun == ["trial 1"]
    assert {"begun": True, "trial": 2} not in said


@pytest.mark.parametrize("meanwhile", ["", asked(3)], ids=["nothing", "another trial"])
def test_one_that_stays_begins(meanwhile: str) -> None:
    played = Played(meanwhile)
    said = played.run()
    assert played.begun[:2] == ["trial 1", "trial 2"]
    assert {"begun": True, "trial": 2} in said
