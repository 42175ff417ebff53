"""How failures count in a unit whose replies a judge votes on: weights that its errors leave.

Where no judge decides, every failure counts 1. Knows in which cases which criteria decide and how
the judge errs; leaves the reasons to `statistics.judged.corrected_difference` and the evidence to
`sequential.unit`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dialgate_gate.statistics.judged.corrected_difference import (
    CALIBRATION_ERROR,
    correct_difference,
    shown_margin,
    tolerated_loss,
    weights_where_judged,
    weights_where_not_judged,
)
from dialgate_gate.statistics.judged.judge_errors import ErrorBound, JudgeErrors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

Criteria = tuple[str, ...]
"""The criteria that decide together in a case, in order; empty: no judge decides there."""


class Span(NamedTuple):
    """For every case the least and the most that a factor may be, and what the labels showed."""

    low: NDArray[np.float64]
    seen: NDArray[np.float64]
    high: NDArray[np.float64]

    def worst(
        self, members: NDArray[np.int64], values: NDArray[np.float64], *, against: bool
    ) -> NDArray[np.float64]:
        """The products that are least (against) or most."""
        low, high = self.low[members] * values, self.high[members] * values
        found: NDArray[np.float64] = np.minimum(low, high) if against else np.maximum(low, high)
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Votes:
    """What a judge's errors make of the failures of a unit. A place per case of the gate."""

    errors: JudgeErrors
    # the worst that any of its criteria leaves
    weight: Span
    # of a failure by acting; one that the judge alone found weighs 1
    scale: Span
    # of a case's difference: less where other criteria of the unit find less of a loss

    @property
    def calibration_error(self) -> float:
        """The part of the unit's error that pays for the bounds of the judge's errors."""
        return CALIBRATION_ERROR

    def shown_margin(self, margin: float) -> float:
        """What a loss of the margin shows at least."""
        return shown_margin(margin, self.errors)

    def tolerated(self, loss: float) -> float:
        """What may show while the loss is at most so much."""
        return tolerated_loss(loss, self.errors)

    def correct(self, interval: tuple[float, float]) -> tuple[float, float]:
        """The interval of the true difference."""
        return correct_difference(interval, self.errors)

    def difference(
        self,
        members: NDArray[np.int64],
        acting: NDArray[np.float64],
        voted: NDArray[np.float64],
        *,
        against: bool,
    ) -> NDArray[np.float64]:
        """The difference of each case, of which the mean is Youden's index of the true one.

        acting, voted: the baseline's failures less the candidate's, by acting and by votes alone.
        against: of all weights and scales that the errors leave, those against the candidate, so
        that the mean is at most that; else those for it.
        """
        weighed = voted + self.weight.worst(members, acting, against=against)
        return self.scale.worst(members, weighed, against=against)

    def estimate(
        self,
        members: NDArray[np.int64],
        acting: NDArray[np.float64],
        voted: NDArray[np.float64],
    ) -> NDArray[np.float64] | None:
        """The true difference of each case at the errors that the labels showed; None: they can't.

        Arguments as of `difference`.
        """
        sensitivity, specificity = self.errors.sensitivity, self.errors.specificity
        if sensitivity.estimate is None or specificity.estimate is None:
            return None
        youden = sensitivity.estimate + specificity.estimate - 1
        if youden <= 0:
            return None
        weighed = voted + self.weight.seen[members] * acting
        found: NDArray[np.float64] = self.scale.seen[members] * weighed / youden
        return found


def make_votes(
    deciding: Mapping[int, Criteria], cases: int, errors: Mapping[Criteria, JudgeErrors]
) -> Votes | None:
    """The weights of a unit; None where no judge decides in any of its cases.

    deciding: by the place of each of the unit's cases, the criteria on which a judge decides there.
    errors: of the judge, by criteria that decide together. Criteria that decide in different cases
    may find different parts of a loss, and one that is hardly found must not hide behind a gain
    that is found well: their cases are scaled.
    Raises ValueError where nothing is known of the errors of criteria that decide.
    """
    groups = sorted({criteria for criteria in deciding.values() if criteria})
    if not groups:
        return None
    if unknown := [group for group in groups if group not in errors]:
        raise ValueError(f"found no errors of the criteria {unknown} that decide")
    known = {group: errors[group] for group in groups}
    worst = _worst_of(list(known.values()))
    alike = len(groups) == 1 and len(groups[0]) == 1
    weight, scale = (Span(*(np.ones(cases) for _ in range(3))) for _ in range(2))
    for place, criteria in deciding.items():
        mine = known.get(criteria)
        for span, values in zip((weight, scale), _factors(mine, worst, alike=alike), strict=True):
            span.low[place], span.seen[place], span.high[place] = values
    return Votes(errors=worst, weight=weight, scale=scale)


Three = tuple[float, float, float]


def _factors(mine: JudgeErrors | None, worst: JudgeErrors, *, alike: bool) -> tuple[Three, Three]:
    """A case's weight and scale: the least, what the labels showed, the most."""
    least = max(worst.youden[0], 0.0)
    if mine is None:
        bounds = weights_where_not_judged(worst)
        own = (bounds.low, _seen_youden(worst), bounds.high) if alike else (least, least, least)
        return own, (1.0, 1.0, 1.0)
    bounds = weights_where_judged(mine)
    share = mine.specificity.estimate
    weight = (bounds.low, bounds.low if share is None else share, bounds.high)
    if alike:
        return weight, (1.0, 1.0, 1.0)
    seen = min(1.0, _seen_youden(worst) / max(_seen_youden(mine), 1e-9))
    return weight, (least / max(mine.youden[1], 1e-9), seen, 1.0)


def _seen_youden(errors: JudgeErrors) -> float:
    shares = errors.sensitivity.estimate, errors.specificity.estimate
    return max(sum(0.0 if share is None else share for share in shares) - 1, 0.0)


def _worst_of(found: Sequence[JudgeErrors]) -> JudgeErrors:
    """The bounds that hold for each of them."""
    return JudgeErrors(
        sensitivity=_span_of([item.sensitivity for item in found]),
        specificity=_span_of([item.specificity for item in found]),
        error=sum(item.error for item in found),
        shift=max(item.shift for item in found),
    )


def _span_of(found: Sequence[ErrorBound]) -> ErrorBound:
    lowest = min(found, key=lambda item: item.low)
    return replace(lowest, high=max(item.high for item in found))
