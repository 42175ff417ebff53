"""The verdict on each class and on the release: the worst of what is found.

Pure; leaves asking for trials to `dialgate_gate.verdict.sequential.procedure`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate_gate.four_verdicts import Verdict, worst
from dialgate_gate.verdict.sequential.deciding.figures import (
    endpoint_figures,
    shift_figures,
    thin_figures,
    unit_figures,
)
from dialgate_gate.verdict.sequential.deciding.findings import (
    judge_budget,
    judge_critical,
    judge_invalid,
    judge_loss,
    judge_margin,
    judge_open,
    judge_shift,
    judge_shown,
    judge_size,
    judge_thin,
    judge_unclassed,
)
from dialgate_gate.verdict.sequential.deciding.votes_alone import judge_refused
from dialgate_gate.verdict.sequential.decision import ClassDecision, GateDecision
from dialgate_gate.verdict.sequential.screened_case import INVALID, SUITE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.sequential.confirmation import Confirmation
    from dialgate_gate.verdict.sequential.deciding.findings import Finding
    from dialgate_gate.verdict.sequential.decision import EndpointFigures, UnitFigures
    from dialgate_gate.verdict.sequential.rounds.block_rounds import BlockRounds
    from dialgate_gate.verdict.sequential.screened_case import Endpoint
    from dialgate_gate.verdict.sequential.unit import Unit


def decide_gate(
    *,
    policy: GatePolicy,
    confirmation: Confirmation,
    rounds: BlockRounds,
    fails_by: Callable[[Endpoint], bool],
    critical: tuple[tuple[str, ...], tuple[str, ...]],
    calls: tuple[int, int],
    budget_spent: bool,
    with_bounds: bool = True,
) -> GateDecision:
    """The worst of what is said of critical cases, the suite and each class.

    critical: cases that broke, and those that votes alone failed. calls: of the agents in all, and
    before the first fresh trial. with_bounds: whether intervals
    are worked out; no verdict asks for them.
    """
    broken_critical, refused_critical = critical
    invalid = endpoint_figures(INVALID, confirmation)
    named = frozenset((*broken_critical, *invalid.confirmed))
    classes = tuple(
        _decide_class(
            unit,
            unit_figures(unit, rounds, with_bounds=with_bounds),
            confirmation,
            fails_by,
            _those_of(unit, rounds, named),
            broken_critical,
            invalid,
        )
        for unit in rounds.units[1:]
    )
    known = GateDecision(
        verdict=Verdict.PASS,
        suite=endpoint_figures(SUITE, confirmation),
        suite_figures=unit_figures(rounds.suite, rounds, with_bounds=with_bounds),
        classes=classes,
        broken_critical=broken_critical,
        refused_critical=refused_critical,
        agent_calls=calls[0],
        fresh_calls=calls[0] - calls[1],
        budget_spent=budget_spent,
        invalid=invalid,
        shift=shift_figures(rounds),
        thin=thin_figures(rounds),
    )
    findings = tuple(_judge_suite(known, rounds, fails_by, policy))
    verdicts = (*(verdict for verdict, _ in findings), *(item.verdict for item in classes))
    return replace(known, verdict=worst([Verdict.PASS, *verdicts]), findings=findings)


def _judge_suite(
    known: GateDecision,
    rounds: BlockRounds,
    fails_by: Callable[[Endpoint], bool],
    policy: GatePolicy,
) -> Iterator[Finding]:
    """What is found over all cases, beside what the classes say of theirs."""
    named = {case_id for item in known.classes for case_id in item.broken_critical}
    figures = known.suite_figures
    yield from judge_shift(known.shift)
    yield from judge_critical([item for item in known.broken_critical if item not in named])
    yield from judge_refused(known.refused_critical)
    yield from judge_thin(known.thin, is_loss_shown=figures.is_loss_shown)
    yield from judge_shown(known.suite, fails_by)
    yield from judge_shown(known.invalid, fails_by)
    yield from judge_loss("over the suite as a whole", figures)
    yield from judge_unclassed(rounds.cases, known.suite, policy)
    yield from judge_shift(known.shift)
    yield from judge_margin(figures, len(rounds.cases))
    yield from judge_budget(is_spent=known.budget_spent)


def _those_of(unit: Unit, rounds: BlockRounds, named: frozenset[str]) -> frozenset[str]:
    """Which of these cases are the unit's; mostly there are none to look for."""
    return named and named & {rounds.cases[place].id for place in unit.members}


def _decide_class(
    unit: Unit,
    figures: UnitFigures,
    confirmation: Confirmation,
    fails_by: Callable[[Endpoint], bool],
    named: Collection[str],
    broken_critical: Iterable[str],
    invalid: EndpointFigures,
) -> ClassDecision:
    success, silence = (endpoint_figures(endpoint, confirmation) for endpoint in unit.endpoints)
    cases = len(unit.members)
    critical = tuple(case_id for case_id in broken_critical if case_id in named)
    new_invalid = tuple(case_id for case_id in invalid.confirmed if case_id in named)
    findings = [
        *judge_critical(critical),
        *judge_shown(success, fails_by),
        *judge_shown(silence, fails_by),
        *judge_invalid(new_invalid, unit),
        *judge_loss("", figures),
        *judge_open(success, silence, unit),
        *judge_size(cases, unit.rules.min_cases),
        *judge_margin(figures, cases),
    ]
    return ClassDecision(
        action_class=unit.name,
        verdict=worst([Verdict.PASS, *(verdict for verdict, _ in findings)]),
        success=success,
        silence=silence,
        cases=cases,
        figures=figures,
        invalid=new_invalid,
        broken_critical=critical,
        reasons=tuple(text for _, text in findings),
    )
