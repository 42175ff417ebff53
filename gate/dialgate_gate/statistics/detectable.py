"""What evidence of this size could show: the smallest loss, and the cases that a margin needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, lgamma, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dialgate_gate.statistics.paired_counts import PairedCounts

_EXACT_UP_TO = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectableDrop:
    """The smallest uniform loss of the success rate that the exact test shows with the power."""

    drop: float | None
    # None: not even a loss of all successes would show
    pairs: int
    # trials of the side with fewer of them
    alpha: float
    power: float


def detectable_drop(counts: PairedCounts, alpha: float, power: float = 0.8) -> DetectableDrop:
    """The smallest loss, the same for every trial, that these trials would show.

    Assumes the baseline's observed rate for every pair of trials, and the exact sign test on
    pairs; over 400 pairs its normal approximation. Holm's sharing can only ask for more.
    """
    usable = counts.comparable
    pairs = int(min(usable.baseline_trials.sum(), usable.candidate_trials.sum()))
    if pairs == 0:
        return DetectableDrop(drop=None, pairs=0, alpha=alpha, power=power)
    rate = float(np.mean(usable.baseline_passed / usable.baseline_trials))
    drop = _smallest_drop(pairs, rate, alpha, power)
    return DetectableDrop(drop=drop, pairs=pairs, alpha=alpha, power=power)


def loss_power(counts: PairedCounts, loss: float, alpha: float) -> float:
    """How often these trials would show such a loss, the same for every trial, at this alpha.

    Under the assumptions of `detectable_drop`; a loss larger than the baseline's rate takes all.
    """
    usable = counts.comparable
    pairs = int(min(usable.baseline_trials.sum(), usable.candidate_trials.sum()))
    if pairs == 0:
        return 0.0
    rate = float(np.mean(usable.baseline_passed / usable.baseline_trials))
    return _power(pairs, rate, min(loss, rate), alpha)


@lru_cache(maxsize=4096)
def _smallest_drop(pairs: int, rate: float, alpha: float, power: float) -> float | None:
    """By bisection; kept, because simulated gates ask for the same sizes and rates again."""
    if _power(pairs, rate, rate, alpha) < power:
        return None
    low, high = 0.0, rate
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if _power(pairs, rate, middle, alpha) >= power else (middle, high)
    return high


def trials_for_margin(margin: float, confidence_level: float) -> int:
    """How many comparable cases without a loss exclude a loss over the margin.

    Solves (1 - margin)^n = (1 - confidence_level) / 2. Raises ValueError for a margin of 0.

    >>> trials_for_margin(0.05, 0.95)
    72
    """
    if not 0 < margin < 1:
        raise ValueError(f"found the margin {margin}; no number of trials shows it")
    return ceil(log((1 - confidence_level) / 2) / log(1 - margin))


def _power(pairs: int, rate: float, drop: float, alpha: float) -> float:
    """Chance that the sign test on `pairs` shows a loss from `rate` to `rate - drop`."""
    broken = rate * (1 - rate + drop)
    fixed = (1 - rate) * (rate - drop)
    if pairs > _EXACT_UP_TO:
        return _normal_power(pairs, broken, fixed, alpha)
    discordant = broken + fixed
    if discordant <= 0:
        return 0.0
    shown = 0.0
    for m, chance in enumerate(_binomial(pairs, min(discordant, 1.0))):
        if chance > 1e-12:
            shown += chance * _sign_test_power(m, broken / discordant, alpha)
    return float(shown)


def _sign_test_power(m: int, share: float, alpha: float) -> float:
    """Chance that of `m` discordant pairs enough are broken for p <= alpha."""
    critical = _critical(m, alpha)
    if critical is None:
        return 0.0
    return float(_binomial(m, min(share, 1.0))[critical:].sum())


@lru_cache(maxsize=4096)
def _critical(m: int, alpha: float) -> int | None:
    """How many broken of `m` discordant pairs give p <= alpha; None: not even all.

    Kept, as a bisection asks for the same numbers of pairs at every step.
    """
    upper = np.cumsum(_binomial(m, 0.5)[::-1])[::-1]
    found = np.nonzero(upper <= alpha)[0]
    return int(found[0]) if len(found) else None


def _normal_power(pairs: int, broken: float, fixed: float, alpha: float) -> float:
    normal = NormalDist()
    spread = sqrt(max(broken + fixed - (broken - fixed) ** 2, 1e-12) / pairs)
    critical = normal.inv_cdf(1 - alpha) * sqrt((broken + fixed) / pairs)
    return normal.cdf((broken - fixed - critical) / spread)


def _binomial(n: int, p: float) -> NDArray[np.float64]:
    """All probabilities of a binomial, through logarithms."""
    if p in {0.0, 1.0}:
        table = np.zeros(n + 1)
        table[n if p else 0] = 1.0
        return table
    k = np.arange(n + 1)
    found: NDArray[np.float64] = np.exp(_log_choose(n) + k * log(p) + (n - k) * log(1 - p))
    return found


@lru_cache(maxsize=_EXACT_UP_TO + 1)
def _log_choose(n: int) -> NDArray[np.float64]:
    """The logarithm of every binomial coefficient of `n`, not to be written to."""
    table = np.array([lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) for i in range(n + 1)])
    table.flags.writeable = False
    return table
