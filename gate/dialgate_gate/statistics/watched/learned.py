"""Limits that are learned from a quiet past, each with the chance that it is too low.

Nobody knows a P95 beforehand: of a past a bound is taken that its true value exceeds with a
stated chance only. Assumes that the past's tasks are independent and alike; what comes later need
not be, as long as it stays under the limit.
"""

from __future__ import annotations

from math import ceil, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dialgate_gate.statistics.binomial_bounds import clopper_pearson, regularised_incomplete_beta

if TYPE_CHECKING:
    from numpy.typing import NDArray


_ROOM = 2.0
"""Times the largest value: a cut without room hides how dear tasks became, a wide one how
dear they were."""


class CutMean(NamedTuple):
    """A mean of values that are cut off, as one extreme value has no bounded mean."""

    limit: float
    cut: float


def upper_rate(ones: int, count: int, alpha: float) -> float:
    """The rate's upper bound: too low with a chance of at most `alpha` (Clopper & Pearson 1934)."""
    return clopper_pearson(ones, count, 1 - alpha)[1]


def upper_quantile(values: NDArray[np.float64], share: float, alpha: float) -> float | None:
    """A value that at least `share` of all lie under or at; too low with a chance of `alpha`.

    The least order statistic that does: the share under the k-th of n is at least Beta(k, n−k+1)
    (Wilks 1941, of any distribution). None: too few values, not even their largest does.
    """
    ordered, count = np.sort(values), len(values)
    if not count or count * log(share) > log(alpha):
        return None
    low, high = max(1, ceil(share * count)), count
    while low < high:
        middle = (low + high) // 2
        if regularised_incomplete_beta(share, middle, count - middle + 1) <= alpha:
            high = middle
        else:
            low = middle + 1
    return float(ordered[low - 1])


def upper_mean(values: NDArray[np.float64], alpha: float) -> CutMean | None:
    """An upper bound of the mean of values of 0 and more, cut at twice the first half's largest.

    By the second half, so that the cut doesn't lean on what it cuts: an empirical Bernstein bound
    (Maurer & Pontil 2009, theorem 4), too low with a chance of at most `alpha`. No distribution's
    mean is bounded by a sample unless it is cut (Bahadur & Savage 1956). None: under 20 values, or
    the first half holds nothing over 0.
    """
    half = len(values) // 2
    if half < 10 or not (cut := _ROOM * float(values[:half].max())) > 0:
        return None
    rest = np.minimum(values[half:], cut)
    spread = log(2 / alpha)
    mean = float(rest.mean()) + sqrt(2 * float(rest.var(ddof=1)) * spread / len(rest))
    return CutMean(limit=mean + 7 * cut * spread / (3 * (len(rest) - 1)), cut=cut)
