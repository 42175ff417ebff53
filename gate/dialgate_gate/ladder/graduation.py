"""What the eval evidence says about each class's mode, where no live events were given.

Evals alone promote nobody: the ladder above the loop asks for live reviews. So every class holds,
and what is missing for the next mode is said in figures. Leaves live evidence to `dial recommend`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.events.review_events import Mode
from dialgate_gate.conditions.condition import missing_of
from dialgate_gate.conditions.eval_conditions import (
    bound_evals,
    eval_conditions,
    radius_conditions,
)
from dialgate_gate.ladder.live_conditions import live_not_given

if TYPE_CHECKING:
    from dialgate_evals.actions.action_classes import ActionRegistry, BlastRadius
    from dialgate_gate.comparing.comparison import ClassComparison, RunComparison
    from dialgate_gate.settings.ladder_policy import LadderStep
    from dialgate_gate.settings.settings import GateSettings


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
    bounds = bound_evals(item, step.confidence if step else 0.95)
    evidence = {**bounds.as_json(), "live_reviews": 0}
    if step is None:
        return evidence, []
    conditions = [
        *eval_conditions(step, bounds),
        *live_not_given(step),
        *radius_conditions(step, radius),
    ]
    return evidence, list(missing_of(conditions))
