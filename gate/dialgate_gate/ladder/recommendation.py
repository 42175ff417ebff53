"""Promote, hold or demote: what eval and live evidence say of each class's mode together.

Pure: evidence, readiness facts and the moment are given. People promote; this says what they may
rest on, and what is missing in figures. Leaves gathering to `dialgate.dial.recommending`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.review_events import Mode
from dialgate_gate.conditions.condition import (
    Condition,
    ConditionKind,
    missing_of,
    plain_condition,
)
from dialgate_gate.conditions.eval_conditions import (
    bound_evals,
)
from dialgate_gate.ladder.in_force import stand_in_force
from dialgate_gate.ladder.live_conditions import stale_sentences
from dialgate_gate.ladder.mode_conditions import confirming_conditions, mode_conditions
from dialgate_gate.ladder.promotion import never_allowed
from dialgate_gate.live.live_bound import live_bound
from dialgate_gate.live.live_reviews import LiveStanding

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_gate.conditions.eval_conditions import EvalBounds
    from dialgate_gate.ladder.dial_evidence import DialEvidence
    from dialgate_gate.ladder.in_force import ModeInForce
    from dialgate_gate.ladder.readiness import ReadinessFacts
    from dialgate_gate.live.demotion import Demotion
    from dialgate_gate.settings.ladder_policy import LadderStep
    from dialgate_gate.settings.policy import Policy
    from dialgate_gate.settings.settings import GateSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The move of one class and why."""

    action_class: str
    mode: Mode
    recommended: Mode
    move: str
    # promote | hold | demote
    evidence: Mapping[str, Any]
    in_force: ModeInForce
    # what the mode that the class is in asks for
    missing: tuple[str, ...] = ()
    # sentences; empty where the move is made
    reasons: tuple[str, ...] = ()
    # sentences behind a demotion
    why: str = ""
    # the first of them in short; empty: no demotion
    following: Mode | None = None
    # the next mode; None after the last
    conditions: tuple[Condition, ...] = ()
    # what that mode asks for, beside what the class shows; the move is that all of them are met
    confirm: tuple[Condition, ...] = ()
    # what the mode that the class has asks for on this release; empty: it was earned on it

    @property
    def readiness(self) -> tuple[Condition, ...]:
        """The conditions that the runbook and the signed verdict answer for."""
        return tuple(item for item in self.conditions if item.kind.is_readiness)

    def as_json(self) -> dict[str, Any]:
        """An entry of a `graduation` list."""
        return {
            "action_class": self.action_class,
            "mode": self.mode.value,
            "recommended": self.recommended.value,
            "move": self.move,
            "evidence": dict(self.evidence),
            "missing": list(self.missing),
            "reasons": list(self.reasons),
            **({"why": self.why} if self.why else {}),
            "readiness": [item.as_json() for item in self.readiness],
            "next": None if self.following is None else self.following.value,
            "conditions": [
                item.as_json() for item in self.conditions if not item.kind.is_readiness
            ],
            **({"confirm": self._confirm_json()} if self.confirm else {}),
        }

    @property
    def can_be_confirmed(self) -> bool:
        """Whether the mode was earned on another release, and is shown on this one."""
        return bool(self.confirm) and all(item.met for item in self.confirm)

    def _confirm_json(self) -> dict[str, Any]:
        """Whether the mode may be confirmed on this release, and what is missing for it."""
        return {
            "met": self.can_be_confirmed,
            "missing": list(missing_of(self.confirm)),
        }


def recommend_moves(
    classes: Sequence[ActionClass],
    settings: GateSettings,
    evidence: DialEvidence,
    facts: ReadinessFacts,
    now: dt.datetime,
) -> tuple[Recommendation, ...]:
    """One recommendation a class, in their order; a demotion goes before everything else."""
    return tuple(_recommend(item, settings, evidence, facts, now) for item in classes)


def _recommend(
    action_class: ActionClass,
    settings: GateSettings,
    evidence: DialEvidence,
    facts: ReadinessFacts,
    now: dt.datetime,
) -> Recommendation:
    """What the next mode asks for decides the move, and is what is shown."""
    name, mode = action_class.name, settings.dial.mode_of(action_class)
    following = next_mode(mode)
    step = settings.policy.ladder.get(following) if following else None
    live = evidence.live.get(name, LiveStanding())
    bounds = bound_evals(evidence.evals.get(name), step.confidence if step else 0.95)
    refused = _refused(action_class, following, step, settings.policy)
    conditions: tuple[Condition, ...] = ()
    if refused:
        conditions = (_refusal(refused, live),)
    elif step is not None:
        conditions = mode_conditions(action_class, step, settings, evidence, facts, now)
    held = Recommendation(
        action_class=name,
        mode=mode,
        recommended=mode,
        move="hold",
        evidence=_figures(bounds, live),
        missing=missing_of(conditions),
        following=following,
        conditions=conditions,
        in_force=stand_in_force(action_class, settings, evidence, facts),
    )
    held = replace(
        held, confirm=confirming_conditions(action_class, settings, evidence, facts, now)
    )
    demotion = evidence.demotions.get(name)
    fallen = _fallen(action_class, settings, demotion)
    if fallen:
        lower, why = list(Mode)[mode.rank - 1], fallen[0] if demotion is None else demotion.found
        return replace(held, recommended=lower, move="demote", missing=(), reasons=fallen, why=why,
                       confirm=())  # fmt: skip
    if following is not None and step is not None and all(item.met for item in conditions):
        return replace(held, recommended=following, move="promote")
    return held


def _refusal(refused: tuple[str, ...], live: LiveStanding) -> Condition:
    """That no evidence moves the class; reviews that would not count anyway are named beside it."""
    found = plain_condition(ConditionKind.LADDER, refused, "")
    return replace(found, missing=(*refused, *stale_sentences(live)))


def _refused(
    action_class: ActionClass, following: Mode | None, step: LadderStep | None, policy: Policy
) -> tuple[str, ...]:
    """Why no evidence moves the class to the next mode; empty: evidence may."""
    if following is None:
        return ()
    forbidden = never_allowed(action_class, following, policy)
    if forbidden is not None:
        return (forbidden,)
    if step is None:
        return (f"policy.toml has no [ladder.{following}]: no evidence moves a class there.",)
    return ()


def next_mode(mode: Mode) -> Mode | None:
    """The mode with one step more autonomy; None after the last."""
    modes = list(Mode)
    return modes[mode.rank + 1] if mode.rank + 1 < len(modes) else None


def _fallen(
    action_class: ActionClass, settings: GateSettings, demotion: Demotion | None
) -> tuple[str, ...]:
    """Why the class is one mode too high; empty: it is not."""
    reasons = [] if demotion is None else [demotion.sentence]
    entry = settings.dial.entries.get(action_class.name)
    if entry is not None:
        forbidden = never_allowed(action_class, entry.mode, settings.policy)
        reasons += [forbidden] if forbidden else []
    return tuple(reasons)


def _figures(bounds: EvalBounds, live: LiveStanding) -> dict[str, Any]:
    bound = live_bound(live, bounds.success.confidence)
    return {
        **bounds.as_json(),
        "live_reviews": live.reviews,
        "live_interventions": live.interventions,
        "live_escalations": live.escalations,
        "intervention_rate_high": round(bound.high, 6) if live.reviews else None,
        "live_young": live.young,
        "live_settle_days": live.settling.days,
        "live_per_day": round(live.per_day, 3),
        "stale": [
            {
                "release": item.release,
                "reviews": item.reviews,
                "changed": None if item.changed is None else list(item.changed),
            }
            for item in live.stale
        ],
    }
