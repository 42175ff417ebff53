"""The decision on each class and on the release, with a sentence for each reason.

Pure; leaves asking for trials to `dialgate_gate.verdict.sequential.procedure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.four_verdicts import Verdict, worst
from dialgate_gate.statistics.detectable import trials_for_margin
from dialgate_gate.verdict.sequential.decision import ClassDecision, EndpointFigures, GateDecision
from dialgate_gate.verdict.sequential.screened_case import SUITE, Endpoint, Kind, ScreenedCase
from dialgate_gate.wording import count_of, name_cases, show_p, show_points, show_rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dialgate_gate.settings.policy import ClassPolicy, GatePolicy
    from dialgate_gate.verdict.sequential.confirmation import Confirmation
    from dialgate_gate.verdict.sequential.margin_rounds import MarginRounds

Finding = tuple[Verdict, str]


def decide_gate(
    *,
    policy: GatePolicy,
    cases: Sequence[ScreenedCase],
    confirmation: Confirmation,
    rounds: MarginRounds,
    broken_critical: tuple[str, ...],
    agent_calls: int,
    fresh_calls: int,
    budget_spent: bool,
) -> GateDecision:
    """The worst of what is said of critical cases, the suite and each class."""
    classes = tuple(
        _decide_class(name, policy.for_class(name), confirmation, rounds, broken_critical)
        for name in sorted(rounds.members)
    )
    suite = _figures(SUITE, confirmation)
    named = {case_id for item in classes for case_id in item.broken_critical}
    unclassed = tuple(case_id for case_id in broken_critical if case_id not in named)
    findings: list[Finding] = [*_judge_critical(unclassed), *_judge_shown(suite)]
    findings += _judge_unclassed(cases, suite)
    if budget_spent:
        text = (
            "The budget is spent before it is decided: raise max_agent_calls, or max_cost_usd "
            "where that was the limit."
        )
        findings.append((Verdict.INCONCLUSIVE, text))
    return GateDecision(
        verdict=worst([*(v for v, _ in findings), *(item.verdict for item in classes)]),
        suite=suite,
        classes=classes,
        broken_critical=broken_critical,
        agent_calls=agent_calls,
        fresh_calls=fresh_calls,
        budget_spent=budget_spent,
        findings=tuple(findings),
    )


def _decide_class(
    name: str,
    thresholds: ClassPolicy,
    confirmation: Confirmation,
    rounds: MarginRounds,
    broken_critical: Iterable[str],
) -> ClassDecision:
    success, silence = (
        _figures(Endpoint(action_class=name, kind=kind), confirmation) for kind in Kind
    )
    ids = {case.id for case in rounds.members[name]}
    critical = tuple(case_id for case_id in broken_critical if case_id in ids)
    findings = [
        *_judge_critical(critical),
        *_judge_shown(success),
        *_judge_shown(silence),
        *_judge_open(success, silence),
        *_judge_size(len(ids), thresholds),
        *_judge_margin(name, thresholds, rounds),
    ]
    looks = rounds.looks[name]
    return ClassDecision(
        action_class=name,
        verdict=worst([Verdict.PASS, *(verdict for verdict, _ in findings)]),
        success=success,
        silence=silence,
        cases=len(ids),
        rounds=rounds.done[name],
        most_rounds=rounds.most_rounds,
        success_difference=looks[Kind.SUCCESS],
        silence_difference=looks[Kind.SILENCE],
        margin=thresholds.margin,
        broken_critical=critical,
        reasons=tuple(text for _, text in findings),
    )


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


def _judge_critical(critical: Sequence[str]) -> list[Finding]:
    if not critical:
        return []
    count = count_of(len(critical), "critical case")
    text = f"{count} failed that must pass in every trial: {name_cases(critical)}."
    return [(Verdict.FAIL, text)]


def _judge_shown(figures: EndpointFigures) -> list[Finding]:
    if not figures.shown:
        return []
    what = "Silent failures rose" if figures.endpoint.kind is Kind.SILENCE else "Success fell"
    where = "" if figures.endpoint.action_class else " over the suite as a whole"
    named = name_cases(figures.confirmed or figures.open_cases) or "spread over many, none alone"
    text = f"{what}{where} in fresh trials ({show_p(figures.p_adjusted)}); cases: {named}."
    return [(Verdict.FAIL, text)]


def _judge_open(success: EndpointFigures, silence: EndpointFigures) -> list[Finding]:
    still_open = tuple(dict.fromkeys((*success.open_cases, *silence.open_cases)))
    if not still_open or success.shown or silence.shown:
        return []
    count = count_of(len(still_open), "suspect")
    text = f"{count} not decided: {name_cases(still_open)}. More confirm_trials would decide."
    return [(Verdict.INCONCLUSIVE, text)]


def _judge_unclassed(cases: Iterable[ScreenedCase], suite: EndpointFigures) -> list[Finding]:
    """Suspects that no class knows: their reply or end state broke."""
    unclassed = {case.id for case in cases if set(case.suspected) == {SUITE}}
    rest = [case_id for case_id in suite.open_cases if case_id in unclassed]
    if not rest or suite.shown:
        return []
    text = f"Not decided in reply or end state: {name_cases(rest)}. More confirm_trials would."
    return [(Verdict.INCONCLUSIVE, text)]


def _judge_size(cases: int, thresholds: ClassPolicy) -> list[Finding]:
    if cases >= thresholds.min_cases:
        return []
    text = (
        f"Only {count_of(cases, 'case')} of the class, fewer than the {thresholds.min_cases} that "
        f"decide (min_cases): add {thresholds.min_cases - cases} more."
    )
    return [(Verdict.INCONCLUSIVE, text)]


def _judge_margin(name: str, thresholds: ClassPolicy, rounds: MarginRounds) -> list[Finding]:
    if rounds.excludes_loss(name):
        return []
    low = min(look.low for look in rounds.looks[name].values())
    text = (
        f"The interval reaches {show_points(low)}; the margin tolerates a loss of "
        f"{show_rate(thresholds.margin)}."
    )
    if thresholds.margin > 0:
        needed = trials_for_margin(thresholds.margin, 0.95)
        text += f" {needed} cases without a loss would exclude it."
    return [(Verdict.INCONCLUSIVE, text)]
