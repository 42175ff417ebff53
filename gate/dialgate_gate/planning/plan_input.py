"""What a plan is asked: the cases, their history, the policy, and the losses that are simulated.

Knows by which procedure the suite is judged and by which rules each class; leaves drawing gates to
`planning.simulated_gates`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dialgate_gate.verdict.class_margins import derive_rules
from dialgate_gate.verdict.class_rules import rules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
