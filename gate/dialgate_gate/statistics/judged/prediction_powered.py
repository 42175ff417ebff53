"""What people's labels on some replies say of all judged ones: prediction-powered inference.

Nothing is assumed of the judge: it may err more on one release than on the other, or be bought by
one. Its votes on all trials are corrected by what it got wrong on those with a label, each weighed
by the chance that it had of being drawn. Knows values only; leaves which replies were drawn to
`verdict.recorded.powered_replies`.

Why it is valid. Of a case on one side let V be the mean of the votes on its trials and, where one
of its replies was drawn (chance p, whatever it says), M what the label is less the vote. Then
V + M / p has the mean of the case's true rate, so the sides' difference D has that of the true
one. Cases are independent; with one stake for all of them the mean of the product of 1 + stake * D
is at most (1 + stake * mean d) ** cases (`verdict.blocks.running_products` says why).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STAKES = np.array([0.15, 0.35, 0.6, 0.9])
# as shares of the highest that the differences can bear
_STEPS = 50
# of bisection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledSide:
    """One release's trials: a place per case in every array.

    Raises ValueError for arrays of different lengths or a chance that is none.
    """

    votes: NDArray[np.float64]
    # mean over the case's trials: 1 where the judge let all pass
    mistakes: NDArray[np.float64]
    # of the reply that was drawn: label less vote, times its weight among the case's; 0: none was
    chances: NDArray[np.float64]
    # that one of the case's replies is drawn, over 0 to 1
    reach: NDArray[np.float64]
    # how far a case's value may lie outside 0 to 1, whatever votes and labels say
    labelled: int
    # replies that were drawn

    def __post_init__(self) -> None:
        shapes = {item.shape for item in (self.votes, self.mistakes, self.chances, self.reach)}
        if len(shapes) != 1:
            raise ValueError("found arrays of different lengths")
        if self.chances.size and not (self.chances.min() > 0 and self.chances.max() <= 1):
            raise ValueError("found a chance that is not over 0 and at most 1")

    @property
    def values(self) -> NDArray[np.float64]:
        """Of each case a value whose mean is its true rate."""
        found: NDArray[np.float64] = self.votes + self.mistakes / self.chances
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PoweredDifference:
    """Candidate less baseline in the share of right trials, with an interval."""

    estimate: float
    low: float
    high: float
    judged: float
    # the difference as the judge saw it
    correction: float
    # what the labels add to it
    cases: int
    labelled: tuple[int, int]
    # replies with a label that were drawn: baseline, candidate
    error: float
    # the chance that the interval is wrong: both ends together
    method: str = "prediction-powered, by betting with equal stakes"


def powered_difference(
    *, baseline: LabelledSide, candidate: LabelledSide, low_error: float, high_error: float
) -> PoweredDifference:
    """How much better or worse the candidate is, from votes on all trials and labels on some.

    low_error, high_error: the chance of each end being wrong, for any judge. The cases must be
    independent, and replies drawn with the chances given whatever votes or people say of them.
    Raises ValueError for sides of different length, or without any case.
    Source: Angelopoulos, Bates, Fannjiang, Jordan & Zrnic (2023), Science 382; drawn with known
    chances: Zrnic & Candes (2024); exact by betting: Waudby-Smith & Ramdas (2024).
    """
    if baseline.votes.shape != candidate.votes.shape:
        raise ValueError("found sides of different lengths")
    if not baseline.votes.size:
        raise ValueError("found no case")
    found = candidate.values - baseline.values
    reach = 1 + float(baseline.reach.max()) + float(candidate.reach.max())
    judged = float((candidate.votes - baseline.votes).mean())
    low = -_most_loss(found, reach, low_error)
    high = _most_loss(-found, reach, high_error)
    return PoweredDifference(
        estimate=min(max(float(found.mean()), low), high),
        low=low,
        high=high,
        judged=judged,
        correction=float(found.mean()) - judged,
        cases=int(found.size),
        labelled=(baseline.labelled, candidate.labelled),
        error=low_error + high_error,
    )


def _most_loss(values: NDArray[np.float64], reach: float, error: float) -> float:
    """The largest mean loss (less than nothing: a gain) that isn't excluded; 1: none is.

    values: differences of cases, none under -reach.
    """
    stakes = _STAKES / reach
    with np.errstate(divide="ignore"):
        sums = np.log(np.maximum(1 + np.outer(stakes, values), 0)).sum(axis=1)
    needed = log(1 / error) + log(len(stakes))

    def excludes(loss: float) -> bool:
        against = sums - values.size * np.log1p(-stakes * loss)
        top = float(against.max())
        return top + float(np.log(np.exp(against - top).sum())) >= needed

    if not np.isfinite(sums).any() or not excludes(1.0):
        return 1.0
    low, high = -1.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if excludes(middle) else (middle, high)
    return high
