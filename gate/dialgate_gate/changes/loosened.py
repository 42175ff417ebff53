"""What a change loosens about its own judge: thresholds, classes, quarantines, comparisons.

Compares values, not texts: a reformatted file is no change, a threshold hidden in one is. Which way
a threshold loosens is said where it is declared (`dialgate_gate.settings`). Leaves removed and
edited cases to `dialgate_gate.comparing.judged_cases`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import ActionRegistry, Effect
from dialgate_evals.files.json_text import canonical_json
from dialgate_gate.changes.judged.judge_change import JudgeChange
from dialgate_gate.changes.judged.policy_keys import policy_key_changes
from dialgate_gate.changes.judged.suite_keys import suite_key_changes
from dialgate_gate.changes.judged.threshold_changes import loosened_in, loosened_words
from dialgate_gate.settings.lease_policy import CEILING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.suite.suite import Suite
    from dialgate_gate.settings.lease_policy import LeasePolicy
    from dialgate_gate.settings.policy import Policy
    from dialgate_gate.settings.watch_policy import WatchPolicy


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
    yield from loosened_in("gate", before, now)
    for name in sorted({*before.classes, *now.classes}):
        place = f'gate.class."{name}"'
        yield from loosened_in(place, before.for_class(name), now.for_class(name))
        if name in before.classes and name not in now.classes:
            yield f"takes {place} out of the policy"
    yield from loosened_in("gate.default", before.default, now.default)


def _loosened_ladder(base: Policy, head: Policy) -> Iterator[str]:
    for mode, before in base.ladder.items():
        place = f"ladder.{mode.value}"
        now = head.ladder.get(mode)
        if now is None:
            yield f"takes {place} out of the policy"
        else:
            yield from loosened_in(place, before, now)
    # Without its table no evidence moves a class to a mode.
    for mode in head.ladder:
        if mode not in base.ladder:
            yield f"puts ladder.{mode.value} into the policy, so that classes may move there"
    yield from loosened_in("live", base.live, head.live)
    yield from loosened_in("sign", base.sign, head.sign)
    yield from loosened_in("rollout", base.rollout, head.rollout)
    yield from loosened_in("judge", base.judge, head.judge)
    yield from loosened_in("review_every", base.review_every, head.review_every)
    yield from loosened_in("lapse", base.lapse, head.lapse)
    yield from loosened_in("lease", _with_first_keys(base.lease, head.lease), head.lease)
    if base.lease.keys and not head.lease.keys and not head.lease.required:
        yield "takes every key out of lease.keys, so that no lease holds a class back any more"
    yield from loosened_words(CEILING, "ceiling", base.ceiling, head.ceiling)
    # The first policy that asks for a signature only tightens, whoever signs and however long.
    asked = any("attestation" in step.requires for step in base.ladder.values())
    if base.attestation.keys or asked:
        yield from loosened_in("attestation", base.attestation, head.attestation)
    if base.demote is not None:
        if head.demote is None:
            yield "takes demote out of the policy"
        else:
            yield from loosened_in("demote", base.demote, head.demote)
    yield from _loosened_watch(base.watch, head.watch)


def _loosened_watch(base: WatchPolicy | None, head: WatchPolicy | None) -> Iterator[str]:
    if base is None:
        return
    if head is None:
        yield "takes watch out of the policy"
        return
    yield from loosened_in("watch", base, head)
    for signal, before in base.rules.items():
        now = head.rules.get(signal)
        if now is None:
            yield f"takes watch.{signal} out of the policy"
        else:
            yield from loosened_in(f"watch.{signal}", before, now)


def _with_first_keys(base: LeasePolicy, head: LeasePolicy) -> LeasePolicy:
    """Where nobody's leases counted and none was required, the first keys open nothing."""
    asked = base.keys or base.required
    return base if asked else replace(base, keys=head.keys)


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
