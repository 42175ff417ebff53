"""How much more does it cost? The ratio of two means, or of two quantiles, over the same cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_RESAMPLES = 2000
FEWEST_CASES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioEstimate:
    """Candidate over baseline with a two-sided bootstrap interval over cases."""

    estimate: float | None
    # None: fewer than five cases, or the baseline's figure is 0
    low: float | None
    high: float | None
    cases: int
    confidence_level: float
    seed: int
    method: str


def ratio_of_means(
    baseline: NDArray[np.float64],
    candidate: NDArray[np.float64],
    confidence_level: float = 0.95,
    *,
    seed: int = 0,
) -> RatioEstimate:
    """The candidate's mean over the baseline's; one value a case on each side, in one order.

    The bootstrap draws cases, so both values of a case stay together. Fewer than five cases have
    no interval worth the name. Raises ValueError for arrays of different lengths.
    Source: Efron & Tibshirani (1993), chapter 13 (percentile interval).
    """
    return _ratio(baseline, candidate, confidence_level, seed, _mean, "ratio of means")


def ratio_of_p95(
    baseline: NDArray[np.float64],
    candidate: NDArray[np.float64],
    confidence_level: float = 0.95,
    *,
    seed: int = 0,
) -> RatioEstimate:
    """As `ratio_of_means`, for the 95th percentile."""
    return _ratio(baseline, candidate, confidence_level, seed, _p95, "ratio of 95th percentiles")


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = values.mean(axis=-1)
    return found


def _p95(values: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.percentile(values, 95, axis=-1)
    return found


def _ratio(
    baseline: NDArray[np.float64],
    candidate: NDArray[np.float64],
    confidence_level: float,
    seed: int,
    figure: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    method: str,
) -> RatioEstimate:
    if baseline.shape != candidate.shape or baseline.ndim != 1:
        raise ValueError("found arrays of different lengths")
    cases = len(baseline)
    nothing = RatioEstimate(
        estimate=None, low=None, high=None, cases=cases, confidence_level=confidence_level,
        seed=seed, method=method,
    )  # fmt: skip
    if cases < FEWEST_CASES or figure(baseline) <= 0:
        return nothing
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, cases, size=(_RESAMPLES, cases))
    below, above = figure(baseline[drawn]), figure(candidate[drawn])
    usable = below > 0
    ratios = above[usable] / below[usable]
    tail = (1 - confidence_level) / 2
    low, high = np.quantile(ratios, [tail, 1 - tail])
    return RatioEstimate(
        estimate=float(figure(candidate) / figure(baseline)),
        low=float(low),
        high=float(high),
        cases=cases,
        confidence_level=confidence_level,
        seed=seed,
        method=f"{method}, bootstrap over cases, {_RESAMPLES} draws",
    )
