"""Promote, wait or roll back: two releases' interventions in production, at any number of looks.

One observation a task. Pure functions of counts; leaves counting to `dialgate_evals.events` and
what is done about it to whoever rolls out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dialgate_gate.statistics.upper_rate import upper_rate_bound
from dialgate_gate.wording import count_of, show_points, show_rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.settings.rollout_policy import RolloutPolicy


class Decision(StrEnum):
    """What to do with the candidate."""

    PROMOTE = "promote"
    WAIT = "wait"
    ROLL_BACK = "roll_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class SideCounts:
    """Tasks of one release in one class."""

    reviewed: int = 0
    intervened: int = 0
    # tasks with any intervention
    escalated_only: int = 0
    # tasks that nobody decided on: bad or good, whichever is worse

    @property
    def total(self) -> int:
        """Tasks that count, decided on or not."""
        return self.reviewed + self.escalated_only

    @property
    def hidden(self) -> float:
        """The share of tasks that may be either."""
        return self.escalated_only / self.total if self.total else 0.0

    @property
    def rate(self) -> float | None:
        """The share of reviewed tasks with an intervention; None without one."""
        return self.intervened / self.reviewed if self.reviewed else None

    def as_json(self) -> dict[str, Any]:
        """The side's counts and its rate, to six digits."""
        return {
            "reviewed": self.reviewed,
            "intervened": self.intervened,
            "escalated_only": self.escalated_only,
            "rate": None if self.rate is None else round(self.rate, 6),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRollout:
    """One class of the rollout: both sides' tasks and what they decide."""

    action_class: str
    mode: str
    baseline: SideCounts
    candidate: SideCounts
    low: float
    high: float
    # of the difference, candidate minus baseline; each end holds at every look
    decision: Decision
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """The class as `dial rollout --json` writes it."""
        return {
            "action_class": self.action_class,
            "mode": self.mode,
            "decision": self.decision.value,
            "baseline": self.baseline.as_json(),
            "candidate": self.candidate.as_json(),
            "difference": [round(self.low, 6), round(self.high, 6)],
            "sentence": self.sentence,
        }


def difference_bounds(
    baseline: SideCounts, candidate: SideCounts, *, up: float, down: float
) -> tuple[float, float]:
    """The least and the largest difference that the tasks leave, candidate minus baseline.

    Estimates: by how much did the rate of interventions rise? The upper end is ever under the true
    difference with a chance of at most `up`, the lower end ever over it of at most `down`, however
    often one looks: each is made of two one-sided confidence sequences (mixtures by Jeffreys'
    prior; Robbins 1970, Howard, Ramdas, McAuliffe & Sekhon 2021, section 3) that share it evenly.
    A task that was escalated and never decided counts as bad in the upper bound of its side and as
    good in the lower: what escalations hide widens both ends. Assumes that tasks of a side have one
    rate, whatever came before, and that both sides get the same work: tasks are shared out at
    random. A rate that moves for both is not covered.

    >>> one = SideCounts(reviewed=4000, intervened=80)
    >>> low, high = difference_bounds(one, SideCounts(reviewed=400, intervened=8), up=.05, down=.05)
    >>> round(low, 3), round(high, 3)
    (-0.025, 0.038)
    """
    high = _most(candidate, up / 2) - _least(baseline, up / 2)
    low = _least(candidate, down / 2) - _most(baseline, down / 2)
    return max(-1.0, low), min(1.0, high)


def _most(side: SideCounts, alpha: float) -> float:
    return upper_rate_bound(side.intervened + side.escalated_only, side.total, 1 - alpha)


def _least(side: SideCounts, alpha: float) -> float:
    """The most rate that is excluded from below: that of the others, told the other way round."""
    return 1 - upper_rate_bound(side.total - side.intervened, side.total, 1 - alpha)


def hidden_rise(baseline: SideCounts, candidate: SideCounts) -> float:
    """By how much tasks that nobody decided on alone can hide a rise."""
    rate = baseline.rate or 0.0
    return candidate.hidden * (1 - rate) + baseline.hidden * rate


def decide_class(
    action_class: str,
    mode: str,
    *,
    baseline: SideCounts,
    candidate: SideCounts,
    policy: RolloutPolicy,
    classes: int,
) -> ClassRollout:
    """One class; `classes` are looked at together, and share the chance of a false roll back.

    A false promotion takes every class to be wrong at once, so that chance is not shared.
    """
    low, high = difference_bounds(
        baseline, candidate, up=policy.alpha, down=policy.alpha / max(1, classes)
    )
    decision = Decision.WAIT
    if not baseline.reviewed or not candidate.reviewed:
        pass  # with one side alone nothing is compared
    elif high < policy.margin:
        decision = Decision.PROMOTE
    elif low > 0:
        decision = Decision.ROLL_BACK
    return ClassRollout(
        action_class=action_class,
        mode=mode,
        baseline=baseline,
        candidate=candidate,
        low=low,
        high=high,
        decision=decision,
        sentence=_sentence(decision, baseline, candidate, (low, high), policy),
    )


def decide_rollout(classes: Sequence[ClassRollout]) -> Decision:
    """All classes together: one that is worse rolls it back, one that is undecided waits."""
    found = {item.decision for item in classes}
    if Decision.ROLL_BACK in found:
        return Decision.ROLL_BACK
    return Decision.PROMOTE if found == {Decision.PROMOTE} else Decision.WAIT


def _sentence(
    decision: Decision,
    baseline: SideCounts,
    candidate: SideCounts,
    bounds: tuple[float, float],
    policy: RolloutPolicy,
) -> str:
    sides = " against ".join(
        f"{show_rate(side.rate)} of {count_of(side.reviewed, 'task')}"
        if side.rate is not None
        else "no task"
        for side in (candidate, baseline)
    )
    low, high = bounds
    match decision:
        case Decision.PROMOTE:
            why = f"a rise of {show_points(high)} or more is excluded"
        case Decision.ROLL_BACK:
            why = f"it rose by {show_points(low)} at least"
        case Decision.WAIT:
            why = f"the rise is between {show_points(low)} and {show_points(high)}"
    return f"{sides} had an intervention: {why} (margin {show_points(policy.margin)})."
