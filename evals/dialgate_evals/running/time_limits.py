"""One time limit for the trials of all lanes, kept by one timer.

`asyncio.timeout` sets a timer for each use, which costs an instant trial more than its tools do.
Trials of a run all have the same limit, and a lane runs one at a time: one timer, set to the
earliest end, is enough.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class TimeLimits:
    """Bounds blocks of code to `limit_s` seconds each; of one event loop."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._loop = asyncio.get_running_loop()
        self._limits: set[TimeLimit] = set()
        self._timer: asyncio.TimerHandle | None = None

    def of_this_task(self) -> TimeLimit:
        """`with` it, a block of this task raises TimeoutError where its time is over.

        As with `asyncio.timeout`, a cancellation from outside stays one. A block that ends all the
        same after its time is too late as well. For one block after the other, not in another.
        """
        task = asyncio.current_task()
        assert task is not None
        limit = TimeLimit(self, task)
        self._limits.add(limit)
        task.add_done_callback(lambda _: self._limits.discard(limit))
        return limit

    def start(self) -> float:
        """The loop's time at which a block that begins now must have ended."""
        ends_at = self._loop.time() + self._limit_s
        if self._timer is None:
            self._timer = self._loop.call_at(ends_at, self._look)
        return ends_at

    def _look(self) -> None:
        """Ends what is over; looks again when the next one will be."""
        now = self._loop.time()
        for limit in self._limits:
            limit.end_if_over(now)
        following = min((limit.ends_at for limit in self._limits), default=inf)
        self._timer = None if following == inf else self._loop.call_at(following, self._look)


class TimeLimit:
    """The limit of one task's blocks."""

    __slots__ = ("_before", "_has_expired", "_limits", "_task", "ends_at")

    def __init__(self, limits: TimeLimits, task: asyncio.Task[object]) -> None:
        self.ends_at = inf
        # the loop's time; infinite outside of a block and when it was ended
        self._limits = limits
        self._task = task
        self._has_expired = False
        self._before = 0

    def end_if_over(self, now: float) -> None:
        """Cancels a block whose time is over, once."""
        if self.ends_at <= now:
            self.ends_at = inf
            self._has_expired = True
            self._task.cancel()

    def __enter__(self) -> None:
        self._has_expired = False
        self._before = self._task.cancelling()
        self.ends_at = self._limits.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ends_at = inf
        if not self._has_expired:
            return
        is_ours = self._task.uncancel() <= self._before
        if kind is None or (is_ours and issubclass(kind, asyncio.CancelledError)):
            raise TimeoutError from error
