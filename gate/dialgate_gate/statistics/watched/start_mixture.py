"""When evidence of a change is first enough: a mixture over when it came and over bets on it.

Knows log factors in their order; leaves making them to `watched.bets` and what they mean to
`live.alarms`. The same mixture over starts as `statistics.rise_detector`, for any bets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.statistics.rise_detector import spent_weight, start_weight

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = 1 << 15
"""Observations that are looked at together: bounded memory, whatever their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where evidence first reached what was asked."""

    place: int
    # of the observation that showed it, from 0
    start: int
    # the most likely first observation of the change, from 0
    log_e_value: float


def first_crossing(
    log_factors: NDArray[np.float64], alpha: float, *, first_share: float = 0.0
) -> Crossing | None:
    """The first observation at which a change is shown; None: at none of them.

    `log_factors`: bets by observations; each the log of a factor whose mean, whatever came before,
    is at most 1 where nothing has changed. `first_share`: of the weight, on a change that came
    with the very first observation (a new release); the rest is `rise_detector.start_weight`.
    The mixture is then a nonnegative supermartingale that starts at 1, and the chance that it ever
    reaches 1/alpha is at most alpha (Ville 1939; Shiryaev 1963; as an e-detector Shin, Ramdas &
    Rinaldo 2024). Raises ValueError for an alpha or a share that can't be.
    """
    if not 0 < alpha < 1 or not 0 <= first_share < 1:
        raise ValueError(f"found alpha {alpha} and a first share of {first_share}")
    bets, count = log_factors.shape
    scan = _Scan(bets, first_share)
    for begin in range(0, count, _BLOCK):
        log_e_values = scan.add(log_factors[:, begin : begin + _BLOCK])
        found = np.flatnonzero(log_e_values >= -np.log(alpha))
        if found.size:
            place = begin + int(found[0])
            start = _most_likely(log_factors[:, : place + 1], first_share)
            return Crossing(place=place, start=start, log_e_value=float(log_e_values[found[0]]))
    return None


def log_e_value(
    log_factors: NDArray[np.float64], *, first_share: float = 0.0
) -> NDArray[np.float64]:
    """The log e-value after each observation."""
    bets, count = log_factors.shape
    scan = _Scan(bets, first_share)
    parts = [scan.add(log_factors[:, at : at + _BLOCK]) for at in range(0, count, _BLOCK)]
    return np.concatenate(parts) if parts else np.zeros(0)


class _Scan:
    """The mixture while it goes over blocks of observations."""

    def __init__(self, bets: int, first_share: float) -> None:
        self._first_share = first_share
        self._seen = 0
        self._product = np.zeros((bets, 1))
        # log of each bet's product of all factors
        self._starts = np.full((bets, 1), -np.inf)
        # log of the sum over starts of weight over the product before the start

    def add(self, log_factors: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log e-value after each observation of the next block."""
        bets, count = log_factors.shape
        products = self._product + np.cumsum(log_factors, axis=1)
        before = np.concatenate([self._product, products[:, :-1]], axis=1)
        weights = log_weights(self._seen, count, self._first_share) - before
        joined = np.concatenate([self._starts, weights], axis=1)
        starts = np.logaddexp.accumulate(joined, axis=1)[:, 1:]
        self._product, self._starts = products[:, -1:], starts[:, -1:]
        waiting = _waiting(self._seen, count, self._first_share)
        self._seen += count
        mixed = np.logaddexp.reduce(products + starts, axis=0) - np.log(bets)
        found: NDArray[np.float64] = np.logaddexp(mixed, waiting)
        return found


def log_weights(seen: int, count: int, first_share: float) -> NDArray[np.float64]:
    """The log weights of starts at the next `count` observations after `seen` of them."""
    numbers = range(seen + 1, seen + count + 1)
    # Weights are the same over long blocks: few of them are computed.
    found = np.empty(count)
    at = 0
    while at < count:
        number = numbers[at]
        last = 8192 if number <= 8192 else 1 << (number - 1).bit_length()
        length = min(last - number + 1, count - at)
        found[at : at + length] = np.log((1 - first_share) * start_weight(number))
        at += length
    if seen == 0 and first_share:
        found[0] = np.logaddexp(found[0], np.log(first_share))
    return found


def _waiting(seen: int, count: int, first_share: float) -> NDArray[np.float64]:
    """The log of the weight of all starts that are still to come: a stake of 1 that waits."""
    spent = spent_weight(seen) + np.cumsum(np.exp(log_weights(seen, count, 0.0)))
    left = np.maximum(1e-300, (1 - first_share) * (1 - spent))
    found: NDArray[np.float64] = np.log(left)
    return found


def _most_likely(log_factors: NDArray[np.float64], first_share: float) -> int:
    """The start of the largest term; over all bets."""
    count = log_factors.shape[1]
    products = np.cumsum(log_factors, axis=1)
    before = np.concatenate([np.zeros((len(products), 1)), products[:, :-1]], axis=1)
    terms = products[:, -1:] + log_weights(0, count, first_share) - before
    return int(np.argmax(terms.max(axis=0)))
