"""A success rate as a judge that errs saw it, corrected for the judge's errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedRate:
    """The share of replies that are right, with an interval; and the share that was judged so."""

    judged: float
    estimate: float | None
    # 0 to 1; None: the judge's votes say nothing of the replies, or nothing is labelled
    low: float
    high: float
    error: float
    # the chance that the interval is wrong
    method: str = "Rogan and Gladen, over all errors that the labels leave"


def correct_rate(
    judged: float, interval: tuple[float, float], errors: JudgeErrors, *, error: float
) -> CorrectedRate:
    """The rate of right replies, from the rate that was judged right.

    A judge with sensitivity s and specificity c lets s * rate + (1 - c) * (1 - rate) pass, so the
    rate is (judged + c - 1) / (s + c - 1). It falls in s and rises in c for every judged rate
    between 1 - c and s, so its ends over all (s, c) in the bounds are at corners.

    judged: the share judged right, 0 to 1. interval: its own, which is wrong with chance `error`.
    The result is wrong with chance error + errors.error at most. Where the bounds leave a judge
    whose votes say nothing, the interval is 0 to 1. Raises ValueError for an interval that is none.
    Source: Rogan & Gladen (1978), American Journal of Epidemiology 107, equation 2.
    """
    low, high = interval
    if not 0 <= low <= judged <= high <= 1:
        raise ValueError(f"found the rate {judged} in {interval}")
    sensitivity, specificity = errors.sensitivity, errors.specificity
    known = errors.youden[0] > 0
    estimate = None
    if sensitivity.estimate is not None and specificity.estimate is not None and known:
        estimate = _rate(judged, sensitivity.estimate, specificity.estimate)
    return CorrectedRate(
        judged=judged,
        estimate=estimate,
        low=_rate(low, sensitivity.high, specificity.low) if known else 0.0,
        high=_rate(high, sensitivity.low, specificity.high) if known else 1.0,
        error=error + errors.error,
    )


def _rate(judged: float, sensitivity: float, specificity: float) -> float:
    return min(1.0, max(0.0, (judged + specificity - 1) / (sensitivity + specificity - 1)))
