"""May a person move this class there? People promote on evidence; the system's word is no less.

Pure rules; leaves making recommendations to `ladder.graduation` and files to `dial.dial_files`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import BlastRadius
from dialgate_evals.events.review_events import Mode
from dialgate_gate.ladder.readiness import verify_readiness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_gate.ladder.readiness import ReadinessFacts, SignedVerdict
    from dialgate_gate.settings.policy import Policy


def never_allowed(action_class: ActionClass, after: Mode, policy: Policy) -> str | None:
    """Why no evidence and no override moves the class there; None: nothing forbids it."""
    ceiling = policy.ceiling.get(action_class.name)
    if ceiling is not None and after.rank > ceiling.rank:
        return f"The policy's ceiling for {action_class.name} is {ceiling}."
    if after is not Mode.OUT_OF_THE_LOOP:
        return None
    if not action_class.reversible:
        return f"{action_class.name} is irreversible and never goes out of the loop."
    if action_class.blast_radius is BlastRadius.HIGH:
        return f"{action_class.name} has a high blast radius and never goes out of the loop."
    return None


def forbidden_move(
    action_class: ActionClass, before: Mode, after: Mode, policy: Policy
) -> list[str]:
    """What no evidence changes about a promotion: one step at a time, the blast radius.

    Empty: nothing forbids it, or it is no promotion.
    """
    if after.rank <= before.rank:
        return []
    never = never_allowed(action_class, after, policy)
    found = [] if never is None else [never]
    if after.rank > before.rank + 1:
        found.append(f"A promotion is one step at a time: from {before} to {after} are more.")
    step = policy.ladder.get(after)
    most = None if step is None else step.max_blast_radius
    if most is not None and action_class.blast_radius.rank > most.rank:
        found.append(
            f"The class's blast radius is {action_class.blast_radius}; {after} takes at most "
            f"{most}. No evidence changes that."
        )
    return found


def unready(
    action_class: ActionClass, before: Mode, after: Mode, policy: Policy, facts: ReadinessFacts
) -> list[str]:
    """What a promotion lacks in runbook.toml, asked again whatever the recommendation says.

    A compensation counts where it is declared: whether its case passes is a matter of evidence.
    """
    step = policy.ladder.get(after)
    if after.rank <= before.rank or step is None:
        return []
    asked = tuple(name for name in step.requires if name in _WITHOUT_EVIDENCE)
    items = verify_readiness(asked, action_class.name, facts)
    found = [item.sentence for item in items if not item.met]
    if "compensation" in step.requires and action_class.name not in facts.runbook.compensation:
        found.append(f'runbook.toml has no [compensation."{action_class.name}"].')
    return found


_WITHOUT_EVIDENCE = frozenset({"owner", "kill_switch", "rollback"})


def unsupported(
    action_class: ActionClass,
    before: Mode,
    after: Mode,
    recommendation: Mapping[str, Any] | None,
) -> list[str]:
    """What keeps a promotion from being supported; empty: it is, or it is no promotion.

    `recommendation` is the class's entry of a `graduation` list; None: nobody recommended.
    """
    if after.rank <= before.rank:
        return []
    if recommendation is None:
        return ["No recommendation was given: promotions need --evidence FILE."]
    name = action_class.name
    found = []
    if recommendation.get("mode") != before.value:
        found.append(
            f"The recommendation is for {name} in {recommendation.get('mode')}; it is in {before}."
        )
    if recommendation.get("move") != "promote" or recommendation.get("recommended") != after.value:
        found.append(f"The recommendation for {name} is {_recommended(recommendation)}.")
        found += [str(item) for item in recommendation.get("missing") or ()]
    return found


def unconfirmed(action_class: ActionClass, recommendation: Mapping[str, Any] | None) -> list[str]:
    """What keeps the mode of a class from being confirmed on this release; empty: nothing."""
    if recommendation is None:
        return ["No recommendation was given: a confirmation needs --evidence FILE."]
    asked = recommendation.get("confirm")
    if not isinstance(asked, dict):
        return [f"The recommendation doesn't ask to confirm {action_class.name}."]
    if asked.get("met") is True:
        return []
    missing = [str(item) for item in asked.get("missing") or ()]
    return missing or [f"The recommendation doesn't support {action_class.name} in its mode."]


def unsigned(before: Mode, after: Mode, policy: Policy, signed: SignedVerdict | None) -> list[str]:
    """What a promotion lacks of the signed verdict that its mode asks for; empty: nothing.

    Asked again here, whatever the recommendation says: that one bears no signature.
    """
    step = policy.ladder.get(after)
    if after.rank <= before.rank or step is None or "attestation" not in step.requires:
        return []
    if signed is None:
        return [f"{after} asks for a signed verdict: give --attestation FILE."]
    return [] if signed.shortfall is None else [signed.shortfall]


def _recommended(recommendation: Mapping[str, Any]) -> str:
    move = recommendation.get("move")
    return (
        f"to hold it in {recommendation.get('mode')}"
        if move == "hold"
        else (f"to {move} it to {recommendation.get('recommended')}")
    )
