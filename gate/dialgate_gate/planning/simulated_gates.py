"""One gate after another by the real procedure, on simulated agents that lose nothing or something.

Pure: rates in, outcomes out, deterministic by the seed. Leaves where rates come from to
`planning.plan_rates`, and running in parallel to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.planning.plan_input import (
    UNCHANGED_TIMES,
    Loss,
    PlanInput,
    Procedure,
    Scenario,
    plan_rules,
    scenarios,
)
from dialgate_gate.planning.plan_rates import draw_rates
from dialgate_gate.planning.recorded_plan import simulate_recorded
from dialgate_gate.verdict.sequential import SimulatedRelease, simulate_gate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOutcome:
    """How one simulated gate ended, and what it cost."""

    verdict: Verdict
    agent_calls: int
    passed_classes: frozenset[str]


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
