"""What simulated users and judges cost: counted apart from the agents, in calls and dollars.

Nobody should take a dear judge for a dear release; leaves what the agents cost to `usage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.actions.outcomes import TrialScore


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartCosts:
    """Calls and dollars of what is no agent."""

    user_calls: int = 0
    user_cost_usd: float | None = None
    # of the models that played users; None: none did, or nobody tells
    judge_calls: int = 0
    judge_cost_usd: float | None = None
    # of judges' models; None: none was asked, or nobody tells

    def __add__(self, other: ApartCosts) -> ApartCosts:
        return ApartCosts(
            user_calls=self.user_calls + other.user_calls,
            user_cost_usd=_sum([self.user_cost_usd, other.user_cost_usd]),
            judge_calls=self.judge_calls + other.judge_calls,
            judge_cost_usd=_sum([self.judge_cost_usd, other.judge_cost_usd]),
        )

    def as_json(self) -> dict[str, Any]:
        """As `usage` of a verdict holds it."""
        return {
            "user_calls": self.user_calls,
            "user_cost_usd": self.user_cost_usd,
            "judge_calls": self.judge_calls,
            "judge_cost_usd": self.judge_cost_usd,
        }


def sum_apart(scores: Iterable[TrialScore]) -> ApartCosts:
    """What the trials' users and judges cost."""
    listed = list(scores)
    return ApartCosts(
        user_calls=sum([score.user_calls for score in listed]),
        user_cost_usd=_sum([score.user_cost_usd for score in listed]),
        judge_calls=sum([score.judge_calls for score in listed]),
        judge_cost_usd=_sum([score.judge_cost_usd for score in listed]),
    )


def _sum(costs: Iterable[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return round(fsum(known), 9) if known else None
