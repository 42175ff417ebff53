"""The decision on each class and on the release, with a sentence for each reason.

Pure; leaves asking for trials to `dialgate_gate.verdict.sequential.procedure`. The table is the
contract's: what fails a class is its `fail_on`.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from dialgate_gate.four_verdicts import Verdict, worst
from dialgate_gate.settings.gate_policy import FailOn
from dialgate_gate.verdict.sequential.decision import (
    BaselineShift,
    ClassDecision,
    EndpointFigures,
    GateDecision,
    ThinFigures,
    UnitFigures,
)
from dialgate_gate.verdict.sequential.screened_case import (
    INVALID,
    SUITE,
    Endpoint,
    Kind,
    ScreenedCase,
    Side,
)
from dialgate_gate.wording import count_of, name_cases, show_loss, show_p, show_points, show_rate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.sequential.block_rounds import BlockRounds
    from dialgate_gate.verdict.sequential.confirmation import Confirmation
    from dialgate_gate.verdict.sequential.unit import Unit

Finding = tuple[Verdict, str]


def decide_gate(
    *,
    policy: GatePolicy,
    confirmation: Confirmation,
    rounds: BlockRounds,
    fails_by: Callable[[Endpoint], bool],
    broken_critical: tuple[str, ...],
    calls: tuple[int, int],
    budget_spent: bool,
    with_bounds: bool = True,
) -> GateDecision:
    """The worst of what is said of critical cases, the suite and each class.

    calls: of the agents in all, and before the first fresh trial. with_bounds: whether intervals
    are worked out; no verdict asks for them.
    """
    shift = _shift(rounds)
    invalid = _figures(INVALID, confirmation)
    classes = tuple(
        _decide_class(
            unit,
            unit_figures(unit, rounds, with_bounds=with_bounds),
            confirmation,
            fails_by,
            {rounds.cases[place].id for place in unit.members},
            broken_critical,
            invalid,
        )
        for unit in rounds.units[1:]
    )
    suite = _figures(SUITE, confirmation)
    figures = unit_figures(rounds.suite, rounds, with_bounds=with_bounds)
    thin = _thin(rounds)
    named = {case_id for item in classes for case_id in item.broken_critical}
    findings: list[Finding] = [
        *_judge_shift(shift),
        *_judge_critical([i for i in broken_critical if i not in named]),
        *_judge_thin(thin, is_loss_shown=figures.is_loss_shown),
        *_judge_shown(suite, fails_by),
        *_judge_shown(invalid, fails_by),
        *_judge_loss("over the suite as a whole", figures),
        *_judge_unclassed(rounds.cases, suite, policy),
        *_judge_shift(shift),
        *_judge_margin(figures, len(rounds.cases)),
    ]
    if budget_spent:
        text = (
            "The budget is spent before it is decided: raise max_agent_calls, or max_cost_usd "
            "where that was the limit."
        )
        findings.append((Verdict.INCONCLUSIVE, text))
    return GateDecision(
        verdict=worst([Verdict.PASS, *(v for v, _ in findings), *(c.verdict for c in classes)]),
        suite=suite,
        suite_figures=figures,
        classes=classes,
        broken_critical=broken_critical,
        agent_calls=calls[0],
        fresh_calls=calls[0] - calls[1],
        budget_spent=budget_spent,
        invalid=invalid,
        shift=shift,
        thin=thin,
        findings=tuple(findings),
    )


def _decide_class(
    unit: Unit,
    figures: UnitFigures,
    confirmation: Confirmation,
    fails_by: Callable[[Endpoint], bool],
    ids: Collection[str],
    broken_critical: Iterable[str],
    invalid: EndpointFigures,
) -> ClassDecision:
    success, silence = (_figures(endpoint, confirmation) for endpoint in unit.endpoints)
    critical = tuple(case_id for case_id in broken_critical if case_id in ids)
    new_invalid = tuple(case_id for case_id in invalid.confirmed if case_id in ids)
    findings = [
        *_judge_critical(critical),
        *_judge_shown(success, fails_by),
        *_judge_shown(silence, fails_by),
        *_judge_invalid(new_invalid, unit),
        *_judge_loss("", figures),
        *_judge_open(success, silence, unit),
        *_judge_size(len(ids), unit.rules.min_cases),
        *_judge_margin(figures, len(ids)),
    ]
    return ClassDecision(
        action_class=unit.name,
        verdict=worst([Verdict.PASS, *(verdict for verdict, _ in findings)]),
        success=success,
        silence=silence,
        cases=len(ids),
        figures=figures,
        invalid=new_invalid,
        broken_critical=critical,
        reasons=tuple(text for _, text in findings),
    )


def unit_figures(unit: Unit, rounds: BlockRounds, *, with_bounds: bool = True) -> UnitFigures:
    """The figures of a unit as they stand."""
    margin = min(product.log_value for product in unit.products.values())
    return UnitFigures(
        margin=unit.rules.margin,
        margin_from=unit.rules.margin_from,
        fail_on=unit.rules.fail_on,
        difference=rounds.estimate(unit),
        interval=unit.bounds() if with_bounds else (-1.0, 1.0),
        blocks=max(product.blocks for product in unit.products.values()),
        is_passed=unit.is_passed,
        is_loss_shown=unit.is_loss_shown,
        looks_worse=unit.loss_shown(0.0),
        p_loss=_p_of(unit.loss.log_value() if unit.loss.blocks else 0.0),
        p_margin=_p_of(margin),
    )


def _p_of(log_value: float) -> float:
    return min(1.0, exp(-max(log_value, 0.0)))


def _figures(endpoint: Endpoint, confirmation: Confirmation) -> EndpointFigures:
    p_adjusted = confirmation.tests.p_values().get(endpoint, 1.0)
    return EndpointFigures(
        endpoint=endpoint,
        suspects=sum(endpoint in item.suspects for item in confirmation.cases.values()),
        p_adjusted=p_adjusted,
        shown=endpoint in confirmation.tests.shown(),
        confirmed=confirmation.confirmed_cases(endpoint),
        open_cases=confirmation.open_cases(endpoint),
        answered=confirmation.answered_cases(endpoint),
    )


def _shift(rounds: BlockRounds) -> BaselineShift:
    count = rounds.outage
    return BaselineShift(
        trials=count.trials,
        passed=count.passed,
        expected=count.expected,
        distance=count.distance,
        is_low=count.is_low,
    )


def _thin(rounds: BlockRounds) -> ThinFigures:
    thin = rounds.thin
    return ThinFigures(
        trials=dict(thin.trials),
        counts={side: dict(counts) for side, counts in thin.counts.items()},
        shown=thin.is_shown,
        p_value=_p_of(thin.loss.log_value() if thin.loss.blocks else 0.0),
        risen=thin.risen,
    )


def _judge_critical(critical: Sequence[str]) -> list[Finding]:
    if not critical:
        return []
    count = count_of(len(critical), "critical case")
    text = f"{count} failed that must pass in every trial: {name_cases(critical)}."
    return [(Verdict.FAIL, text)]


_RISEN = {
    Kind.BROKE_OFF: "The agent broke off",
    Kind.TIMED_OUT: "The agent ran out of time",
    Kind.CUT_OFF: "The agent's answer was cut off",
    Kind.INVALID_CALLS: "The agent made calls that break their schema",
    Kind.TEXT_CALLS: "The agent wrote calls as text",
}


def _judge_thin(thin: ThinFigures, *, is_loss_shown: bool) -> list[Finding]:
    """Names the kinds: where they are shown, or where a shown loss goes with a kind that rose."""
    if not (thin.shown or (is_loss_shown and thin.risen)):
        return []
    now = thin.counts[Side.CANDIDATE]
    kinds = thin.risen or tuple(sorted(now, key=lambda kind: (-now[kind], kind)))[:1]
    return [(Verdict.FAIL, _risen(kind, thin)) for kind in kinds]


def _risen(kind: Kind, thin: ThinFigures) -> str:
    now, before = (thin.counts[side].get(kind, 0) for side in (Side.CANDIDATE, Side.BASELINE))
    trials, earlier = (thin.trials.get(side, 0) for side in (Side.CANDIDATE, Side.BASELINE))
    return (
        f"{_RISEN[kind]} in {now:,} of {trials:,} trials, {before:,} of {earlier:,} before "
        f"({show_p(thin.p_value)} by fresh pairs of all cases)."
    )


_WORSE = {
    Kind.SUCCESS: "Success fell",
    Kind.SILENCE: "Silent failures rose",
    Kind.INVALID: "Invalid calls rose",
}


def _judge_shown(figures: EndpointFigures, fails_by: Callable[[Endpoint], bool]) -> list[Finding]:
    if not figures.shown or not fails_by(figures.endpoint):
        return []
    what = _WORSE[figures.endpoint.kind]
    where = "" if figures.endpoint.action_class else " over the suite as a whole"
    named = name_cases(figures.confirmed or figures.open_cases) or "spread over many, none alone"
    text = f"{what}{where} in fresh trials ({show_p(figures.p_adjusted)}); cases: {named}."
    return [(Verdict.FAIL, text)]


def _judge_invalid(cases: Sequence[str], unit: Unit) -> list[Finding]:
    if len(cases) <= unit.rules.max_new_invalid:
        return []
    text = (
        f"{count_of(len(cases), 'case')} with new invalid calls, more than the "
        f"{unit.rules.max_new_invalid} tolerated (max_new_invalid): {name_cases(cases)}."
    )
    return [(Verdict.FAIL, text)]


def _judge_loss(where: str, figures: UnitFigures) -> list[Finding]:
    """A loss that fresh pairs of every case show, whether or not a single case does."""
    if not figures.looks_worse:
        return []
    shown = show_loss(figures.interval[1])
    place = f" {where}" if where else ""
    text = f"Success fell{place} by at least {shown}, spread over its cases"
    if figures.is_loss_shown:
        beyond = (
            "any shown loss fails"
            if figures.fail_on is FailOn.CASE
            else f"the margin tolerates {show_rate(figures.margin)}"
        )
        return [(Verdict.FAIL, f"{text} ({show_p(figures.p_loss)}); {beyond}.")]
    if figures.is_passed:
        return []
    return [(Verdict.INCONCLUSIVE, f"It looks worse: {text[0].lower()}{text[1:]}.")]


def _judge_open(success: EndpointFigures, silence: EndpointFigures, unit: Unit) -> list[Finding]:
    still_open = tuple(dict.fromkeys((*success.open_cases, *silence.open_cases)))
    if not still_open or success.shown or silence.shown or not unit.rules.blocks_open_suspects:
        return []
    count = count_of(len(still_open), "suspect")
    text = (
        f"{count} not decided: {name_cases(still_open)}; the policy lets none stay open "
        "(open_suspects). More confirm_trials would decide."
    )
    return [(Verdict.INCONCLUSIVE, text)]


def _judge_unclassed(
    cases: Iterable[ScreenedCase], suite: EndpointFigures, policy: GatePolicy
) -> list[Finding]:
    """Suspects that no class knows: their reply or end state broke."""
    unclassed = {case.id for case in cases if set(case.suspected) == {SUITE}}
    rest = [case_id for case_id in suite.open_cases if case_id in unclassed]
    if not rest or suite.shown or not policy.default.blocks_open_suspects:
        return []
    text = f"Not decided in reply or end state: {name_cases(rest)}. More confirm_trials would."
    return [(Verdict.INCONCLUSIVE, text)]


def _judge_size(cases: int, least: int) -> list[Finding]:
    if cases >= least:
        return []
    text = (
        f"Only {count_of(cases, 'case')} of the class, fewer than the {least} that "
        f"decide (min_cases): add {least - cases} more."
    )
    return [(Verdict.INCONCLUSIVE, text)]


def _judge_shift(shift: BaselineShift) -> list[Finding]:
    if not shift.is_low:
        return []
    text = (
        f"The baseline itself passed {shift.passed:,} of {shift.trials:,} fresh trials where its "
        f"record lets one expect {shift.expected:.0f}: something both sides depend on is worse "
        "now, and then nothing passes. Try again when it has recovered."
    )
    return [(Verdict.INCONCLUSIVE, text)]


def _judge_margin(figures: UnitFigures, cases: int) -> list[Finding]:
    if figures.is_passed:
        return []
    if figures.margin <= 0:
        text = (
            "No number of trials excludes a loss over a margin of 0; only deterministic = true "
            "or a margin over 0 does."
        )
        return [(Verdict.INCONCLUSIVE, text)]
    if not figures.blocks:
        text = (
            "The check was over before its first block of trials, so nothing is known of a loss "
            f"over the margin of {show_rate(figures.margin)}."
        )
        return [(Verdict.INCONCLUSIVE, text)]
    low = figures.interval[0]
    reach = (
        f"may be as low as {show_points(low)}" if low > -1 else "may have any size as far as shown"
    )
    text = (
        f"A loss over the margin of {show_rate(figures.margin)} is not excluded: the difference "
        f"{reach} over {count_of(cases, 'case')} and {count_of(figures.blocks, 'block')} of trials."
    )
    return [(Verdict.INCONCLUSIVE, text)]
