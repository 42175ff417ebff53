"""A verdict says what its check could have seen and what going on costs, by simulated gates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialgate_gate.planning.look_ahead import detect, look_ahead
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.verdict.sequential import Endpoint, ScreenedCase, start_gate

POLICY = GatePolicy(max_agent_calls=60, default=ClassPolicy(margin=0.2))
CASES = [
    ScreenedCase(id=f"c{i:02}", classes=("a",), baseline_trials=3, candidate_trials=1)
    for i in range(30)
]
PASSED: frozenset[Endpoint] = frozenset()


def test_an_undecided_check_says_what_going_on_costs_and_how_likely_it_decides() -> None:
    gate = start_gate(CASES, POLICY)
    while requests := gate.next_requests():
        for request in requests:
            for _ in range(request.count):
                gate.observe(request.case_id, request.side, PASSED)
    found = look_ahead(gate)
    assert found.next_step is not None
    assert (found.next_step.chance or 0.0) > 0.5
    assert 0 < found.next_step.agent_calls <= POLICY.max_agent_calls
    assert found.detection is not None
    assert found.detection.blind_to or found.detection.broken_case > 0


def test_what_a_check_could_see_is_simulated_once_where_it_stands_the_same() -> None:
    first, again = (start_gate(CASES, POLICY) for _ in range(2))
    assert detect(first) == detect(again)
    assert detect(first).loss is detect(again).loss
    stricter = start_gate(CASES, replace(POLICY, max_agent_calls=POLICY.max_agent_calls - 1))
    assert detect(stricter).loss is not detect(first).loss


def test_what_it_could_see_is_said_as_well_as_ten_times_the_gates_say_it() -> None:
    """Whole runs of the tests simulate fewer; two would call this check blind to ten points."""
    found = detect(start_gate(CASES, replace(POLICY, max_agent_calls=300)))
    assert not found.blind_to
    # By two hundred gates.
    assert found.broken_case == pytest.approx(0.99, abs=0.06)
    assert found.loss[0.10] == pytest.approx(0.17, abs=0.06)
    assert found.loss[0.20] == pytest.approx(0.90, abs=0.06)
    assert found.passes_unchanged == pytest.approx(0.99, abs=0.06)
