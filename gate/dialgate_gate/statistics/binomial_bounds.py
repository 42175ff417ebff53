"""Exact bounds of a rate: Clopper-Pearson, and its use where cases are clusters of trials."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A rate with a lower and an upper bound, each of which holds at the confidence alone."""

    estimate: float | None
    # None: no trial, no estimate
    low: float | None
    high: float | None
    n: int
    confidence: float
    # one-sided, of each bound
    method: str = "Clopper-Pearson, one-sided"


def clopper_pearson(successes: float, trials: float, confidence: float) -> tuple[float, float]:
    """One-sided lower and upper bounds of a rate, each at `confidence`.

    Holds at its level for any rate, also for independent trials whose rates differ (the bound is
    then on their mean: Hoeffding 1956). Fractions of successes are allowed and interpolate.
    Raises ValueError for counts that can't be. Zero failures in n bound the failures at about 3/n.
    Source: Clopper & Pearson (1934).

    >>> low, high = clopper_pearson(30, 30, 0.95)
    >>> round(low, 4), high
    (0.905, 1.0)
    """
    if not 0 <= successes <= trials or trials <= 0 or not 0 < confidence < 1:
        raise ValueError(f"found {successes} successes of {trials} at confidence {confidence}")
    tail = 1 - confidence
    failures = trials - successes
    low = 0.0 if successes == 0 else _beta_quantile(tail, successes, failures + 1)
    high = 1.0 if failures == 0 else 1 - _beta_quantile(tail, failures, successes + 1)
    return low, high


def clustered_success_bounds(
    passed: NDArray[np.int64], trials: NDArray[np.int64], confidence: float
) -> Bounds:
    """Bounds of the mean success rate over cases, a case counting once however often it ran.

    Each case gives its share of successes; of all values between 0 and 1 with that mean, single
    successes and failures vary most, so Clopper-Pearson over cases is on the safe side.
    """
    ran = trials > 0
    n = int(ran.sum())
    if n == 0:
        return Bounds(estimate=None, low=None, high=None, n=0, confidence=confidence)
    total = float((passed[ran] / trials[ran]).sum())
    low, high = clopper_pearson(min(total, n), n, confidence)
    return Bounds(estimate=total / n, low=low, high=high, n=n, confidence=confidence)


def clustered_failure_bounds(
    passed: NDArray[np.int64], trials: NDArray[np.int64], confidence: float
) -> Bounds:
    """As `clustered_success_bounds`, for the rate of what did not pass."""
    return clustered_success_bounds(trials - passed, trials, confidence)


@lru_cache(maxsize=4096)
def _beta_quantile(probability: float, a: float, b: float) -> float:
    """The quantile of the beta distribution, by bisection of its distribution function."""
    low, high = 0.0, 1.0
    below, above = _around_quantile(probability, a, b)
    for _ in range(200):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        if middle <= below or (
            middle < above and regularised_incomplete_beta(middle, a, b) < probability
        ):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _around_quantile(probability: float, a: float, b: float) -> tuple[float, float]:
    """Numbers close below and above the quantile, by Newton's method; 0 and 1 where it fails.

    They spare the bisection half of its values, and change none of its answers: the distribution
    function rises between them by far more than it is rounded.
    """
    x = a / (a + b)
    for _ in range(12):
        if not 0 < x < 1:
            return 0.0, 1.0
        density = _front(x, a, b) / (x * (1 - x))
        if density <= 0:
            break
        step = (regularised_incomplete_beta(x, a, b) - probability) / density
        x = min(max(x - step, x / 8), (x + 7) / 8)
        if abs(step) < 1e-11 * x:
            break
    margin = 1e-10 * min(x, 1 - x)
    below, above, rounded = x - margin, x + margin, 1e-12 * probability
    if (
        0 < below < above < 1
        and regularised_incomplete_beta(below, a, b) < probability - rounded
        and regularised_incomplete_beta(above, a, b) > probability + rounded
    ):
        return below, above
    return 0.0, 1.0


def regularised_incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function (NIST DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = _front(x, a, b)
    if x > (a + 1) / (a + b + 2):
        return 1 - front * _beta_fraction(1 - x, b, a) / b
    return front * _beta_fraction(x, a, b) / a


def _front(x: float, a: float, b: float) -> float:
    return exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))


def _beta_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by the modified Lentz method.

    Written out, two steps a turn: nearly all time of exact bounds is spent here.
    """
    tiny = 1e-300
    both = a + b
    c, d = 1.0, 1 - both * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 10_000):
        place = a + 2 * m
        numerator = m * (b - m) * x / ((place - 1) * place)
        d = 1 + numerator * d
        d = 1 / (d if d > tiny or d < -tiny else tiny)
        c = 1 + numerator / c
        c = c if c > tiny or c < -tiny else tiny
        value *= c * d
        numerator = -(a + m) * (both + m) * x / (place * (place + 1))
        d = 1 + numerator * d
        d = 1 / (d if d > tiny or d < -tiny else tiny)
        c = 1 + numerator / c
        c = c if c > tiny or c < -tiny else tiny
        change = c * d
        value *= change
        if -1e-15 < change - 1 < 1e-15:
            break
    return value
