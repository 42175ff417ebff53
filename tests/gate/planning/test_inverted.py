"""The plan turned round: the search, on gates that are made up, and once on real ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dialgate_gate.comparing.judged_cases import JudgedCase
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.planning.inverted import MARGINS, InvertedPlan, Wanted, invert
from dialgate_gate.planning.plan_input import PlanInput, Procedure
from dialgate_gate.planning.plan_rates import CaseHistory
from dialgate_gate.planning.simulated_gates import GateOutcome
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STEADY = CaseHistory(passed=200, trials=200)


def an_input(cases: int = 20, min_cases: int = 5) -> PlanInput:
    default = ClassPolicy(margin=0.2, min_cases=min_cases)
    return PlanInput(
        cases=tuple(JudgedCase(id=f"c{i}", classes=frozenset({"refund"})) for i in range(cases)),
        history=(STEADY,) * cases,
        policy=GatePolicy(default=default, max_agent_calls=1000),
        trials=1,
        procedure=Procedure.SEQUENTIAL,
        simulations=20,
        seed=0,
    )


class MadeUp:
    """Gates that pass where the plan is good enough, at a price of 10 / margin calls."""

    def __init__(self, passes: Callable[[PlanInput], bool]) -> None:
        self.passes = passes
        self.gates = 0

    def __call__(self, plan: PlanInput, numbers: Sequence[int]) -> list[GateOutcome]:
        self.gates += len(numbers)
        good = self.passes(plan)
        gate = GateOutcome(
            verdict=Verdict.PASS if good else Verdict.INCONCLUSIVE,
            agent_calls=min(int(10 / plan.policy.margin), plan.policy.max_agent_calls),
            passed_classes=frozenset({"refund"} if good else ()),
        )
        return [gate] * len(numbers)


def affordable(plan: PlanInput) -> bool:
    return 10 / plan.policy.margin <= plan.policy.max_agent_calls


def test_a_budget_gives_the_strictest_margin() -> None:
    found = invert(an_input(), Wanted(budget=200), MadeUp(affordable))
    assert (found.margin, found.max_agent_calls, found.is_reached) == (0.05, 200, True)
    assert found.cases_to_add == 0


@pytest.mark.parametrize("margin", MARGINS)
def test_each_margin_is_found(margin: float) -> None:
    found = invert(an_input(), Wanted(share=0.9), MadeUp(lambda plan: plan.policy.margin >= margin))
    assert found.margin == margin


def test_a_loss_gives_the_least_budget() -> None:
    found = invert(an_input(), Wanted(loss=0.04), MadeUp(affordable))
    assert (found.margin, found.max_agent_calls, found.is_reached) == (0.04, 250, True)


def test_a_loss_that_the_policy_s_budget_can_not_exclude_gives_a_larger_one() -> None:
    found = invert(an_input(), Wanted(loss=0.005), MadeUp(affordable))
    assert (found.max_agent_calls, found.is_reached) == (2500, True)


def test_a_budget_and_a_loss_that_exclude_each_other_are_not_reached() -> None:
    found = invert(an_input(), Wanted(budget=100, loss=0.05), MadeUp(affordable))
    assert not found.is_reached
    assert (found.margin, found.max_agent_calls, found.cases_to_add) == (0.05, 100, None)
    assert found.held_back == ("refund",)


def test_cases_that_help_are_counted() -> None:
    gates = MadeUp(lambda plan: len(plan.cases) >= 35)
    found = invert(an_input(), Wanted(budget=500, loss=0.05), gates)
    assert (found.is_reached, found.cases_to_add, found.add_to) == (True, 20, {})


def test_cases_that_a_class_lacks_are_added_first() -> None:
    found = invert(an_input(cases=3), Wanted(budget=500), MadeUp(affordable))
    assert (found.cases_to_add, found.add_to) == (2, {"refund": 2})


def test_fewer_trials_are_taken_where_they_are_cheaper() -> None:
    def passes(plan: PlanInput) -> bool:
        return plan.trials == 3

    found = invert(an_input(), Wanted(budget=500, loss=0.05), MadeUp(passes))
    assert (found.is_reached, found.trials) == (True, 3)


def test_a_search_is_bounded() -> None:
    gates = MadeUp(lambda _: False)
    invert(an_input(), Wanted(share=0.99, loss=0.01), gates)
    assert gates.gates <= 12 * 8


def test_the_real_procedure_answers() -> None:
    plan = replace(an_input(cases=30), simulations=8)
    found: InvertedPlan = invert(plan, Wanted(budget=400, loss=0.1))
    assert found.is_reached
    assert found.passed.share == 1.0
    assert 30 <= found.calls_p95 <= 400
