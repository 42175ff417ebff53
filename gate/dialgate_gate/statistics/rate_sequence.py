"""An interval of a rate that holds at every look: live evidence is looked at every day.

Two-sided, where `statistics.upper_rate` bounds one side more tightly. Knows counts only.
"""

from __future__ import annotations

from math import inf, lgamma, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_A = _B = 0.5


def log_product_against(events: int, reviews: int, rate: float) -> float:
    """The log e-value against "the rate is `rate`", after `events` in `reviews`.

    A mixture of likelihood ratios over all rates, by Jeffreys' prior Beta(1/2, 1/2). Where the rate
    is `rate` it is a nonnegative martingale that starts at 1, so the chance that it ever reaches
    1/alpha is at most alpha, however often one looks (Ville 1939; Robbins 1970; the beta-binomial
    mixture as in Howard, Ramdas, McAuliffe & Sekhon 2021, section 3).
    """
    mixed = _log_beta(events + _A, reviews - events + _B) - _log_beta(_A, _B)
    ones = events * log(rate) if rate > 0 else (-inf if events else 0.0)
    zeros = (reviews - events) * log(1 - rate) if rate < 1 else (-inf if reviews > events else 0.0)
    return mixed - ones - zeros


def rate_interval(events: int, reviews: int, confidence: float) -> tuple[float, float]:
    """The rates that the evidence does not exclude, at any number of looks.

    Estimates: which rate of ones have so many of so many reviews? `events` of `reviews`, both from
    0; `confidence` between 0 and 1. Without reviews every rate is left. Assumes that each review's
    chance is the rate, whatever came before; a rate that moves is not covered. Raises ValueError
    for counts that can't be.

    >>> [round(end, 4) for end in rate_interval(96, 189, 0.95)]
    [0.3852, 0.63]
    >>> rate_interval(0, 0, 0.95)
    (0.0, 1.0)
    """
    if not 0 <= events <= reviews or not 0 < confidence < 1:
        raise ValueError(f"found {events} events of {reviews} at confidence {confidence}")
    if reviews == 0:
        return 0.0, 1.0
    rate, limit = events / reviews, -log(1 - confidence)

    def is_excluded(value: float) -> bool:
        return log_product_against(events, reviews, value) >= limit

    return _end(0.0, rate, is_excluded), _end(1.0, rate, is_excluded)


def _end(outside: float, inside: float, is_excluded: Callable[[float], bool]) -> float:
    """Where the excluded rates end, between one that may be excluded and one that is not."""
    if not is_excluded(outside):
        return outside
    for _ in range(60):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if is_excluded(middle) else (outside, middle)
    # The excluded side: an end is never nearer than the evidence says.
    return outside


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def difference_interval(
    before: tuple[float, float], after: tuple[float, float]
) -> tuple[float, float]:
    """The differences, after minus before, that two intervals leave; holds where both do."""
    return after[0] - before[1], after[1] - before[0]


def ratio_interval(
    before: tuple[float, float], after: tuple[float, float]
) -> tuple[float, float | None]:
    """The ratios, after over before, that two intervals leave; None: no upper end."""
    low = after[0] / before[1] if before[1] else 0.0
    return low, after[1] / before[0] if before[0] else None
