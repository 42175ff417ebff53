"""What recorded trials could show is computed by the tests that decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dialgate_evals.actions.outcomes import Outcome
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.settings.gate_policy import ClassPolicy, FailOn, GatePolicy
from dialgate_gate.verdict.documents.recorded_outlook import find_outlook
from dialgate_gate.verdict.outlook import Detection, Outlook
from dialgate_gate.verdict.release_verdict import decide_verdict
from tests.gate.evidence import a_comparison, a_run, a_score, cases

OK, MISSED = Outcome.CORRECT, Outcome.MISSED


def outlook(number: int = 40, *, deterministic: bool = False, **more: Any) -> Outlook:
    policy = GatePolicy(default=ClassPolicy(**{"fail_on": FailOn.CASE, **more}))
    comparison = a_comparison([OK] * number, [OK] * number, deterministic=deterministic)
    return find_outlook(decide_verdict(comparison, policy), policy)


def seen(found: Outlook) -> Detection:
    assert found.detection is not None
    return found.detection


def test_one_trial_a_side_never_shows_a_single_broken_case() -> None:
    found = seen(outlook())
    assert found.broken_case == 0
    assert "its trials can't be run again" in found.blind_to[0]


def test_ten_trials_a_side_show_it() -> None:
    policy = GatePolicy(default=ClassPolicy(fail_on=FailOn.CASE))
    run = a_run(a_score(f"c{case}", trial=trial) for case in range(3) for trial in range(10))
    comparison = compare_runs(
        baseline=run, candidate=run, case_set=cases(3), class_names=["refund"]
    )
    found = seen(find_outlook(decide_verdict(comparison, policy), policy))
    assert found.broken_case == 1
    assert found.blind_to == ("a loss of 10 points",)


def test_a_larger_loss_is_seen_more_often() -> None:
    losses = seen(outlook(100)).loss
    assert 0 < losses[0.10] < losses[0.20] <= 1


def test_a_loss_that_the_policy_tolerates_is_never_found() -> None:
    found = seen(outlook(400, fail_on=FailOn.LOSS))
    assert set(found.loss.values()) <= {0.0}


def test_a_deterministic_agents_broken_case_is_always_found() -> None:
    found = seen(outlook(deterministic=True))
    assert (found.broken_case, found.blind_to) == (1, ())


def test_a_broken_case_within_the_margin_of_a_deterministic_agent_is_tolerated() -> None:
    found = seen(outlook(400, deterministic=True, fail_on=FailOn.LOSS, margin=0.2))
    assert found.broken_case == 0
    assert found.blind_to


@pytest.mark.parametrize(("number", "has_step"), [(10, True), (400, False)])
def test_only_an_undecided_verdict_has_a_next_step(number: int, has_step: bool) -> None:
    step = outlook(number).next_step
    assert (step is not None) is has_step
    assert step is None or (step.agent_calls, step.chance) == (0, None)


def test_nothing_is_said_without_a_baseline() -> None:
    policy = GatePolicy()
    comparison = replace(a_comparison([OK] * 30, [OK] * 30), baseline=None)
    verdict = decide_verdict(a_comparison([OK] * 30, [OK] * 30), policy)
    assert find_outlook(replace(verdict, comparison=comparison), policy) == Outlook()
