"""Letting live evidence outlive more changes, or more people sign, loosens the judge."""

from __future__ import annotations

from dialgate_evals.events.review_events import Mode
from dialgate_gate.changes.loosened import _loosened_ladder
from dialgate_gate.settings.policy import AttestationPolicy, LadderStep, Policy


def test_another_component_that_carries_evidence_over_is_a_loosened_policy() -> None:
    base, head = Policy(carry_over=frozenset({"prompts"})), Policy(carry_over=frozenset({"model"}))
    found = list(_loosened_ladder(base, head))
    assert found == ['adds "model" to live.carry_over']
    assert list(_loosened_ladder(head, Policy())) == []


def signed(*keys: str, days: int = 30) -> Policy:
    return Policy(attestation=AttestationPolicy(keys=keys, max_age_days=days))


def test_another_signer_or_an_older_signature_is_a_loosened_policy() -> None:
    assert list(_loosened_ladder(signed("a"), signed("a", "b", days=60))) == [
        "raises attestation.max_age_days from 30 to 60",
        "adds a key to attestation.keys",
    ]
    assert list(_loosened_ladder(signed("a", "b", days=60), signed("a"))) == []


def test_the_first_keys_loosen_only_a_policy_that_asks_for_a_signature() -> None:
    assert list(_loosened_ladder(Policy(), signed("a", days=60))) == []
    asked = Policy(ladder={Mode.ON_THE_LOOP: LadderStep(requires=("attestation",))})
    found = list(_loosened_ladder(asked, signed("a")))
    assert "adds a key to attestation.keys" in found
