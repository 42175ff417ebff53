"""What all judges of one command may cost: calls, and dollars as far as endpoints tell.

Spent, the rest is not asked: evidence is missing then, which is no pass. Where dollars are bounded
and an endpoint doesn't tell what an answer cost, nothing more is asked either.
"""

from __future__ import annotations


class JudgeBudget:
    """Calls and dollars, of all judges together."""

    def __init__(self, *, max_calls: int, max_cost_usd: float | None) -> None:
        self._max_calls, self._max_cost_usd = max_calls, max_cost_usd
        self.calls = 0
        self.cost_usd: float | None = None
        # of the answers whose cost is known; None: of none
        self._is_blind = False

    def why_not(self) -> str | None:
        """Why no further call is made; None: one may be."""
        if self.calls >= self._max_calls:
            return f"the judges' budget of {self._max_calls:,} calls is spent (max_calls)"
        if self._max_cost_usd is None:
            return None
        if self._is_blind:
            return "the judges' cost can't be bounded: an endpoint doesn't tell its usage"
        if self.cost_usd is not None and self.cost_usd >= self._max_cost_usd:
            return f"the judges' budget of {self._max_cost_usd:g} USD is spent (max_cost_usd)"
        return None

    def begin_call(self) -> None:
        """Counts a call before it is made: one that fails is one too."""
        self.calls += 1

    def add_cost(self, cost_usd: float | None) -> None:
        """Takes in what an answer cost; None: nobody tells."""
        if cost_usd is None:
            self._is_blind = True
        else:
            self.cost_usd = (self.cost_usd or 0.0) + cost_usd
