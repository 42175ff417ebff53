"""Whether a release got worse, where a judge that errs said which trials succeeded.

A trial acts rightly or not, which is seen, and replies rightly or not, which a judge says. Judged
so, a true difference d of success shows as J * d, J being Youden's index, and the part that acting
has in it shows too large. Leaves the evidence over blocks to `verdict.blocks`.

Why it is valid. Of one trial let a be 1 where it acted rightly, v where the judge let it pass too,
s the sensitivity, c the specificity. The mean of v is s * P(right) + (1 - c) * (P(a) - P(right)),
so the score v - (1 - c) * a has the mean J * P(right) exactly, whatever the release does. Counted
as failures: one by acting weighs c, one that only the judge found weighs 1. Where no judge is
asked, a failure weighs J. The difference of such scores has the mean J * d, so a true loss of the
margin m is an observed one of J * m, whatever the mixture of both kinds.
The bounds of s and c may be wrong with a small chance; the rest of the error is the gate's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors

CALIBRATION_ERROR = 0.01
"""The part of a gate's error that pays for the judge's bounds being wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a failure counts, between two bounds, where one that the judge found counts 1."""

    low: float
    high: float


def weights_where_judged(errors: JudgeErrors) -> Weights:
    """Of a failure by acting, in a case whose replies are judged."""
    return Weights(low=errors.specificity.low, high=errors.specificity.high)


def weights_where_not_judged(errors: JudgeErrors) -> Weights:
    """Of a failure in a case whose replies nobody judges."""
    low, high = errors.youden
    return Weights(low=max(low, 0.0), high=high)


def shown_margin(margin: float, errors: JudgeErrors) -> float:
    """The loss that a true loss of the margin shows at least; 0 or less: it may not show at all.

    `errors.shift` is what the judge may differ on the two releases: of each side's score the mean
    moves by no more than that.
    """
    return errors.youden[0] * margin - errors.shift


def tolerated_loss(tolerated: float, errors: JudgeErrors) -> float:
    """The most that may show while the true loss is at most `tolerated`."""
    return errors.youden[1] * tolerated + errors.shift


def correct_difference(interval: tuple[float, float], errors: JudgeErrors) -> tuple[float, float]:
    """The interval of the true difference, from that of the observed scores' difference.

    Candidate less baseline; -1 and 1 where the judge's votes may say nothing.
    """
    low, high = errors.youden
    if low <= 0:
        return -1.0, 1.0
    least, most = interval[0] - errors.shift, interval[1] + errors.shift
    return (
        max(-1.0, least / (low if least < 0 else high)),
        min(1.0, most / (low if most > 0 else high)),
    )
