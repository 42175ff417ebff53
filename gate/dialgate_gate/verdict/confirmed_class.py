"""The verdict on one action class whose suspects were confirmed by fresh trials.

The sequential gate decides; here its decision takes the shape that reports know. Classes of
recorded trials are judged by `dialgate_gate.verdict.class_verdict`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate_gate.verdict.sequential import Kind
from dialgate_gate.verdict.sequential.margin_looks import look_level
from dialgate_gate.verdict.verdict import ClassVerdict, Estimates
from dialgate_gate.wording import count_of, show_points, show_rate

if TYPE_CHECKING:
    from dialgate_gate.comparing.comparison import ClassComparison
    from dialgate_gate.statistics.paired_difference import DifferenceEstimate
    from dialgate_gate.verdict.sequential import ClassDecision, EndpointFigures


def judge_confirmed(
    comparison: ClassComparison,
    decision: ClassDecision,
    estimates: tuple[Estimates, Estimates],
) -> ClassVerdict:
    """The class's verdict; `estimates` are screening's, for success and silence."""
    success, silence = estimates
    open_suspects = dict.fromkeys((*decision.success.open_cases, *decision.silence.open_cases))
    return ClassVerdict(
        action_class=comparison.action_class,
        verdict=decision.verdict,
        comparison=comparison,
        success=_estimate(success, decision.success_difference, decision.success, decision),
        silence=_estimate(silence, decision.silence_difference, decision.silence, decision),
        margin=decision.margin,
        open_suspects=tuple(open_suspects),
        reasons=decision.reasons or (_passing_reason(decision),),
    )


def _estimate(
    screened: Estimates,
    look: DifferenceEstimate,
    figures: EndpointFigures,
    decision: ClassDecision,
) -> Estimates:
    if look.estimate is None:
        return screened
    return replace(
        screened,
        difference=look.estimate,
        interval=(look.low, look.high),
        confidence_level=look_level(decision.rounds, decision.most_rounds),
        p_adjusted=figures.p_adjusted,
    )


def _passing_reason(decision: ClassDecision) -> str:
    looks = {Kind.SUCCESS: decision.success_difference, Kind.SILENCE: decision.silence_difference}
    low = min(look.low for look in looks.values())
    answered = dict.fromkeys((*decision.success.answered, *decision.silence.answered))
    text = (
        f"A loss over the margin of {show_rate(decision.margin)} is excluded: at worst "
        f"{show_points(low)} over {count_of(decision.cases, 'case')}"
    )
    if decision.rounds:
        text += f" and {count_of(decision.rounds, 'further round')} of fresh trials"
    if answered:
        text += f"; {count_of(len(answered), 'suspect')} cleared by fresh trials"
    return f"{text}."
