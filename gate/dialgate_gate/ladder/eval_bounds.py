"""What an eval run shows of a class against a ladder's step: bounds, and what they lack.

Shared by `ladder.graduation` and `ladder.recommendation`; leaves live evidence and readiness to
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_gate.statistics import clustered_failure_bounds, clustered_success_bounds
from dialgate_gate.wording import show_rate

if TYPE_CHECKING:
    from dialgate_evals.actions.action_classes import BlastRadius

    from dialgate_gate.comparing.comparison import ClassComparison
    from dialgate_gate.settings.policy import LadderStep


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalBounds:
    """One-sided bounds of a class, each at the confidence, cases as clusters."""

    cases: int
    trials: int
    confidence: float
    success_low: float | None
    silent_high: float | None
    # None: no trial, no bound

    def as_json(self) -> dict[str, Any]:
        """The figures as graduation entries write them."""
        return {
            "cases": self.cases,
            "trials": self.trials,
            "confidence": self.confidence,
            "eval_success_low": _rounded(self.success_low),
            "silent_rate_high": _rounded(self.silent_high),
        }


def bound_evals(item: ClassComparison | None, confidence: float) -> EvalBounds:
    """The bounds of the class's candidate side; None: the run has no case of the class."""
    if item is None:
        return EvalBounds(
            cases=0, trials=0, confidence=confidence, success_low=None, silent_high=None
        )
    success = clustered_success_bounds(
        item.success.candidate_passed, item.success.candidate_trials, confidence
    )
    silent = clustered_failure_bounds(
        item.silence.candidate_passed, item.silence.candidate_trials, confidence
    )
    return EvalBounds(
        cases=item.candidate.cases,
        trials=item.candidate.trials,
        confidence=confidence,
        success_low=success.low,
        silent_high=silent.high,
    )


def missing_evals(step: LadderStep, bounds: EvalBounds) -> list[str]:
    """A sentence for each bound that the step asks for and the run does not show."""
    missing = []
    asked = step.eval_success
    if asked is not None and (bounds.success_low is None or bounds.success_low < asked):
        missing.append(
            f"Eval success is shown to be at least {_shown(bounds.success_low)} (confidence "
            f"{step.confidence:g}); {show_rate(asked)} is asked: add passing cases of the class."
        )
    asked = step.silent_rate
    if asked is not None and (bounds.silent_high is None or bounds.silent_high > asked):
        missing.append(
            f"Silent failures are shown to be at most {_shown(bounds.silent_high)} (confidence "
            f"{step.confidence:g}); at most {show_rate(asked)} is asked: add cases without one."
        )
    return missing


def missing_radius(step: LadderStep, radius: BlastRadius) -> list[str]:
    """Why the class's blast radius keeps it out of the mode; empty: it does not."""
    if step.max_blast_radius is None or radius.rank <= step.max_blast_radius.rank:
        return []
    most = step.max_blast_radius.value
    text = f"The class's blast radius is {radius.value}; the mode takes at most {most}."
    return [f"{text} No evidence changes that."]


def _shown(rate: float | None) -> str:
    return "unknown" if rate is None else show_rate(rate)


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 6)
