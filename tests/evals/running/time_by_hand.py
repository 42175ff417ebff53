"""A trial that hangs is out of time once nothing but it is left, by no clock."""

from __future__ import annotations

import sys
from math import inf
from typing import TYPE_CHECKING

from dialgate_evals.running.time_limits import TimeLimits

if TYPE_CHECKING:
    from collections.abc import Callable

_OFTEN_S = 0.05
_NEVER = sys.float_info.max


class TimeByHand:
    """Ends the last of so many trials; give `limits` to the engine, and tell each that finished."""

    def __init__(self, trials: int) -> None:
        self._left = trials
        self._given: _Endless | None = None

    def limits(self, limit_s: float) -> TimeLimits:
        self._given = _Endless(limit_s)
        return self._given

    def finished(self) -> None:
        self._left -= 1
        if self._left == 1 and self._given is not None:
            self._given.end()


class _Endless(TimeLimits):
    """Limits that only a call ends."""

    def start(self) -> float:
        return _NEVER

    def end(self) -> None:
        for limit in self._limits:
            limit.end_if_over(_NEVER)


class TimeOfStuck:
    """Ends what runs once a process more is stuck, by no clock; `stuck` tells which are.

    The first so many are `spared`: the agent itself notices them.
    """

    def __init__(self, stuck: Callable[[], set[int]], *, spared: int = 0) -> None:
        self._stuck = stuck
        self._spared = spared

    def limits(self, limit_s: float) -> TimeLimits:
        return _UntilStuck(limit_s, self._stuck, self._spared)


class _UntilStuck(_Endless):
    """Limits that a stuck process ends, once for each."""

    def __init__(self, limit_s: float, stuck: Callable[[], set[int]], spared: int) -> None:
        super().__init__(limit_s)
        self._stuck = stuck
        self._spared = spared
        self._seen: set[int] = set()
        self._looks = False

    def start(self) -> float:
        if not self._looks:
            self._looks = True
            self._loop.call_later(_OFTEN_S, self._look_for_stuck)
        return super().start()

    def _look_for_stuck(self) -> None:
        found = self._stuck() - self._seen
        if found:
            self._seen |= found
            if len(self._seen) > self._spared:
                self.end()
        self._looks = any(limit.ends_at != inf for limit in self._limits)
        if self._looks:
            self._loop.call_later(_OFTEN_S, self._look_for_stuck)
