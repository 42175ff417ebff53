"""What people's labels on some trials say of all judged ones: prediction-powered inference.

Nothing is assumed of the judge: it may err more on one release than on the other, or be bought by
one. Its votes on all trials are corrected by what it got wrong on those with a label, which must
have been drawn at random. Knows values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STAKES = np.array([0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9])
_STEPS = 50
# of bisection


@dataclass(frozen=True, slots=True, kw_only=True)
class PoweredDifference:
    """Candidate less baseline in the share of right trials, with a two-sided interval."""

    estimate: float
    low: float
    high: float
    judged: float
    # the difference as the judge saw it
    correction: float
    # what the labels add to it
    pairs: int
    labelled: int
    error: float
    method: str = "prediction-powered, by betting"


def mean_interval(
    values: NDArray[np.float64], ends: tuple[float, float], error: float
) -> tuple[float, float]:
    """An interval of the mean of independent values between two ends; exact at any number of them.

    Bets on the mean being over, and under, each possible one: 1 + stake * (value - mean) over the
    room that is left has mean 1 there, so the mixture over stakes reaches 2 / error with chance
    error / 2. Without values: the ends. Raises ValueError for a value outside the ends.
    Source: Waudby-Smith & Ramdas (2024), section 4, with fixed stakes.
    """
    first, last = ends
    if values.size and not (first <= values.min() and values.max() <= last):
        raise ValueError(f"found values outside {ends}")
    scaled = (values - first) / (last - first)
    low = _least_mean(scaled, error / 2)
    high = 1 - _least_mean(1 - scaled, error / 2)
    return first + (last - first) * low, first + (last - first) * high


def _least_mean(values: NDArray[np.float64], error: float) -> float:
    """The least mean of values in 0 to 1 that is not excluded from below."""
    needed = log(1 / error)
    low, high = 0.0, float(values.mean()) if values.size else 0.0
    if high <= 0 or _log_bet(values, 1e-12) < needed:
        return 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _log_bet(values, middle) >= needed else (low, middle)
    return low


def _log_bet(values: NDArray[np.float64], mean: float) -> float:
    """The log of the mixture against "the mean is at most this", for values in 0 to 1."""
    # A stake is the share of the capital at risk: it is lost where the value is 0.
    factors = 1 + np.outer(_STAKES / mean, values - mean) if mean > 0 else np.ones((1, 1))
    sums = np.log(factors).sum(axis=1)
    top = float(sums.max())
    return top + float(np.log(np.exp(sums - top).mean()))


def powered_difference(
    *,
    baseline_votes: NDArray[np.float64],
    candidate_votes: NDArray[np.float64],
    baseline_mistakes: NDArray[np.float64],
    candidate_mistakes: NDArray[np.float64],
    error: float,
) -> PoweredDifference:
    """How much better or worse the candidate is, from votes on all pairs and labels on some.

    votes: of each pair of trials (a case on both sides) whether the judge let it pass, 1 or 0.
    mistakes: of each pair drawn at random for people, on that side, label less vote: -1, 0 or 1.
    Half of `error` is for the votes, half for the mistakes, so the interval holds for any judge.
    The pairs must be independent and the labelled ones drawn without a look at votes or outcomes.
    Raises ValueError for arrays of different lengths, or without any pair.
    Source: Angelopoulos, Bates, Fannjiang, Jordan & Zrnic (2023), Science 382, with exact bounds
    in place of asymptotic ones.
    """
    votes = _less(candidate_votes, baseline_votes)
    mistakes = _less(candidate_mistakes, baseline_mistakes)
    if not votes.size:
        raise ValueError("found no pair of trials")
    seen = mean_interval(votes, (-1.0, 1.0), error / 2)
    wrong = mean_interval(mistakes, (-2.0, 2.0), error / 2)
    judged = float(votes.mean())
    correction = float(mistakes.mean()) if mistakes.size else 0.0
    return PoweredDifference(
        estimate=judged + correction,
        low=max(-1.0, seen[0] + wrong[0]),
        high=min(1.0, seen[1] + wrong[1]),
        judged=judged,
        correction=correction,
        pairs=int(votes.size),
        labelled=int(mistakes.size),
        error=error,
    )


def _less(now: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    if now.shape != before.shape:
        raise ValueError("found arrays of different lengths")
    return np.asarray(now - before, dtype=np.float64)
