"""What run.json counts of a run's trials; leaves the trials themselves to `records.run_record`."""

from __future__ import annotations

from collections import Counter
from math import fsum
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import TrialStatus
from dialgate_evals.dialects.texts.endings import MALFORMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate_evals.actions.outcomes import TrialScore

_SUMS = (
    "tool_calls", "invalid_calls", "failed_calls", "unmatched_reads", "text_calls",
)  # fmt: skip
_counts_of = attrgetter(*_SUMS)
_ENDED = {"cut_off": "length", "filtered": "content_filter", "malformed": MALFORMED}
"""Counts of the reasons why a model's last answer ended."""


class RunCounts:
    """Counts trials as they pass by; the order in which they come is without effect."""

    def __init__(self) -> None:
        self._cases: set[str] = set()
        self._statuses: Counter[TrialStatus] = Counter()
        self._sums = dict.fromkeys(_SUMS, 0)
        self._refusals = 0
        self._endings: Counter[str | None] = Counter()
        self._answers: Counter[str] = Counter()
        self._costs: list[float] | None = None
        # numbers of which the sum is what all trials cost, exactly; None: no trial says
        self._dialects: set[str] = set()

    def counted(self, scores: Iterable[TrialScore]) -> Iterator[TrialScore]:
        """The same scores, each counted once it was taken."""
        for score in scores:
            self._count(score)
            yield score

    def _count(self, score: TrialScore) -> None:
        self._cases.add(score.case_id)
        self._statuses[score.status] += 1
        for name, count in zip(_SUMS, _counts_of(score), strict=True):
            if count:
                self._sums[name] += count
        self._refusals += score.refusal
        self._endings[score.finish_reason] += 1
        if score.rulings:
            self._answers.update(item.answer.value for item in score.rulings)
        if score.cost_usd is not None:
            self._costs = self._costs or []
            add_exactly(self._costs, score.cost_usd)
        if score.dialects:
            self._dialects.update(score.dialects)

    @property
    def dialects(self) -> list[str]:
        """Names of the dialects that the trials were written in."""
        return sorted(self._dialects)

    def as_json(self, *, cached: int, workers_died: int) -> dict[str, Any]:
        """`counts` as run.json holds them; `agent_calls` are trials that were run for this."""
        trials = self._statuses.total()
        costs = self._costs
        return {
            "cases": len(self._cases),
            "trials": trials,
            "passed": self._statuses[TrialStatus.PASSED],
            "failed": self._statuses[TrialStatus.FAILED],
            "errored": self._statuses[TrialStatus.ERRORED],
            "cached": cached,
            "agent_calls": trials - cached,
            **self._sums,
            "refusals": self._refusals,
            **{name: self._endings[reason] for name, reason in _ENDED.items()},
            "workers_died": workers_died,
            "cost_usd": None if costs is None else round(fsum(costs), 9),
            **{f"criteria_{name}": self._answers[name] for name in sorted(self._answers)},
        }


def add_exactly(parts: list[float], value: float) -> None:
    """Adds a number to a sum that is held as few numbers without rounding (Shewchuk 1997).

    >>> parts = [1e16]
    >>> add_exactly(parts, 1.0)
    >>> add_exactly(parts, -1e16)
    >>> fsum(parts)
    1.0
    """
    kept = 0
    for part in parts:
        low, high = sorted((value, part), key=abs)
        value = high + low
        rest = low - (value - high)
        if rest:
            parts[kept] = rest
            kept += 1
    parts[kept:] = [value]
