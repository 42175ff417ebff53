"""What the eval evidence says about each class's mode, where no live events were given.

Evals alone promote nobody: the ladder above the loop asks for live reviews. So every class holds,
and what is missing for the next mode is said in figures. Leaves live evidence to `dial recommend`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evals.review_events import Mode
from gate.rounding import show_rate
from gate.statistics import clustered_failure_bounds, clustered_success_bounds

if TYPE_CHECKING:
    from evals.action_classes import ActionRegistry, BlastRadius
    from gate.comparison import ClassComparison, RunComparison
    from gate.policy import LadderStep
    from gate.settings import GateSettings


def graduation_from_evals(
    comparison: RunComparison, settings: GateSettings, actions: ActionRegistry
) -> list[dict[str, Any]]:
    """One entry per class: its mode, the evidence, and what the next mode still asks for."""
    entries = []
    for item in comparison.classes:
        action_class = actions.get(item.action_class)
        if action_class is None:
            continue
        mode = settings.dial.mode_of(action_class)
        following = _next(mode)
        step = settings.policy.ladder.get(following) if following else None
        evidence, missing = _weigh(item, step, action_class.blast_radius)
        entries.append(
            {
                "action_class": item.action_class,
                "mode": mode.value,
                "recommended": mode.value,
                "move": "hold",
                "evidence": evidence,
                "missing": missing if mode is not Mode.OUT_OF_THE_LOOP else [],
            }
        )
    return entries


def _next(mode: Mode) -> Mode | None:
    modes = list(Mode)
    return modes[mode.rank + 1] if mode.rank + 1 < len(modes) else None


def _weigh(
    item: ClassComparison, step: LadderStep | None, radius: BlastRadius
) -> tuple[dict[str, Any], list[str]]:
    confidence = step.confidence if step else 0.95
    success = clustered_success_bounds(
        item.success.candidate_passed, item.success.candidate_trials, confidence
    )
    silent = clustered_failure_bounds(
        item.silence.candidate_passed, item.silence.candidate_trials, confidence
    )
    evidence = {
        "cases": item.candidate.cases,
        "trials": item.candidate.trials,
        "confidence": confidence,
        "eval_success_low": None if success.low is None else round(success.low, 6),
        "silent_rate_high": None if silent.high is None else round(silent.high, 6),
        "live_reviews": 0,
    }
    if step is None:
        return evidence, []
    return evidence, _missing(step, success.low, silent.high, radius)


def _missing(
    step: LadderStep,
    success_low: float | None,
    silent_high: float | None,
    radius: BlastRadius,
) -> list[str]:
    missing = []
    asked = step.eval_success
    if asked is not None and (success_low is None or success_low < asked):
        low = "unknown" if success_low is None else show_rate(success_low)
        missing.append(
            f"Eval success is shown to be at least {low} (confidence {step.confidence:g}); "
            f"{show_rate(asked)} is asked: add passing cases of the class."
        )
    asked = step.silent_rate
    if asked is not None and (silent_high is None or silent_high > asked):
        high = "unknown" if silent_high is None else show_rate(silent_high)
        missing.append(
            f"Silent failures are shown to be at most {high} (confidence {step.confidence:g}); "
            f"at most {show_rate(asked)} is asked: add cases without one."
        )
    if step.live_reviews:
        missing.append(
            f"{step.live_reviews:,} live reviews are asked; this check was given no review events. "
            "Run dialgate dial recommend with them."
        )
    if step.max_blast_radius is not None and radius.rank > step.max_blast_radius.rank:
        missing.append(
            f"The class's blast radius is {radius.value}; the mode takes at most "
            f"{step.max_blast_radius.value}. No evidence changes that."
        )
    return missing
