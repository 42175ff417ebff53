"""Letting live evidence outlive more changes loosens the judge."""

from __future__ import annotations

from gate.loosened import _loosened_ladder
from gate.policy import Policy


def test_another_component_that_carries_evidence_over_is_a_loosened_policy() -> None:
    base, head = Policy(carry_over=frozenset({"prompts"})), Policy(carry_over=frozenset({"model"}))
    found = list(_loosened_ladder(base, head))
    assert found == ['adds "model" to live.carry_over']
    assert list(_loosened_ladder(head, Policy())) == []
