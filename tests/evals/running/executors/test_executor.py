"""Agents of one machine start side by side, and none is left where one can't be started."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest

from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.executors.executor import ThisMachine, all_ready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


class FakeEngine:
    """Starts by waiting for what it is told to, and keeps what became of it."""

    def __init__(self, start: Callable[[], Awaitable[object]]) -> None:
        self._start = start
        self.did: list[str] = []

    @asynccontextmanager
    async def agent_ready(self) -> AsyncIterator[None]:
        try:
            await self._start()
            self.did.append("started")
            yield
        finally:
            self.did.append("closed")


def on_this_machine(*engines: FakeEngine) -> list[ThisMachine]:
    return [ThisMachine(cast("Any", engine)) for engine in engines]


def test_each_starts_while_the_others_do() -> None:
    async def run() -> list[list[str]]:
        both = asyncio.Barrier(2)
        engines = [FakeEngine(both.wait), FakeEngine(both.wait)]
        async with asyncio.timeout(60), all_ready(on_this_machine(*engines)):
            assert [engine.did for engine in engines] == [["started"], ["started"]]
        return [engine.did for engine in engines]

    assert asyncio.run(run()) == [["started", "closed"], ["started", "closed"]]


@pytest.mark.parametrize("has_started", [True, False])
def test_one_that_cannot_be_started_leaves_none(has_started: bool) -> None:
    async def run() -> list[str]:
        entered = asyncio.Event()

        async def start() -> None:
            entered.set()
            if not has_started:
                await asyncio.Event().wait()

        async def fail() -> None:
            await entered.wait()
            raise InfrastructureError("no such program")

        other = FakeEngine(start)
        with pytest.raises(InfrastructureError, match="no such program"):
            async with all_ready(on_this_machine(other, FakeEngine(fail))):
                pytest.fail("nothing may run")
        return other.did

    assert asyncio.run(run()) == (["started"] if has_started else []) + ["closed"]


def test_an_interruption_meanwhile_ends_those_that_are_starting() -> None:
    async def run() -> list[str]:
        entered = asyncio.Event()

        async def start() -> None:
            entered.set()
            await asyncio.Event().wait()

        engine = FakeEngine(start)

        async def ready() -> None:
            async with all_ready(on_this_machine(engine)):
                pytest.fail("nothing may run")

        task = asyncio.create_task(ready())
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return engine.did

    assert asyncio.run(run()) == ["closed"]
