"""The plan turned round: from a budget, a share and a loss to margin, trials and cases to add.

Bounded search over gates of the real procedure. Leaves the gates to `planning.simulated_gates`, and
running them in parallel to the caller.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import cycle, islice
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.planning.plan import Share, share_of
from dialgate_gate.planning.plan_input import PlanInput, Procedure, classes_of, plan_rules
from dialgate_gate.planning.simulated_gates import unchanged_gate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dialgate_gate.planning.simulated_gates import GateOutcome

    Runner = Callable[[PlanInput, Sequence[int]], list[GateOutcome]]

MARGINS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30)
"""The margins that are tried, the strictest first."""

USUAL_SHARE = 0.95
"""How often an unchanged release shall pass where nobody says."""

_CHUNK = 8
# gates between two looks at whether the share can still be reached
_DEARER = (1.5, 2.5)
# times the policy's budget: more is not looked for
_MOST_CASES = 600
_MORE_TRIALS = (3, 5, 10, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asked for; None: left open, to be answered."""

    budget: int | None = None
    share: float | None = None
    # of unchanged releases that pass
    loss: float | None = None
    # over the suite, that must not pass

    @property
    def least_share(self) -> float:
        """Of unchanged releases that pass: as asked, else the usual one."""
        return USUAL_SHARE if self.share is None else self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class InvertedPlan:
    """What gets a person what was asked for, or how near it comes."""

    margin: float
    # of the suite
    trials: int
    # of each case before any confirmation
    max_agent_calls: int
    # the budget that this needs; what was asked for where it wasn't reached
    cases_to_add: int | None
    # None: no number that was tried is enough
    add_to: dict[str, int]
    # of them, by class: what min_cases asks for
    passed: Share
    calls_mean: float
    calls_p95: int
    is_reached: bool
    held_back: tuple[str, ...]
    # classes that pass less often than wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    plan: PlanInput
    gates: tuple[GateOutcome, ...]
    is_reached: bool

    @property
    def calls(self) -> list[int]:
        return [gate.agent_calls for gate in self.gates]


def affordable_gates(cases: int, procedure: Procedure) -> int:
    """Gates of one step of the search that keep it under twenty seconds on 300 cases."""
    if procedure is not Procedure.SEQUENTIAL:
        return 40
    return max(20, min(60, int(80 / (1 + cases / 100))))


def run_here(plan: PlanInput, numbers: Sequence[int]) -> list[GateOutcome]:
    """These gates, one after the other."""
    return [unchanged_gate(plan, number) for number in numbers]


