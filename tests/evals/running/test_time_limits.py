"""One timer bounds the blocks of every lane, as `asyncio.timeout` would bound each."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.running.time_limits import TimeLimits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

LIMIT_S = 10.5


class Selector(selectors.SelectSelector):
    """Waiting makes the clock go on instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """An event loop on a clock of its own: an hour passes at once."""

    def __init__(self) -> None:
        self.clock = Selector()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


def run(work: Callable[[TimeLimits], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        await work(TimeLimits(LIMIT_S))

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(main())


async def outcome(limits: TimeLimits, block: Awaitable[object]) -> str:
    """How a block of this task ended; whatever it was, nothing of it is left on the task."""
    task = asyncio.current_task()
    assert task is not None
    try:
        with limits.of_this_task():
            await block
    except Exception as error:  # noqa: BLE001 - told to the caller
        return type(error).__name__
    finally:
        assert task.cancelling() == 0
    return "done"


@given(st.lists(st.lists(st.integers(0, 30), max_size=5), min_size=1, max_size=6))
def test_a_block_ends_with_its_work_or_at_its_limit(lanes: list[list[int]]) -> None:
    async def lane(limits: TimeLimits, durations: list[int]) -> None:
        limit, loop = limits.of_this_task(), asyncio.get_running_loop()
        for duration in durations:
            began, is_over = loop.time(), False
            try:
                with limit:
                    await asyncio.sleep(duration)
            except TimeoutError:
                is_over = True
            assert is_over == (duration > LIMIT_S)
            assert loop.time() - began == pytest.approx(min(duration, LIMIT_S))

    async def work(limits: TimeLimits) -> None:
        async with asyncio.TaskGroup() as group:
            for durations in lanes:
                group.create_task(lane(limits, durations))

    run(work)


def test_work_that_never_ends_is_ended() -> None:
    async def work(limits: TimeLimits) -> None:
        assert await outcome(limits, asyncio.Event().wait()) == "TimeoutError"

    run(work)


def test_a_block_may_fail_after_its_time_in_its_own_way() -> None:
    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise KeyError from None

    async def work(limits: TimeLimits) -> None:
        assert await outcome(limits, stubborn()) == "KeyError"

    run(work)


def test_a_block_that_ends_all_the_same_after_its_time_is_too_late() -> None:
    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(1)

    async def work(limits: TimeLimits) -> None:
        assert await outcome(limits, stubborn()) == "TimeoutError"

    run(work)


@pytest.mark.parametrize("after_s", [0, 1, LIMIT_S, LIMIT_S + 1])
def test_a_cancellation_from_outside_stays_one(after_s: float) -> None:
    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(2)
            raise

    async def bounded(limits: TimeLimits) -> None:
        with limits.of_this_task():
            await slow_to_end()

    async def work(limits: TimeLimits) -> None:
        task = asyncio.ensure_future(bounded(limits))
        await asyncio.sleep(after_s)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(work)


def test_a_task_that_ended_is_bounded_no_more() -> None:
    async def work(limits: TimeLimits) -> None:
        task = asyncio.ensure_future(outcome(limits, asyncio.sleep(1)))
        assert await task == "done"
        await asyncio.sleep(3 * LIMIT_S)
        assert await outcome(limits, asyncio.sleep(LIMIT_S - 1)) == "done"

    run(work)
