"""A trial that hangs is out of time once nothing but it is left, by no clock."""

from __future__ import annotations

import sys

from dialgate_evals.running.time_limits import TimeLimits

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
