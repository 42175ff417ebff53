"""The verdict on one action class whose suspects were confirmed by fresh trials.

The sequential gate decides; here its decision takes the shape that reports know. Classes of
recorded trials are judged by `dialgate_gate.verdict.recorded.class_verdict`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate_gate.verdict.class_figures import ClassVerdict, Estimates
from dialgate_gate.verdict.sequential.unit import PASS_ERROR
from dialgate_gate.wording import count_of, show_points, show_rate

if TYPE_CHECKING:
    from dialgate_gate.comparing.comparison import ClassComparison
    from dialgate_gate.verdict.class_rules import ClassRules
    from dialgate_gate.verdict.sequential import ClassDecision, EndpointFigures, UnitFigures


def judge_confirmed(
    comparison: ClassComparison,
    decision: ClassDecision,
    estimates: tuple[Estimates, Estimates],
    rules: ClassRules,
) -> ClassVerdict:
    """The class's verdict; `estimates` are screening's, for success and silence."""
    success, silence = estimates
    figures = decision.figures
    return ClassVerdict(
        action_class=comparison.action_class,
        verdict=decision.verdict,
        comparison=comparison,
        success=shown_estimates(success, figures, decision.success),
        silence=replace(silence, p_adjusted=decision.silence.p_adjusted),
        rules=rules,
        open_suspects=decision.open_cases,
        new_invalid=decision.invalid,
        reasons=decision.reasons or (_passing_reason(decision),),
    )


def shown_estimates(
    screened: Estimates, figures: UnitFigures, endpoint: EndpointFigures
) -> Estimates:
    """The figures that the decision rests on, in the shape of an estimate with its interval.

    The lower end is what blocks of trials exclude; it holds at any number of looks. The upper end
    is under 0 only where fresh pairs of every case show it: else it is screening's, which shows
    nothing.
    """
    low, high = figures.interval
    estimate = figures.difference
    if estimate is None:
        return screened
    if not figures.looks_worse:
        high = max(0.0, estimate, screened.interval[1] if screened.interval else 1.0)
    return replace(
        screened,
        difference=min(max(estimate, low), high),
        interval=(low, high),
        confidence_level=1 - PASS_ERROR,
        p_adjusted=min(endpoint.p_adjusted, 1.0),
    )


def _passing_reason(decision: ClassDecision) -> str:
    figures = decision.figures
    answered = dict.fromkeys((*decision.success.answered, *decision.silence.answered))
    text = (
        f"A loss over the margin of {show_rate(figures.margin)} is excluded: at worst "
        f"{show_points(figures.interval[0])} over {count_of(decision.cases, 'case')} and "
        f"{count_of(figures.blocks, 'block')} of trials"
    )
    if answered:
        text += f"; {count_of(len(answered), 'suspect')} cleared by fresh trials"
    if figures.looks_worse:
        text += "; a smaller loss is shown, which this class tolerates"
    return f"{text}."
