"""What a rollout would take to decide: the tasks after which an equally good release is promoted.

Pure; leaves whether one is needed to whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dialgate_gate.live.rollout.deciding import SideCounts, difference_bounds

MOST_TASKS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """A rollout that decides what a gate left open."""

    action_class: str
    share: float
    # of the tasks, that the candidate gets
    tasks: int
    # of the candidate
    rate: float
    # of interventions, as far as it is known

    def as_json(self) -> dict[str, Any]:
        """The rule as a verdict's `rollout` writes it."""
        return {
            "action_class": self.action_class,
            "share": self.share,
            "tasks": self.tasks,
            "rate": round(self.rate, 6),
        }


def tasks_to_decide(rate: float, *, margin: float, alpha: float, share: float) -> int | None:
    """The candidate's tasks after which it is promoted, where both sides stay at the rate.

    The baseline has the rest of the tasks meanwhile. None: not in a million.

    >>> tasks_to_decide(0.02, margin=0.05, alpha=0.05, share=0.05)
    267
    """

    def decides(tasks: int) -> bool:
        others = int(tasks * (1 - share) / share)
        _, high = difference_bounds(_side(rate, others), _side(rate, tasks), up=alpha, down=alpha)
        return high < margin

    high = 1
    while not decides(high):
        high *= 2
        if high > MOST_TASKS:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high


def _side(rate: float, tasks: int) -> SideCounts:
    return SideCounts(reviewed=tasks, intervened=-int(-rate * tasks // 1))
