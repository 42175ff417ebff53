"""Letting live evidence outlive more changes, or more people sign, loosens the judge."""

from __future__ import annotations

from dialgate_evals.actions.action_classes import BlastRadius
from dialgate_evals.events.review_events import Mode
from dialgate_gate.changes.loosened import _loosened_ladder
from dialgate_gate.settings.ladder_policy import AttestationPolicy, LadderStep, LivePolicy
from dialgate_gate.settings.policy import Policy


def test_another_component_that_carries_evidence_over_is_a_loosened_policy() -> None:
    base, head = (
        Policy(live=LivePolicy(carry_over=frozenset({name}))) for name in ("prompts", "model")
    )
    found = list(_loosened_ladder(base, head))
    assert found == ['adds "model" to live.carry_over']
    assert list(_loosened_ladder(head, Policy())) == []


def signed(*keys: str, days: int = 30) -> Policy:
    return Policy(attestation=AttestationPolicy(keys=keys, max_age_days=days))


def test_another_signer_or_an_older_signature_is_a_loosened_policy() -> None:
    assert list(_loosened_ladder(signed("a"), signed("a", "b", days=60))) == [
        "adds a key to attestation.keys",
        "raises attestation.max_age_days from 30 to 60",
    ]
    assert list(_loosened_ladder(signed("a", "b", days=60), signed("a"))) == []


def test_the_first_keys_loosen_only_a_policy_that_asks_for_a_signature() -> None:
    assert list(_loosened_ladder(Policy(), signed("a", days=60))) == []
    asked = Policy(ladder={Mode.ON_THE_LOOP: LadderStep(requires=("attestation",))})
    found = list(_loosened_ladder(asked, signed("a")))
    assert "adds a key to attestation.keys" in found


def test_a_larger_blast_radius_or_none_is_a_loosened_mode() -> None:
    def mode(radius: BlastRadius | None) -> Policy:
        return Policy(ladder={Mode.ON_THE_LOOP: LadderStep(max_blast_radius=radius)})

    low, high, none = mode(BlastRadius.LOW), mode(BlastRadius.HIGH), mode(None)
    key = "ladder.on_the_loop.max_blast_radius"
    assert list(_loosened_ladder(low, high)) == [f'sets {key} to "high"']
    assert list(_loosened_ladder(low, none)) == [f'takes out {key} (was "low")']
    assert list(_loosened_ladder(none, low)) == list(_loosened_ladder(high, low)) == []


def test_a_mode_that_evidence_could_not_reach_before_is_a_loosened_policy() -> None:
    ladder = Policy(ladder={Mode.ON_THE_LOOP: LadderStep(eval_success=0.99)})
    assert list(_loosened_ladder(Policy(), ladder)) == [
        "puts ladder.on_the_loop into the policy, so that classes may move there"
    ]
