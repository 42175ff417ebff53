"""Budget rules fail only where the whole interval lies above the limit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dialgate_evals.actions.outcomes import Outcome
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.statistics.ratio import ratio_of_means, ratio_of_p95
from dialgate_gate.verdict.budget import judge_budget
from dialgate_gate.verdict.release_verdict import decide_verdict
from tests.gate.evidence import a_run, a_score, cases

if TYPE_CHECKING:
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.comparing.run_evidence import RunEvidence

N = 80


def compared(factor: float, **more: float | None) -> RunComparison:
    rng = np.random.default_rng(1)
    costs = rng.uniform(0.5, 1.5, N)

    def run(scale: float) -> RunEvidence:
        return a_run(
            a_score(
                f"c{i}",
                Outcome.CORRECT,
                cost_usd=None if more.get("cost_usd", 0) is None else costs[i] * scale,
                latency_ms=100 * costs[i] * scale,
                tool_calls=max(1, round(10 * costs[i] * scale)),
            )
            for i in range(N)
        )

    return compare_runs(
        baseline=run(1.0 if more.get("before") is None else 0.0),
        candidate=run(factor),
        case_set=cases(N),
        class_names=["refund"],
    )


@pytest.mark.parametrize("rule", ["cost_ratio", "latency_p95_ratio", "tool_calls_ratio"])
@pytest.mark.parametrize(("factor", "failed"), [(1.0, False), (1.2, False), (2.0, True)])
def test_a_ratio_over_the_limit_fails(rule: str, factor: float, failed: bool) -> None:
    limit: Any = {rule: 1.5}
    (found,) = judge_budget(compared(factor), replace(ClassPolicy(), **limit), alpha=0.05)
    assert found.failed is failed
    assert f"({rule})" in found.sentence


@pytest.mark.parametrize(("cached", "failed"), [(0, False), (N, True)], ids=["run", "recorded"])
def test_what_a_machine_itself_takes_fails_nothing_where_it_was_measured_now(
    cached: int, failed: bool
) -> None:
    comparison = compared(0.5)
    quick = replace(comparison.candidate, cached=cached)
    policy = ClassPolicy(latency_p95_ratio=0.3)
    (found,) = judge_budget(replace(comparison, candidate=quick), policy, alpha=0.05)
    assert found.failed is failed
    assert ("the machine itself" in found.sentence) is not failed


def test_a_failed_budget_fails_the_release_and_says_why() -> None:
    policy = GatePolicy(default=ClassPolicy(cost_ratio=1.5))
    found = decide_verdict(compared(2.0), policy)
    assert found.verdict is Verdict.FAIL
    assert "2.00 times the baseline's" in found.reasons[0]
    assert decide_verdict(compared(1.0), policy).verdict is Verdict.PASS


def test_an_unknown_cost_is_not_judged_and_said_to_be_unknown() -> None:
    unknown = compared(2.0, cost_usd=None)
    (found,) = judge_budget(unknown, ClassPolicy(cost_ratio=1.5), alpha=0.05)
    assert not found.failed
    assert "unknown on one side" in found.sentence


def test_too_few_cases_and_a_baseline_of_nothing_are_not_called_unknown() -> None:
    def said(comparison: RunComparison) -> str:
        (found,) = judge_budget(comparison, ClassPolicy(cost_ratio=1.5), alpha=0.05)
        assert not found.failed
        return found.sentence

    few = compared(2.0)
    few = replace(few, case_set=replace(few.case_set, cases=few.case_set.cases[:3]))
    assert "known on both sides in 3 cases only, and 5 are needed" in said(few)
    assert "the baseline's is 0" in said(compared(0.0, before=0.0))


def test_a_retry_loop_that_is_new_fails_and_one_that_was_there_does_not() -> None:
    looping = [a_score(f"c{i}", identical_calls=7 if i == 3 else 1) for i in range(N)]
    quiet = [a_score(f"c{i}", identical_calls=1) for i in range(N)]
    policy = ClassPolicy(max_identical_calls=5)
    for before, failed in ((quiet, True), (looping, False)):
        comparison = compare_runs(
            baseline=a_run(before),
            candidate=a_run(looping),
            case_set=cases(N),
            class_names=["refund"],
        )
        (found,) = judge_budget(comparison, policy, alpha=0.05)
        assert found.failed is failed


def test_a_policy_without_limits_has_no_budget_rule() -> None:
    assert judge_budget(compared(9.0), ClassPolicy(), alpha=0.05) == ()


def test_the_interval_holds_the_true_ratio_at_its_level() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for seed in range(200):
        before = rng.gamma(2, 1, 60)
        now = 1.3 * before * rng.lognormal(0, 0.3, 60) / np.exp(0.045)
        found = ratio_of_means(before, now, 0.95, seed=seed)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 1.3 <= found.high
    assert covered >= 178


def test_too_few_cases_have_no_ratio() -> None:
    four = np.ones(4)
    assert ratio_of_means(four, four).estimate is None
    assert ratio_of_p95(np.zeros(9), np.ones(9)).estimate is None
    with pytest.raises(ValueError, match="different lengths"):
        ratio_of_means(four, np.ones(3))
