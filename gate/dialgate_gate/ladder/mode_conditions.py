"""What a mode asks for of a class that moves there, or keeps it on another release.

Pure; leaves which mode is asked about, and what follows, to `ladder.recommendation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.conditions.condition import Condition, ConditionKind, plain_condition
from dialgate_gate.conditions.eval_conditions import (
    bound_evals,
    eval_conditions,
    radius_conditions,
)
from dialgate_gate.conditions.mutant_conditions import mutant_conditions
from dialgate_gate.ladder.cool_down import cool_down_conditions
from dialgate_gate.ladder.live_conditions import live_conditions
from dialgate_gate.ladder.promotion import never_allowed
from dialgate_gate.ladder.readiness import verify_readiness
from dialgate_gate.live.live_reviews import LiveStanding

if TYPE_CHECKING:
    import datetime as dt

    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_gate.ladder.dial_evidence import DialEvidence
    from dialgate_gate.ladder.readiness import ReadinessFacts
    from dialgate_gate.settings.ladder_policy import LadderStep
    from dialgate_gate.settings.settings import GateSettings


def mode_conditions(
    action_class: ActionClass,
    step: LadderStep,
    settings: GateSettings,
    evidence: DialEvidence,
    facts: ReadinessFacts,
    now: dt.datetime,
) -> tuple[Condition, ...]:
    """Everything that a move to the step's mode asks for, met or not."""
    name, mode = action_class.name, settings.dial.mode_of(action_class)
    live = evidence.live.get(name, LiveStanding())
    bounds = bound_evals(evidence.evals.get(name), step.confidence)
    trusted = "The eval run can be trusted."
    return (
        plain_condition(ConditionKind.EVAL_RUN, evidence.eval_gaps, trusted),
        *eval_conditions(step, bounds),
        *mutant_conditions(step, evidence.mutants.get(name)),
        *live_conditions(step, live, mode, evidence.queue_warnings),
        *radius_conditions(step, action_class.blast_radius),
        *verify_readiness(step.requires, name, facts),
        *cool_down_conditions(name, settings, now),
    )


def confirming_conditions(
    action_class: ActionClass,
    settings: GateSettings,
    evidence: DialEvidence,
    facts: ReadinessFacts,
    now: dt.datetime,
) -> tuple[Condition, ...]:
    """What a class shows on this release of the mode that it earned on another.

    All that a promotion there would ask for, but rest; empty where nothing has to be confirmed, or
    no evidence supports the mode any more.
    """
    name, mode = action_class.name, settings.dial.mode_of(action_class)
    step = settings.policy.ladder.get(mode)
    rests = evidence.rests_on.get(name)
    if rests is None or not rests.is_stale or not mode.is_autonomous:
        return ()
    if step is None or never_allowed(action_class, mode, settings.policy) is not None:
        return ()
    found = mode_conditions(action_class, step, settings, evidence, facts, now)
    return tuple(item for item in found if item.kind is not ConditionKind.COOL_DOWN)
