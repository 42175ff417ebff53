"""What the real procedure does on simulated agents; benchmarks print the whole table.

Agents in which 70 % of the cases always pass, 20 % pass 8 times in 10 and 10 % pass 3 times in 10;
three baseline trials on record.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import GatePolicy
from dialgate_gate.verdict.sequential import SimulatedRelease, drive_gate, simulate_gate
from dialgate_gate.verdict.sequential.simulation import screen_gate
from tests.gate.verdict.sequential.agents import gates, mixture


def test_an_unchanged_release_passes_and_is_rarely_blocked() -> None:
    found = gates(cases=100, seeds=40)
    assert sum(decision.verdict is Verdict.PASS for decision in found) >= 35
    assert sum(decision.verdict is Verdict.FAIL for decision in found) <= 3
    assert np.mean([decision.agent_calls for decision in found]) <= 700


@pytest.mark.parametrize("broken", [0.10, 0.03], ids=["10 % broken", "3 % broken"])
def test_broken_cases_are_caught(broken: float) -> None:
    found = gates(cases=100, broken=broken, seeds=30)
    assert np.mean([decision.verdict is Verdict.FAIL for decision in found]) >= 0.8


def test_silent_failures_are_an_endpoint_of_their_own() -> None:
    found = gates(cases=60, broken=0.2, seeds=8, silent_share=1.0)
    assert all(d.verdict is Verdict.FAIL for d in found)
    assert any(d.classes[0].silence.suspects for d in found)


def test_an_agent_that_breaks_off_now_and_then_fails_and_is_named() -> None:
    caught = 0
    for seed in range(10):
        rates = np.ones(100)
        release = SimulatedRelease(
            baseline_rates=rates,
            candidate_rates=rates,
            classes=[("a",)] * 100,
            broke_off=(0.0, 0.05),
        )
        decision = simulate_gate(release, GatePolicy(), np.random.default_rng(seed))
        caught += any("broke off in" in reason for reason in decision.reasons)
    assert caught >= 7


def test_a_loss_spread_over_many_cases_fails() -> None:
    caught = 0
    for seed in range(10):
        before = mixture(100)
        release = SimulatedRelease(
            baseline_rates=before,
            candidate_rates=np.maximum(before - 0.2, 0),
            classes=[("a",)] * 100,
        )
        decision = simulate_gate(release, GatePolicy(), np.random.default_rng(seed))
        caught += decision.verdict is Verdict.FAIL
    assert caught == 10


@pytest.mark.parametrize("loss", [0.05, 0.10])
def test_a_loss_of_the_margin_seldom_passes(loss: float) -> None:
    passed = 0
    for seed in range(40):
        before = np.full(60, 0.99)
        release = SimulatedRelease(
            baseline_rates=before, candidate_rates=before - loss, classes=[("a",)] * 60
        )
        decision = simulate_gate(release, GatePolicy(), np.random.default_rng(seed))
        passed += decision.verdict is Verdict.PASS
    # 5 % of 40 gates: more than 6 about once in three hundred tries.
    assert passed <= 6


def test_the_same_seed_gives_the_same_decision() -> None:
    once, again = (gates(cases=30, broken=0.1, seeds=3) for _ in range(2))
    assert once == again


@pytest.mark.parametrize("loss", [0.0, 0.3])
def test_without_bounds_a_decision_is_the_same_but_for_them(loss: float) -> None:
    rates = np.full(20, 0.97)
    classes = [("a",), ("a", "b")] * 10
    release = SimulatedRelease(
        baseline_rates=rates, candidate_rates=rates - loss, classes=classes, silent_share=0.3
    )
    gate = screen_gate(release, GatePolicy(), np.random.default_rng(4))
    drive_gate(gate, release, np.random.default_rng(5))
    brief, full = (gate.decide(with_bounds=wanted) for wanted in (False, True))
    assert brief.verdict is full.verdict
    assert [item.verdict for item in brief.classes] == [item.verdict for item in full.classes]
    assert brief.suite_figures == replace(full.suite_figures, interval=(-1.0, 1.0))
    assert full.suite_figures.interval != (-1.0, 1.0)


def test_rates_that_cannot_be_are_refused() -> None:
    one = np.ones(2)
    with pytest.raises(ValueError, match="different lengths"):
        SimulatedRelease(baseline_rates=one, candidate_rates=one, classes=[("a",)])
    with pytest.raises(ValueError, match="outside 0 to 1"):
        SimulatedRelease(baseline_rates=one, candidate_rates=2 * one, classes=[("a",), ("a",)])
