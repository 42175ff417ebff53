"""The plan: what simulated gates show, by the procedure that judges real ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.comparing.judged_cases import JudgedCase
from dialgate_gate.planning.plan import Plan, sum_up
from dialgate_gate.planning.plan_input import Loss, PlanInput, Procedure, scenarios
from dialgate_gate.planning.plan_rates import CaseHistory, draw_rates
from dialgate_gate.planning.simulated_gates import simulate
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy

CERTAIN = CaseHistory(passed=200, trials=200)


def an_input(
    cases: int = 60, procedure: Procedure = Procedure.SEQUENTIAL, **more: Any
) -> PlanInput:
    judged = tuple(
        JudgedCase(id=f"c{i}", classes=frozenset({"a" if i % 2 else "b"})) for i in range(cases)
    )
    plan = PlanInput(
        cases=judged,
        history=(CERTAIN,) * cases,
        policy=GatePolicy(margin=0.2, default=ClassPolicy(margin=0.2)),
        trials=1,
        procedure=procedure,
        simulations=6,
        seed=7,
    )
    return replace(plan, **more)


def run(plan: PlanInput) -> Plan:
    return sum_up(plan, [simulate(plan, scenario) for scenario in scenarios(plan)])


@pytest.fixture(scope="module")
def steady() -> Plan:
    """Every case always passes."""
    return run(an_input())


def test_the_unchanged_release_comes_first_then_three_losses_of_each_class() -> None:
    listed = scenarios(an_input())
    assert listed[0].action_class is None
    assert [(item.action_class, item.loss) for item in listed[1:]] == [
        (name, loss) for name in ("a", "b") for loss in list(Loss)[1:]
    ]


def test_an_unchanged_release_of_steady_cases_passes(steady: Plan) -> None:
    assert steady.blocked.share == 0.0
    assert steady.passed.share == 1.0
    assert 60 <= steady.calls_mean <= 75


def test_a_case_that_broke_is_caught_and_costs_more(steady: Plan) -> None:
    for item in steady.classes:
        assert item.catches[Loss.ONE_CASE_BROKEN].share > 0.8
    assert steady.calls_changed_mean > steady.calls_mean


def test_small_losses_are_caught_less_often_than_large_ones(steady: Plan) -> None:
    for item in steady.classes:
        caught = [item.catches[loss].share for loss in list(Loss)[1:]]
        assert caught == sorted(caught, reverse=True)


def test_a_share_lies_in_its_interval(steady: Plan) -> None:
    shares = [
        steady.blocked,
        steady.passed,
        *(s for c in steady.classes for s in c.catches.values()),
    ]
    assert all(share.low <= share.share <= share.high for share in shares)


def test_what_a_margin_needs_is_said() -> None:
    plan = an_input(
        cases=20,
        policy=GatePolicy(margin=0.2, default=ClassPolicy(margin=0.05), max_agent_calls=60),
    )
    (first, _) = run(plan).classes
    assert (first.cases, first.cases_needed, first.trials_needed) == (10, 72, 8)


def test_a_margin_of_nothing_needs_more_than_any_number() -> None:
    plan = an_input(cases=20, policy=GatePolicy(margin=0.2, default=ClassPolicy(margin=0.0)))
    assert {item.cases_needed for item in run(plan).classes} == {None}


def test_too_few_cases_are_not_helped_by_trials() -> None:
    plan = an_input(
        cases=6,
        policy=GatePolicy(
            margin=0.3, default=ClassPolicy(margin=0.2, min_cases=5), max_agent_calls=40
        ),
    )
    assert [item.trials_needed for item in run(plan).classes] == [None, None]


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    plan = an_input(cases=6, history=(CaseHistory(),) * 6, simulations=3)
    first = run(plan)
    assert first == run(plan)
    assert first != run(replace(plan, seed=8))


def test_no_plan_spends_more_calls_than_the_policy_allows() -> None:
    policy = GatePolicy(max_agent_calls=70)
    assert run(an_input(policy=policy, history=(CaseHistory(),) * 60)).calls_worst <= 70


def test_a_critical_case_that_broke_is_always_caught() -> None:
    plan = an_input()
    cases = tuple(replace(case, critical=True) for case in plan.cases)
    for item in run(replace(plan, cases=cases)).classes:
        assert item.catches[Loss.ONE_CASE_BROKEN].share == 1.0


class TestOtherProcedures:
    """Recorded and deterministic agents are planned by the verdict that judges them."""

    def test_recorded_trials_can_not_show_that_one_case_broke(self) -> None:
        plan = run(an_input(procedure=Procedure.RECORDED, cases=20))
        assert plan.blocked.share == 0.0
        assert all(item.catches[Loss.ONE_CASE_BROKEN].share == 0.0 for item in plan.classes)

    def test_a_changed_outcome_of_a_deterministic_agent_is_certain(self) -> None:
        policy = GatePolicy(default=ClassPolicy(margin=0.0))
        plan = run(an_input(procedure=Procedure.DETERMINISTIC, policy=policy, cases=20))
        assert plan.passed.share == 1.0
        assert all(item.catches[Loss.ONE_CASE_BROKEN].share == 1.0 for item in plan.classes)
        assert {item.cases_needed for item in plan.classes} == {policy.default.min_cases}

    def test_a_recorded_agent_costs_its_trials_and_no_more(self) -> None:
        plan = run(an_input(procedure=Procedure.RECORDED, cases=20, trials=2))
        assert (plan.calls_mean, plan.calls_worst) == (40, 40)


class TestRates:
    """What is on record bounds what is drawn."""

    def draw(self, history: CaseHistory, times: int = 4000) -> np.ndarray:
        return draw_rates((history,) * times, np.random.default_rng(1))

    def test_without_any_record_the_mixture_is_drawn(self) -> None:
        drawn = self.draw(CaseHistory())
        shares = [float(np.mean(drawn == rate)) for rate in (1.0, 0.8, 0.3)]
        assert shares == pytest.approx([0.7, 0.2, 0.1], abs=0.03)

    def test_a_case_that_passed_once_may_fail_at_times(self) -> None:
        drawn = self.draw(CaseHistory(passed=1, trials=1))
        assert drawn.min() > 0
        assert 0.7 < np.mean(drawn == 1.0) < 0.9

    def test_a_case_that_failed_does_not_always_pass(self) -> None:
        assert self.draw(CaseHistory(passed=9, trials=10)).max() < 1.0

    def test_many_trials_are_believed(self) -> None:
        drawn = self.draw(CaseHistory(passed=300, trials=600))
        assert float(np.mean(drawn)) == pytest.approx(0.5, abs=0.02)

    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20))
    def test_a_rate_is_always_one(self, counts: list[tuple[int, int]]) -> None:
        history = tuple(CaseHistory(passed=p, trials=p + f) for p, f in counts)
        drawn = draw_rates(history, np.random.default_rng(0))
        assert ((drawn >= 0) & (drawn <= 1)).all()
        for rate, case in zip(drawn, history, strict=True):
            if case.trials and any(item.trials for item in history):
                assert case.passed == 0 or rate > 0
                assert case.passed == case.trials or rate < 1


def test_cases_that_never_passed_have_nothing_to_lose() -> None:
    plan = run(an_input(history=(CaseHistory(passed=0, trials=2000),) * 60))
    assert plan.blocked.share == 0.0
    assert all(item.catches[Loss.ONE_CASE_BROKEN].share == 0.0 for item in plan.classes)
