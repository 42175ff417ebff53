"""What a change loosens about its own judge: thresholds, classes, quarantines, comparisons.

Compares values, not texts: a reformatted file is no change, a threshold hidden in one is. Leaves
removed and edited cases to `dialgate_gate.comparing.judged_cases`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import ActionRegistry, BlastRadius, Effect
from dialgate_evals.files.json_text import canonical_json

from dialgate_gate.changes.judged.judge_change import JudgeChange
from dialgate_gate.changes.judged.policy_keys import policy_key_changes
from dialgate_gate.changes.judged.suite_keys import suite_key_changes
from dialgate_gate.settings.policy import FailOn, RecordUse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.suite.suite import Suite

    from dialgate_gate.settings.policy import ClassPolicy, Policy

# For each key: does a higher value loosen (+1) or tighten (-1)?
_GATE = {"alpha": -1, "margin": +1, "max_class_margin": +1}
_CLASS = {
    "margin": +1,
    "min_cases": -1,
    "max_new_silent": +1,
    "max_new_invalid": +1,
    "cost_ratio": +1,
    "latency_p95_ratio": +1,
    "tool_calls_ratio": +1,
    "max_identical_calls": +1,
}
_STRICTEST_DERIVED = 0.05
# no class gets a smaller margin from its cases
_STEP = {
    "confidence": -1,
    "eval_success": -1,
    "silent_rate": +1,
    "live_reviews": -1,
    "intervention_rate": +1,
}
_DEMOTE = {"intervention_rate": +1, "alpha": -1, "cool_down_days": -1}
_ATTESTATION = {"max_age_days": +1}


def find_loosened(
    *,
    base_policy: Policy,
    head_policy: Policy,
    base_suite: Suite,
    head_suite: Suite,
    base_actions: ActionRegistry,
    head_actions: ActionRegistry,
) -> tuple[JudgeChange, ...]:
    """Everything that the change loosens in these files; empty where it loosens nothing."""
    policy = [
        *_loosened_gate(base_policy, head_policy),
        *_loosened_ladder(base_policy, head_policy),
    ]
    return (
        *(JudgeChange(path="policy.toml", detail=text) for text in policy),
        *policy_key_changes(baseline=base_policy, candidate=head_policy),
        *suite_key_changes(baseline=base_suite, candidate=head_suite),
        *(
            JudgeChange(path="actions.toml", detail=text)
            for text in _loosened_actions(base_actions, head_actions)
        ),
    )


def _loosened_gate(base: Policy, head: Policy) -> Iterator[str]:
    before, now = base.gate, head.gate
    yield from _compare("gate", before, now, _GATE)
    if before.blocks_inconclusive and not now.blocks_inconclusive:
        yield 'sets gate.inconclusive from "block" to "allow"'
    if before.record is RecordUse.STEERS and now.record is RecordUse.EVIDENCE:
        yield 'sets gate.record from "steers" to "evidence"'
    for label in sorted(now.allow - before.allow):
        yield f'adds the label "{label}" to gate.allow'
    for name in sorted({*before.classes, *now.classes}):
        place = f'gate.class."{name}"'
        yield from _compare(place, before.for_class(name), now.for_class(name), _CLASS)
        yield from _loosened_words(place, before.for_class(name), now.for_class(name))
        if name in before.classes and name not in now.classes:
            yield f"takes {place} out of the policy"
    yield from _compare("gate.default", before.default, now.default, _CLASS)
    yield from _loosened_words("gate.default", before.default, now.default)


def _loosened_words(place: str, before: ClassPolicy, now: ClassPolicy) -> Iterator[str]:
    """What a class fails on and what its open suspects do."""
    if before.margin is None and now.margin is not None and now.margin > _STRICTEST_DERIVED:
        yield f"names {place}.margin {now.margin:g}, which was derived from the base's cases"
    if now.fail_on is FailOn.LOSS and before.fail_on is not FailOn.LOSS:
        yield f'sets {place}.fail_on to "loss"'
    if before.fail_on is FailOn.CASE and now.fail_on is None:
        yield f'takes out {place}.fail_on (was "case")'
    if before.blocks_open_suspects and not now.blocks_open_suspects:
        yield f'sets {place}.open_suspects from "block" to "count"'


def _compare(place: str, before: Any, now: Any, directions: Mapping[str, int]) -> Iterator[str]:  # noqa: ANN401 - settings of several kinds
    for key, direction in directions.items():
        old, new = getattr(before, key), getattr(now, key)
        if old is None or old == new:
            continue
        if new is None:
            yield f"takes out {place}.{key} (was {old:g})"
        elif (new - old) * direction > 0:
            verb = "raises" if new > old else "lowers"
            yield f"{verb} {place}.{key} from {old:g} to {new:g}"


def _loosened_ladder(base: Policy, head: Policy) -> Iterator[str]:
    for mode, before in base.ladder.items():
        place = f"ladder.{mode.value}"
        now = head.ladder.get(mode)
        if now is None:
            yield f"takes {place} out of the policy"
            continue
        yield from _compare(place, before, now, _STEP)
        if _rank(now.max_blast_radius) > _rank(before.max_blast_radius):
            yield f"raises {place}.max_blast_radius"
        for requirement in before.requires:
            if requirement not in now.requires:
                yield f'takes "{requirement}" out of {place}.requires'
    for component in sorted(head.carry_over - base.carry_over):
        yield f'adds "{component}" to live.carry_over'
    yield from _loosened_attestation(base, head)
    if base.demote is not None:
        if head.demote is None:
            yield "takes demote out of the policy"
        else:
            yield from _compare("demote", base.demote, head.demote, _DEMOTE)


def _loosened_attestation(base: Policy, head: Policy) -> Iterator[str]:
    """Another signer or an older signature; the first policy that asks for one only tightens."""
    asked = any("attestation" in step.requires for step in base.ladder.values())
    if not base.attestation.keys and not asked:
        return
    yield from _compare("attestation", base.attestation, head.attestation, _ATTESTATION)
    if set(head.attestation.keys) - set(base.attestation.keys):
        yield "adds a key to attestation.keys"


def _rank(radius: BlastRadius | None) -> int:
    return 3 if radius is None else radius.rank


def _loosened_actions(base: ActionRegistry, head: ActionRegistry) -> Iterator[str]:
    now = {item.name: item for item in head.classes}
    for before in base.classes:
        after = now.get(before.name)
        if after is None:
            yield f"removes the action class {before.name}"
            continue
        if before.effect is not Effect.READ and after.effect is Effect.READ:
            yield f"declares the class {before.name} to be read only, so that it is not scored"
        elif before.effect is not Effect.READ and after.effect is not before.effect:
            yield f"changes the effect of {before.name} to {after.effect.value}"
        if after.blast_radius.rank < before.blast_radius.rank:
            yield f"lowers the blast radius of {before.name}"
        if after.reversible and not before.reversible:
            yield f"declares {before.name} reversible"
    for tool in sorted({tool for item in base.classes for tool in item.tools}):
        yield from _loosened_tool(tool, base, head)


def _loosened_tool(tool: str, base: ActionRegistry, head: ActionRegistry) -> Iterator[str]:
    def shape(registry: ActionRegistry) -> list[tuple[str, str]]:
        return [(c.name, canonical_json(c.when or {})) for c in registry.classes_of_tool(tool)]

    before, after = shape(base), shape(head)
    kept = {item.name for item in head.classes}
    if before != after and all(name in kept for name, _ in before):
        yield f"moves calls of {tool} between action classes"
    old, new = base.rules.get(tool), head.rules.get(tool)
    if new is not None and (old is None or old.document != new.document) and new.document:
        loosened = old is None or any(
            old.document.get(key) != rule and rule != "exact" for key, rule in new.document.items()
        )
        if loosened:
            yield f"compares the arguments of {tool} less strictly or otherwise"
