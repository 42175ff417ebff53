"""What the real procedure does on the reference suites, 500 simulated gates each.

Suites in which 70 % of the cases always pass, 20 % pass 8 times in 10 and 10 % pass 3 times in
10; three baseline trials on record, at most 8 pairs a suspect, alpha 0.05.
"""

from __future__ import annotations

import numpy as np
import pytest
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.policy import GatePolicy
from dialgate_gate.verdict.sequential import (
    Kind,
    SimulatedRelease,
    simulate_gate,
)
from scipy import stats

from tests.gate.verdict.sequential.agents import gates


@pytest.mark.parametrize(("cases", "classes"), [(30, 1), (100, 1), (300, 12)])
def test_an_unchanged_release_is_rarely_blocked(cases: int, classes: int) -> None:
    found = gates(cases=cases, classes=classes)
    blocked = sum(decision.verdict is Verdict.FAIL for decision in found)
    assert blocked / len(found) <= 0.05
    assert stats.binomtest(blocked, len(found)).proportion_ci(0.95).high < 0.07


@pytest.mark.parametrize(
    ("cases", "broken", "caught", "calls"),
    [(30, 0.10, 0.92, 60), (100, 0.10, 0.99, 130), (100, 0.03, 0.88, 160)],
    ids=["30 cases, 10 % broken", "100 cases, 10 % broken", "100 cases, 3 % broken"],
)
def test_broken_cases_are_caught_with_few_calls(
    cases: int, broken: float, caught: float, calls: float
) -> None:
    found = gates(cases=cases, broken=broken)
    assert np.mean([decision.verdict is Verdict.FAIL for decision in found]) >= caught
    assert np.mean([decision.agent_calls for decision in found]) <= calls


def test_silent_failures_are_an_endpoint_of_their_own() -> None:
    found = gates(cases=100, broken=0.2, seeds=50, silent_share=1.0)
    shown = [d.classes[0].silence.shown for d in found]
    assert np.mean(shown) > 0.5
    unchanged = gates(cases=100, seeds=200, silent_share=1.0)
    assert sum(d.verdict is Verdict.FAIL for d in unchanged) <= 10


def test_the_same_seed_gives_the_same_decision() -> None:
    once, again = (gates(cases=30, broken=0.1, seeds=3) for _ in range(2))
    assert once == again


def test_rates_that_cannot_be_are_refused() -> None:
    one = np.ones(2)
    with pytest.raises(ValueError, match="different lengths"):
        SimulatedRelease(baseline_rates=one, candidate_rates=one, classes=[("a",)])
    with pytest.raises(ValueError, match="outside 0 to 1"):
        SimulatedRelease(baseline_rates=one, candidate_rates=2 * one, classes=[("a",), ("a",)])


class TestPassing:
    """A release that lost more than the margin seldom passes, however often one looks."""

    @pytest.mark.parametrize("loss", [0.06, 0.10])
    def test_a_diffuse_loss_over_the_margin_seldom_passes(self, loss: float) -> None:
        passed = 0
        for seed in range(100):
            before = np.full(100, 0.99)
            release = SimulatedRelease(
                baseline_rates=before, candidate_rates=before - loss, classes=[("a",)] * 100
            )
            decision = simulate_gate(release, GatePolicy(), np.random.default_rng(seed))
            passed += decision.verdict is Verdict.PASS
        # 2.5 % of 100 gates: more than 7 once in two hundred tries.
        assert passed <= 7


def test_both_endpoints_must_exclude_the_loss() -> None:
    release = SimulatedRelease(
        baseline_rates=np.ones(100), candidate_rates=np.ones(100), classes=[("a",)] * 100
    )
    decision = simulate_gate(release, GatePolicy(), np.random.default_rng(0))
    assert decision.verdict is Verdict.PASS
    assert {
        decision.classes[0].success.endpoint.kind,
        decision.classes[0].silence.endpoint.kind,
    } == set(Kind)
