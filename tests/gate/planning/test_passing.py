"""What a policy can't let pass, by arithmetic: never a release that the real procedure passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dialgate_gate.comparing.judged_cases import JudgedCase
from dialgate_gate.planning.passing import guard_trials, least_calls
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.verdict.sequential import SimulatedRelease, simulate_gate


def some_cases(number: int, *names: str) -> list[JudgedCase]:
    return [JudgedCase(id=f"c{i}", classes=frozenset(names)) for i in range(number)]


def test_the_suite_s_margin_has_a_floor() -> None:
    policy = GatePolicy(margin=0.05)
    assert least_calls(policy, some_cases(10, "a"), 1) == guard_trials(0.05) == 59


def test_first_trials_are_paid_for_too() -> None:
    assert least_calls(GatePolicy(margin=0.05), some_cases(100, "a"), 3) == 300


def test_classes_that_share_no_case_add_up_and_others_do_not() -> None:
    policy = GatePolicy(margin=0.2, default=ClassPolicy(margin=0.05))
    apart = [*some_cases(5, "a"), *some_cases(5, "b")]
    assert least_calls(policy, apart, 1) == 2 * 59
    assert least_calls(policy, some_cases(10, "a", "b"), 1) == 59


@pytest.mark.parametrize("margin", [0.05, 0.1, 0.2])
def test_no_steady_release_passes_under_the_floor(margin: float) -> None:
    rates = np.ones(10)
    release = SimulatedRelease(baseline_rates=rates, candidate_rates=rates, classes=[()] * 10)
    policy = GatePolicy(margin=margin, max_agent_calls=5000)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        decision = simulate_gate(release, policy, rng, recorded_trials=20)
        assert decision.suite_figures.is_passed
        assert decision.agent_calls >= guard_trials(margin)
        short = replace(policy, max_agent_calls=guard_trials(margin) - 1)
        assert not simulate_gate(release, short, rng, recorded_trials=20).suite_figures.is_passed
