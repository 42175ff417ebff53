"""What a policy sees on a suite: many gates by the real procedure, on simulated agents.

Pure: rates in, shares out. Knows the scenarios (unchanged, one case broken, a loss over a class);
leaves where rates come from to `planning.plan_rates`, and running in parallel to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.planning.plan_rates import draw_rates
from dialgate_gate.planning.recorded_plan import simulate_recorded
from dialgate_gate.statistics import clopper_pearson, trials_for_margin
from dialgate_gate.verdict.class_margins import derive_rules
from dialgate_gate.verdict.class_rules import rules_of
from dialgate_gate.verdict.sequential import SimulatedRelease, simulate_gate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dialgate_gate.comparing.judged_cases import JudgedCase
    from dialgate_gate.planning.plan_rates import CaseHistory
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.class_rules import ClassRules

UNCHANGED_TIMES = 4
"""The unchanged release is simulated so many times as often: everything else leans on it."""


class Procedure(StrEnum):
    """How the suite's agent is judged."""

    SEQUENTIAL = "sequential"
    # run on both sides: screened, confirmed, further rounds
    RECORDED = "recorded"
    # exact tests on the trials there are
    DETERMINISTIC = "deterministic"


class Loss(StrEnum):
    """What happens to the simulated release."""

    NONE = "none"
    ONE_CASE_BROKEN = "one_case_broken"
    TEN_POINTS = "ten_points"
    THREE_POINTS = "three_points"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """The cases, their history and the policy that the simulated gates go by."""

    cases: tuple[JudgedCase, ...]
    history: tuple[CaseHistory, ...]
    # by case: what is on record
    policy: GatePolicy
    trials: int
    # of each case on each side before any confirmation
    procedure: Procedure
    simulations: int
    seed: int
    rules: dict[str, ClassRules] | None = None
    # of each class; None: as the policy and the cases give them


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A loss of the classes named; all of them where none is."""

    loss: Loss
    action_class: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOutcome:
    """How one simulated gate ended, and what it cost."""

    verdict: Verdict
    agent_calls: int
    passed_classes: frozenset[str]


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


def affordable_simulations(cases: Sequence[JudgedCase], procedure: Procedure) -> int:
    """Gates a figure that keep a plan of a few hundred cases under twenty seconds."""
    figures = UNCHANGED_TIMES + 3 * len(classes_of(cases))
    # A gate takes a few milliseconds and a tenth of one a case.
    dear = 1.0 + len(cases) / 100
    gates = 1000 if procedure is Procedure.RECORDED else int(900 / dear)
    return max(12, min(300, gates // figures))


def scenarios(plan: PlanInput) -> list[Scenario]:
    """The unchanged release, then three losses of each class."""
    losses = [loss for loss in Loss if loss is not Loss.NONE]
    listed = [Scenario(loss=Loss.NONE)]
    for name in classes_of(plan.cases):
        listed += [Scenario(loss=loss, action_class=name) for loss in losses]
    return listed


def simulate(plan: PlanInput, scenario: Scenario) -> list[GateOutcome]:
    """The gates of one scenario; deterministic by the plan's seed."""
    times = UNCHANGED_TIMES if scenario.loss is Loss.NONE else 1
    key = scenarios(plan).index(scenario)
    return [
        _one_gate(plan, scenario, np.random.default_rng([plan.seed, key, number]))
        for number in range(plan.simulations * times)
    ]


def unchanged_gate(plan: PlanInput, number: int) -> GateOutcome:
    """One gate of an unchanged release; deterministic by the plan's seed and the number."""
    rng = np.random.default_rng([plan.seed, 0, number])
    return _one_gate(plan, Scenario(loss=Loss.NONE), rng)


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


def classes_of(cases: Iterable[JudgedCase]) -> list[str]:
    """Every class that a deciding case expects, by name."""
    return sorted({name for case in cases for name in case.classes})


def plan_rules(plan: PlanInput) -> dict[str, ClassRules]:
    """The rules of each class; a margin that the policy leaves open is derived as `check` does."""
    if plan.rules is not None:
        return plan.rules
    if plan.procedure is not Procedure.SEQUENTIAL:
        return {name: rules_of(plan.policy, name) for name in classes_of(plan.cases)}
    histories: dict[str, list[tuple[int, int]]] = {name: [] for name in classes_of(plan.cases)}
    for case, known in zip(plan.cases, plan.history, strict=True):
        for name in case.classes:
            histories[name].append((known.passed, known.trials))
    return derive_rules(histories, plan.policy)


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


def _one_gate(plan: PlanInput, scenario: Scenario, rng: np.random.Generator) -> GateOutcome:
    before = draw_rates(plan.history, rng)
    if plan.procedure is Procedure.DETERMINISTIC:
        before = np.round(before)
    now = _with_loss(plan, scenario, before, rng)
    if plan.procedure is Procedure.SEQUENTIAL:
        return _sequential_gate(plan, before, now, rng)
    verdict = simulate_recorded(
        plan.cases,
        plan.policy,
        (before, now),
        trials=plan.trials,
        deterministic=plan.procedure is Procedure.DETERMINISTIC,
        rng=rng,
    )
    passed = (c.action_class for c in verdict.classes if c.verdict is Verdict.PASS)
    return GateOutcome(
        verdict=verdict.verdict,
        agent_calls=plan.trials * len(plan.cases),
        passed_classes=frozenset(passed),
    )


def _sequential_gate(
    plan: PlanInput, before: NDArray[np.float64], now: NDArray[np.float64], rng: np.random.Generator
) -> GateOutcome:
    release = SimulatedRelease(
        baseline_rates=before,
        candidate_rates=now,
        classes=[tuple(sorted(case.classes)) for case in plan.cases],
        critical=frozenset(i for i, case in enumerate(plan.cases) if case.critical),
    )
    decision = simulate_gate(
        release,
        plan.policy,
        rng,
        recorded_trials=plan.trials,
        candidate_trials=plan.trials,
        rules=plan_rules(plan),
    )
    passed = (c.action_class for c in decision.classes if c.verdict is Verdict.PASS)
    return GateOutcome(
        verdict=decision.verdict,
        agent_calls=decision.agent_calls,
        passed_classes=frozenset(passed),
    )


def _with_loss(
    plan: PlanInput, scenario: Scenario, before: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """The candidate's rates: a case that never passed can't break, so it is never chosen."""
    now = before.copy()
    members = [i for i, case in enumerate(plan.cases) if scenario.action_class in case.classes]
    holding = [index for index in members if before[index] > 0]
    if scenario.loss is Loss.NONE or not holding:
        return now
    if scenario.loss is Loss.ONE_CASE_BROKEN:
        now[rng.choice(holding)] = 0.0
        return now
    loss = 0.10 if scenario.loss is Loss.TEN_POINTS else 0.03
    if plan.procedure is Procedure.DETERMINISTIC:
        for index in _drawn(holding, loss * len(members), rng):
            now[index] = 0.0
        return now
    now[members] = np.maximum(0.0, before[members] - loss)
    return now


def _drawn(holding: Sequence[int], expected: float, rng: np.random.Generator) -> Iterator[int]:
    """So many cases that the loss is met on average: a deterministic case breaks whole."""
    number = int(expected) + int(rng.random() < expected - int(expected))
    yield from rng.choice(holding, size=min(number, len(holding)), replace=False)