def invert(plan: PlanInput, wanted: Wanted, run: Runner = run_here) -> InvertedPlan:
    """Margin, trials and cases for what is wanted; `plan.simulations` gates a step."""
    missing = _missing(plan)
    search = _Search(wanted=wanted, run=run)
    start = _grown(plan, missing)
    if wanted.budget is not None:
        start = _within(start, wanted.budget)
    found = search.find(start)
    if wanted.budget is None and wanted.loss is not None:
        found = search.find_budget(found)
    if not found.is_reached:
        found = search.find_cases(found)
    return _answer(plan, found, wanted, missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    wanted: Wanted
    run: Runner

    def find(self, plan: PlanInput) -> _Tried:
        """The strictest margin, then the trials that make it cheapest."""
        found = self._find_margin(plan)
        for trials in _other_trials(plan, self.wanted):
            if found.is_reached:
                tried = self.try_out(replace(found.plan, trials=trials))
            else:
                tried = self._find_margin(replace(plan, trials=trials))
            better = not found.is_reached or np.mean(tried.calls) < np.mean(found.calls)
            if tried.is_reached and better:
                found = tried
        return found

    def find_budget(self, before: _Tried) -> _Tried:
        """A budget within which the share passes: near the least where it does, else a larger."""
        if before.is_reached:
            calls = np.percentile(before.calls, 100 * self.wanted.least_share, method="higher")
            tight = self.try_out(_within(before.plan, _rounded(int(calls))))
            return tight if tight.is_reached else before
        budget = before.plan.policy.max_agent_calls
        for factor in _DEARER:
            found = self.try_out(_within(before.plan, _rounded(int(budget * factor))))
            if found.is_reached:
                return found
        return before

    def find_cases(self, before: _Tried) -> _Tried:
        """The first of a few sizes of the suite that reaches it; `before` where none does."""
        number = len(before.plan.cases)
        for factor in (1.5, 2, 3):
            more = ceil(number * (factor - 1))
            if number + more <= _MOST_CASES:
                found = self.try_out(_grown(before.plan, {None: more}))
                if found.is_reached:
                    return found
        return before

    def try_out(self, plan: PlanInput) -> _Tried:
        """Gates of an unchanged release; stops once the share is out of reach."""
        plan = replace(plan, rules=plan_rules(plan))
        total = plan.simulations
        # so few gates tell a share to one gate only
        allowed = ceil((1 - self.wanted.least_share) * total - 1e-9)
        gates: list[GateOutcome] = []
        for first in range(0, total, _CHUNK):
            gates += self.run(plan, range(first, min(first + _CHUNK, total)))
            if sum(gate.verdict is not Verdict.PASS for gate in gates) > allowed:
                return _Tried(plan=plan, gates=tuple(gates), is_reached=False)
        return _Tried(plan=plan, gates=tuple(gates), is_reached=True)

    def _find_margin(self, plan: PlanInput) -> _Tried:
        if self.wanted.loss is not None:
            return self.try_out(_with_margin(plan, self.wanted.loss))
        margins: tuple[float, ...] = MARGINS
        if plan.procedure is Procedure.DETERMINISTIC:
            margins = (0.0, *MARGINS)
        low, high = 0, len(margins) - 1
        found = None
        while low <= high:
            place = (low + high) // 2
            tried = self.try_out(_with_margin(plan, margins[place]))
            if tried.is_reached:
                found, high = tried, place - 1
            else:
                low = place + 1
        return found or self.try_out(_with_margin(plan, margins[-1]))


def _answer(
    plan: PlanInput, found: _Tried, wanted: Wanted, missing: dict[str | None, int]
) -> InvertedPlan:
    passed = Counter(name for gate in found.gates for name in gate.passed_classes)
    least = wanted.least_share * len(found.gates)
    added = len(found.plan.cases) - len(plan.cases)
    return InvertedPlan(
        margin=found.plan.policy.margin,
        trials=found.plan.trials,
        max_agent_calls=found.plan.policy.max_agent_calls,
        cases_to_add=added if found.is_reached else None,
        add_to={name: more for name, more in missing.items() if name is not None},
        passed=share_of(found.gates, lambda gate: gate.verdict is Verdict.PASS),
        calls_mean=float(np.mean(found.calls)),
        calls_p95=int(np.percentile(found.calls, 95)),
        is_reached=found.is_reached,
        held_back=()
        if found.is_reached
        else tuple(name for name in classes_of(plan.cases) if passed[name] < least),
    )


def _missing(plan: PlanInput) -> dict[str | None, int]:
    """By class the cases that its min_cases asks for beyond those there are."""
    there = Counter(name for case in plan.cases for name in case.classes)
    short = {name: plan.policy.for_class(name).min_cases - there[name] for name in sorted(there)}
    return {name: number for name, number in short.items() if number > 0}


def _grown(plan: PlanInput, more: dict[str | None, int]) -> PlanInput:
    """The suite with further cases like those of the class; None: like all of them."""
    known = list(zip(plan.cases, plan.history, strict=True))
    added = list(known)
    for name, number in more.items():
        alike = [item for item in known if name is None or name in item[0].classes]
        for place, (case, history) in enumerate(islice(cycle(alike), number)):
            own = case.classes if name is None else frozenset({name})
            added.append((replace(case, id=f"{case.id} +{name}{place}", classes=own), history))
    cases, histories = zip(*added, strict=True)
    return replace(plan, cases=cases, history=histories, rules=None)


def _within(plan: PlanInput, budget: int) -> PlanInput:
    return replace(plan, policy=replace(plan.policy, max_agent_calls=budget), rules=None)


def _with_margin(plan: PlanInput, margin: float) -> PlanInput:
    return replace(plan, policy=replace(plan.policy, margin=margin), rules=None)


def _rounded(calls: int) -> int:
    """Up to the next fifty: a budget is a round number."""
    return -(-calls // 50) * 50


def _other_trials(plan: PlanInput, wanted: Wanted) -> Iterator[int]:
    """Other numbers of trials that are worth a try."""
    if plan.procedure is Procedure.DETERMINISTIC:
        return
    if plan.procedure is Procedure.SEQUENTIAL:
        yield from sorted({1, 3} - {plan.trials})
        return
    for trials in _MORE_TRIALS:
        affordable = wanted.budget is None or trials * len(plan.cases) <= wanted.budget
        if trials > plan.trials and affordable:
            yield trials
