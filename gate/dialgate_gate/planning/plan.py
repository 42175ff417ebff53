"""What a policy sees on a suite: many gates by the real procedure, on simulated agents.

Pure: simulated gates in, shares with their intervals out. Leaves what is asked to
`planning.plan_input` and the gates to `planning.simulated_gates`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.planning.plan_input import (
    Loss,
    PlanInput,
    Procedure,
    Scenario,
    classes_of,
    plan_rules,
    scenarios,
)
from dialgate_gate.statistics import clopper_pearson, trials_for_margin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dialgate_gate.planning.simulated_gates import GateOutcome
    from dialgate_gate.verdict.class_rules import ClassRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of simulated gates with its Monte Carlo interval (Clopper-Pearson, 95 %)."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPlan:
    """What is seen of one class."""

    action_class: str
    cases: int
    margin: float
    passes_unchanged: Share
    catches: dict[Loss, Share]
    cases_needed: int | None
    # comparable cases without a loss that exclude the margin; None: no number does
    trials_needed: int | None
    # trials of each of the present cases that would


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that `dialgate plan` says."""

    procedure: Procedure
    simulations: int
    blocked: Share
    # an unchanged release that fails
    passed: Share
    # an unchanged release that passes
    calls_mean: float
    calls_p95: int
    calls_worst: int
    # over all simulated gates
    calls_changed_mean: float
    classes: tuple[ClassPlan, ...]


def sum_up(plan: PlanInput, outcomes: Iterable[Sequence[GateOutcome]]) -> Plan:
    """The plan from the outcomes of `scenarios(plan)`, in their order."""
    by_scenario = dict(zip(scenarios(plan), outcomes, strict=True))
    unchanged = by_scenario[Scenario(loss=Loss.NONE)]
    lossy = [
        gate.agent_calls
        for scenario, gates in by_scenario.items()
        if scenario.action_class
        for gate in gates
    ]
    calls = [gate.agent_calls for gate in unchanged]
    return Plan(
        procedure=plan.procedure,
        simulations=plan.simulations,
        blocked=share_of(unchanged, lambda gate: gate.verdict is Verdict.FAIL),
        passed=share_of(unchanged, lambda gate: gate.verdict is Verdict.PASS),
        calls_mean=float(np.mean(calls)),
        calls_p95=int(np.percentile(calls, 95)),
        calls_worst=max([*calls, *lossy]),
        calls_changed_mean=float(np.mean(lossy or [0])),
        classes=tuple(_class_plan(plan, name, by_scenario) for name in classes_of(plan.cases)),
    )


def _class_plan(
    plan: PlanInput, name: str, outcomes: dict[Scenario, Sequence[GateOutcome]]
) -> ClassPlan:
    thresholds = plan_rules(plan)[name]
    cases = sum(name in case.classes for case in plan.cases)
    needed = _cases_needed(plan, thresholds)
    enough = needed is not None and cases >= thresholds.min_cases
    return ClassPlan(
        action_class=name,
        cases=cases,
        margin=thresholds.margin,
        passes_unchanged=share_of(
            outcomes[Scenario(loss=Loss.NONE)], lambda gate: name in gate.passed_classes
        ),
        catches={
            scenario.loss: share_of(gates, lambda gate: gate.verdict is Verdict.FAIL)
            for scenario, gates in outcomes.items()
            if scenario.action_class == name
        },
        cases_needed=needed,
        trials_needed=-(-(needed or 0) // cases) if enough else None,
    )


def _cases_needed(plan: PlanInput, thresholds: ClassRules) -> int | None:
    """Cases without a loss that let a class pass; None where no number does."""
    if plan.procedure is Procedure.DETERMINISTIC:
        return thresholds.min_cases
    if thresholds.margin <= 0:
        return None
    return max(trials_for_margin(thresholds.margin, 0.95), thresholds.min_cases)


def share_of(gates: Sequence[GateOutcome], holds: Callable[[GateOutcome], bool]) -> Share:
    """The share of the gates of which it holds."""
    number = sum(map(holds, gates))
    low, high = clopper_pearson(number, len(gates), 0.975)
    return Share(share=number / len(gates), low=low, high=high)
