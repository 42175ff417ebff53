"""What the mode that a class is in asks for, and what losing some of it does.

The same conditions by which a class rises, asked again of the mode that it has: promotion is no
promise for ever. Live reviews aren't counted again, as they begin anew with each move: the watch
takes their place. Pure; leaves leases themselves to `dialgate.dial.leasing`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import BlastRadius
from dialgate_evals.files.problems import join_words
from dialgate_gate.conditions.condition import Condition, ConditionKind, plain_condition
from dialgate_gate.conditions.eval_conditions import (
    bound_evals,
    eval_conditions,
    radius_conditions,
)
from dialgate_gate.conditions.mutant_conditions import mutant_conditions
from dialgate_gate.ladder.dial_evidence import RestsOn
from dialgate_gate.ladder.promotion import never_allowed
from dialgate_gate.ladder.readiness import verify_readiness
from dialgate_gate.settings.dial import needs_lease
from dialgate_gate.settings.lease_policy import Lapse
from dialgate_gate.wording import count_of
from dialgate_runtime.mode import Mode, lower_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_gate.ladder.dial_evidence import DialEvidence
    from dialgate_gate.ladder.readiness import ReadinessFacts
    from dialgate_gate.settings.lease_policy import LapsePolicy
    from dialgate_gate.settings.settings import GateSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that the mode in force asks for, and what losing it does."""

    condition: Condition
    lapse: Lapse | None
    # None: it is met, or no autonomy rests on it

    def as_json(self) -> dict[str, Any]:
        """The requirement as recommendations and leases write it."""
        return {
            "requirement": self.condition.kind.value,
            "met": self.condition.met,
            "detail": self.condition.sentence,
            "lapse": None if self.lapse is None else self.lapse.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeInForce:
    """What a class's mode rests on now, and the mode that is left of it."""

    action_class: str
    mode: Mode
    # the dial's
    effective: Mode
    # what a lease may be for
    requirements: tuple[Requirement, ...]

    @property
    def lapsed(self) -> tuple[Requirement, ...]:
        """What was lost, whatever it does."""
        return tuple(item for item in self.requirements if item.lapse is not None)

    def as_json(self) -> dict[str, Any]:
        """As recommendations write it."""
        return {
            "mode": self.mode.value,
            "effective": self.effective.value,
            "requirements": [item.as_json() for item in self.requirements],
        }


def stand_in_force(
    action_class: ActionClass, settings: GateSettings, evidence: DialEvidence, facts: ReadinessFacts
) -> ModeInForce:
    """What the class's mode asks for now; several losses do what the gravest of them does.

    Only what a lease is for can lapse: a write that the agent does before people look.
    """
    mode = settings.dial.mode_of(action_class)
    name, ceiling = action_class.name, settings.policy.ceiling.get(action_class.name, mode)
    if name not in settings.dial.entries:
        left = lower_of(mode, ceiling)
        return ModeInForce(action_class=name, mode=mode, effective=left, requirements=())
    is_leased = needs_lease(action_class, mode)
    found = tuple(
        Requirement(
            condition=item,
            lapse=_lapse(item, action_class, settings) if is_leased and not item.met else None,
        )
        for item in _conditions(action_class, settings, evidence, facts)
    )
    fallen = [fallen_to(mode, item.lapse) for item in found if item.lapse is not None]
    return ModeInForce(
        action_class=name,
        mode=mode,
        effective=lower_of(mode, ceiling, *fallen),
        requirements=found,
    )


def fallen_to(mode: Mode, lapse: Lapse) -> Mode:
    """The mode that a lapse leaves of one in which the agent acts first."""
    if lapse is Lapse.WARN or not mode.is_autonomous:
        return mode
    one_down = list(Mode)[mode.rank - 1]
    return Mode.IN_THE_LOOP if lapse is Lapse.IN_THE_LOOP else one_down


def _conditions(
    action_class: ActionClass, settings: GateSettings, evidence: DialEvidence, facts: ReadinessFacts
) -> Iterator[Condition]:
    name, mode = action_class.name, settings.dial.mode_of(action_class)
    step = settings.policy.ladder.get(mode)
    forbidden = never_allowed(action_class, mode, settings.policy)
    against = [] if forbidden is None else [forbidden]
    if step is None and mode.is_autonomous:
        against.append(f"policy.toml has no [ladder.{mode}]: nothing supports the mode.")
    yield plain_condition(ConditionKind.LADDER, against, "The policy allows the mode.")
    if mode.is_autonomous:
        yield _release(name, evidence)
        yield _alarm(name, evidence)
    if step is None:
        return
    if not evidence.eval_gaps:
        # Without a run of this release the evidence of the promotion stands.
        yield from eval_conditions(step, bound_evals(evidence.evals.get(name), step.confidence))
    yield from mutant_conditions(step, evidence.mutants.get(name))
    yield from radius_conditions(step, action_class.blast_radius)
    yield from verify_readiness(step.requires, name, replace(facts, in_force=True))


def _alarm(name: str, evidence: DialEvidence) -> Condition:
    fall, watched = evidence.demotions.get(name), evidence.watched
    against = [] if fall is None else [fall.sentence]
    if watched == 0:
        against.append("No event counted: a feed that broke looks like a quiet one.")
    quiet = (
        "No events were given, so no alarm was looked for."
        if watched is None
        else f"The watch found nothing against the class in {count_of(watched, 'event')}."
    )
    return plain_condition(ConditionKind.ALARM, against, quiet)


def _release(name: str, evidence: DialEvidence) -> Condition:
    rests = evidence.rests_on.get(name, RestsOn(version=None))
    against = []
    if rests.version is None:
        against.append(
            "The ledger doesn't say on which release the class was promoted: move it down and up "
            "again to say so."
        )
    elif rests.changed:
        verb = "differs" if len(rests.changed) == 1 else "differ"
        against.append(
            f"The class was promoted on release {rests.version}, whose {join_words(rests.changed)} "
            f"{verb}: what it showed there says nothing of this one."
        )
    good = f"The class was promoted on release {rests.version}; nothing that counts has changed."
    return plain_condition(ConditionKind.RELEASE, against, good)


def _lapse(item: Condition, action_class: ActionClass, settings: GateSettings) -> Lapse:
    """What losing the requirement does: as the policy says, else by how grave the class is."""
    said = _said(item.kind, settings.policy.lapse)
    is_grave = action_class.blast_radius is BlastRadius.HIGH or not action_class.reversible
    return said or (Lapse.IN_THE_LOOP if is_grave else Lapse.DOWN_ONE)


def _said(kind: ConditionKind, policy: LapsePolicy) -> Lapse | None:
    """What the policy says of losing it; None: nothing, or there is no key for it."""
    return {
        ConditionKind.RELEASE: policy.stale_release,
        ConditionKind.ATTESTATION: policy.attestation,
        ConditionKind.KILL_SWITCH: policy.drill,
        ConditionKind.COMPENSATION: policy.compensation,
        ConditionKind.ROLLBACK: policy.rollback,
        ConditionKind.ALARM: policy.alarm,
    }.get(kind)
