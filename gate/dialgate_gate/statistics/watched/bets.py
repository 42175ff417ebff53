"""Log factors of bets against "nothing has changed": rates, means of costs, volumes.

Each factor's mean is at most 1 where its limit holds, whatever came before; what each assumes
stands with it. Leaves mixing them to `watched.start_mixture`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.statistics.rise_detector import mixed_rates

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STAKES = (0.02, 0.05, 0.1, 0.25, 0.5, 0.8)
"""Shares of the evidence that a bet on a mean risks."""

_COLLAPSES = (0.5, 0.2, 0.05)
"""Of the least volume: what is left of it."""


def bet_on_rate(ones: NDArray[np.bool_], limit: float) -> NDArray[np.float64]:
    """Bets that the rate of ones is over `limit` (0 to 1, both left out).

    Likelihood ratios of higher rates to the limit. Assumes only that each one's chance, whatever
    came before, is at most the limit where nothing has changed.
    """
    rates = np.array(mixed_rates(limit))[:, None]
    up, down = np.log(rates / limit), np.log((1 - rates) / (1 - limit))
    return np.where(ones[None, :], up, down)


def bet_on_mean(values: NDArray[np.float64], limit: float) -> NDArray[np.float64]:
    """Bets that the mean of values of 0 and more is over `limit`, which is over 0.

    Factors 1 + stake · (value / limit − 1). Assumes only that each value's mean, whatever came
    before, is at most the limit where nothing has changed: no bound of the values, no shape of
    their tails (Waudby-Smith & Ramdas 2024, section 4, one-sided).
    """
    stakes = np.array(_STAKES)[:, None]
    found: NDArray[np.float64] = np.log1p(stakes * (np.minimum(values, 1e300) / limit - 1)[None, :])
    return found


def bet_on_collapse(counts: NDArray[np.int64], least: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bets that periods hold fewer than a Poisson number with the means `least` (over 0).

    Likelihood ratios of Poisson numbers with smaller means: they fall with the count, so they are
    fair against every number that, whatever came before, is stochastically at least as large.
    """
    left = np.array(_COLLAPSES)[:, None]
    found: NDArray[np.float64] = counts[None, :] * np.log(left) + (1 - left) * least[None, :]
    return found
