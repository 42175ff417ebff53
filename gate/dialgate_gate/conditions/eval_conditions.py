"""What a ladder's step asks of an eval run and of a class itself, beside what the class shows.

Bounds are one-sided at the step's confidence, cases as clusters. Leaves live evidence and readiness
to `dialgate_gate.ladder`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_gate.conditions.condition import Condition, ConditionKind, Direction
from dialgate_gate.statistics import (
    Bounds,
    clopper_pearson,
    clustered_failure_bounds,
    clustered_success_bounds,
)
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from dialgate_evals.actions.action_classes import BlastRadius
    from dialgate_gate.comparing.comparison import ClassComparison
    from dialgate_gate.settings.ladder_policy import LadderStep
    from dialgate_gate.statistics import PairedCounts

_MOST_CASES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalBounds:
    """One-sided bounds of a class, each at the confidence, cases as clusters."""

    cases: int
    trials: int
    success: Bounds
    silence: Bounds

    def as_json(self) -> dict[str, Any]:
        """The figures as graduation entries write them."""
        return {
            "cases": self.cases,
            "trials": self.trials,
            "confidence": self.success.confidence,
            "eval_success_low": _rounded(self.success.low),
            "silent_rate_high": _rounded(self.silence.high),
        }


def bound_evals(item: ClassComparison | None, confidence: float) -> EvalBounds:
    """The bounds of the class's candidate side; None: the run has no case of the class."""
    return EvalBounds(
        cases=item.candidate.cases if item else 0,
        trials=item.candidate.trials if item else 0,
        success=_bounds(item.success if item else None, clustered_success_bounds, confidence),
        silence=_bounds(item.silence if item else None, clustered_failure_bounds, confidence),
    )


def _bounds(
    counts: PairedCounts | None,
    bound: Callable[[NDArray[np.int64], NDArray[np.int64], float], Bounds],
    confidence: float,
) -> Bounds:
    if counts is None:
        return Bounds(estimate=None, low=None, high=None, n=0, confidence=confidence)
    return bound(counts.candidate_passed, counts.candidate_trials, confidence)


def eval_conditions(step: LadderStep, bounds: EvalBounds) -> list[Condition]:
    """Success and silent failures in the eval run, as far as the step asks for them."""
    found = []
    if step.eval_success is not None:
        found.append(_success(step.eval_success, bounds.success))
    if step.silent_rate is not None:
        found.append(_silence(step.silent_rate, bounds.silence))
    return found


def _success(limit: float, bounds: Bounds) -> Condition:
    low, confidence = bounds.low, bounds.confidence
    met = low is not None and low >= limit
    more = None if met else _more_cases(bounds, lambda low, _: low >= limit, good=1)
    missing = (
        f"Eval success is shown to be at least {_shown(low)} (confidence {confidence:g}); "
        f"{show_rate(limit)} is asked: add passing cases of the class."
    )
    text = (
        f"Over {count_of(bounds.n, 'case')} of the eval run, success is at least "
        f"{_known(low)} (confidence {confidence:g}); at least {show_rate(limit)} is asked."
    )
    return _condition(
        ConditionKind.EVAL_SUCCESS, bounds, limit, met=met, more=more, text=text, missing=missing
    )


def _silence(limit: float, bounds: Bounds) -> Condition:
    high, confidence = bounds.high, bounds.confidence
    met = high is not None and high <= limit
    more = None if met else _more_cases(bounds, lambda _, high: high <= limit, good=0)
    missing = (
        f"Silent failures are shown to be at most {_shown(high)} (confidence {confidence:g}); "
        f"at most {show_rate(limit)} is asked: add cases without one."
    )
    text = (
        f"Over {count_of(bounds.n, 'case')} of the eval run, silent failures are at most "
        f"{_known(high)} (confidence {confidence:g}); at most {show_rate(limit)} is allowed."
    )
    return _condition(
        ConditionKind.SILENT_RATE, bounds, limit, met=met, more=more, text=text, missing=missing
    )


def _shown(rate: float | None) -> str:
    return "unknown" if rate is None else show_rate(rate)


def _known(rate: float | None) -> str:
    return "unknown, as no case of the class was run" if rate is None else show_rate(rate)


def _condition(
    kind: ConditionKind,
    bounds: Bounds,
    limit: float,
    *,
    met: bool,
    more: int | None,
    text: str,
    missing: str,
) -> Condition:
    """`more`: the cases without a failure that would show it, as far as a number is known."""
    if more is not None:
        text += f" About {count_of(more, 'more case')} without a failure would show it."
    low, high = bounds.low, bounds.high
    return Condition(
        kind=kind,
        met=met,
        sentence=text,
        missing=() if met else (missing,),
        shown=low if kind.direction is Direction.AT_LEAST else high,
        limit=limit,
        observed=bounds.estimate,
        interval=None if low is None or high is None else (low, high),
        confidence=bounds.confidence,
        needed={} if more is None else {"cases": more},
    )


def _more_cases(
    bounds: Bounds, is_reached: Callable[[float, float], bool], *, good: int
) -> int | None:
    """The least number of further cases, all good, that would show it; None: too many."""
    n, confidence = bounds.n, bounds.confidence
    total = (bounds.estimate or 0.0) * n

    def reached(more: int) -> bool:
        return is_reached(*clopper_pearson(total + good * more, n + more, confidence))

    high = 1
    while not reached(high):
        high *= 2
        if high > _MOST_CASES:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def radius_conditions(step: LadderStep, radius: BlastRadius) -> list[Condition]:
    """The class's blast radius beside the most that the step takes, where it names one."""
    most = step.max_blast_radius
    if most is None:
        return []
    met = radius.rank <= most.rank
    limit, final = f"the mode takes at most {most.value}.", "No evidence changes that."
    text = f"A mistake's blast radius is {radius.value}; {limit}"
    missing = f"The class's blast radius is {radius.value}; {limit} {final}"
    return [
        Condition(
            kind=ConditionKind.BLAST_RADIUS,
            met=met,
            sentence=text if met else f"{text} {final}",
            missing=() if met else (missing,),
            shown=radius.value,
            limit=most.value,
        )
    ]


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 6)
