"""An upper bound of a rate that holds at every look, and how many reviews would reach a limit.

One-sided and therefore shorter than one side of a two-sided sequence. Knows counts only; leaves
what a limit means to `dialgate_gate.ladder.recommendation`.
"""

from __future__ import annotations

from functools import lru_cache
from math import asin, ceil, lgamma, log, sqrt

from dialgate_gate.statistics.binomial_bounds import regularised_incomplete_beta

_A = _B = 0.5
_NEAR = 1e-13
"""Of the bracket's width to its upper end: nearer than what rounding leaves of the evidence."""

_MOST_REVIEWS = 10_000_000


def log_product_below(events: float, reviews: float, limit: float) -> float:
    """The log e-value against "the rate is `limit` or more", after `events` in `reviews`.

    A mixture of likelihood ratios over all rates below the limit, by Jeffreys' prior cut off at
    the limit. For any rate at or over the limit it is a test supermartingale, so the chance that
    it ever reaches 1/alpha is at most alpha, however often one looks (Ville 1939; Robbins 1970;
    the one-sided mixture as in Howard, Ramdas, McAuliffe & Sekhon 2021, section 3).
    `limit` is in 0 to 1, both left out; `events` may be a fraction, for forecasts.
    """
    a, b = events + _A, reviews - events + _B
    part = _log_beta_below(limit, a, b) - _log_beta_below(limit, _A, _B)
    return part - events * log(limit) - (reviews - events) * log(1 - limit)


def upper_rate_bound(events: float, reviews: float, confidence: float) -> float:
    """The least limit that the evidence excludes: the rate lies below it, at any number of looks.

    1.0 where nothing is excluded. Raises ValueError for counts that can't be.

    >>> round(upper_rate_bound(0, 200, 0.95), 4)
    0.0188
    >>> upper_rate_bound(0, 0, 0.95)
    1.0
    """
    if not 0 <= events <= reviews or not 0 < confidence < 1:
        raise ValueError(f"found {events} events of {reviews} at confidence {confidence}")
    if events == reviews:
        return 1.0
    return _least_excluded(events, reviews, -log(1 - confidence))


@lru_cache(maxsize=4096)
def _least_excluded(events: float, reviews: float, asked: float) -> float:
    """Where the evidence reaches what is asked: the excluded end of the last bracket.

    False position; the end that stays for the second time counts half (Illinois: Dowell and
    Jarratt 1971). Some seventeen evaluations.
    """
    low, high = events / reviews, 1 - 1e-12
    below = above = 0.0
    moved = 0
    for _ in range(100):
        width = high - low
        middle = (low + high) / 2
        if below < 0 < above:
            middle = min(max(high - above * width / (above - below), low), high)
            if not low < middle < high:
                middle = (low + high) / 2
        if not low < middle < high or width <= _NEAR * high:
            break
        found = log_product_below(events, reviews, middle) - asked
        if found >= 0:
            high, above, below = middle, found, below / 2 if moved > 0 else below
            moved = 1
        else:
            low, below, above = middle, found, above / 2 if moved < 0 else above
            moved = -1
    return high


def reviews_to_limit(
    events: float, reviews: int, *, limit: float, confidence: float, least: int
) -> tuple[int, int] | None:
    """How many more reviews would show a rate below the limit, and the interventions they may hold.

    Goes on at the rate so far (none where there are no reviews yet). `least`: reviews asked for
    whatever the bound. None: not reachable at that rate. (0, 0): it is reached.
    """

    def is_reached(more: int, extra: float) -> bool:
        total = reviews + more
        if total < least or limit <= 0 or total == 0:
            return False
        if limit >= 1:
            return True
        found = log_product_below(events + extra, total, limit)
        return (events + extra) / total < limit and found >= -log(1 - confidence)

    if is_reached(0, 0):
        return 0, 0
    rate = events / reviews if reviews else 0.0
    if limit < 1 and rate >= limit:
        return None
    high = max(1, least - reviews)
    while not is_reached(high, rate * high):
        high *= 2
        if high > _MOST_REVIEWS:
            return None
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_reached(middle, rate * middle) else (middle, high)
    return high, _most_events(high, ceil(rate * high), is_reached)


def _most_events(more: int, near: int, is_reached):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - any data
    while near > 0 and not is_reached(more, near):
        near -= 1
    while near < more and is_reached(more, near + 1):
        near += 1
    return near


def _log_beta_below(x: float, a: float, b: float) -> float:
    """The log of the incomplete beta function B(x; a, b), also where its share underflows."""
    if a == b == _A:
        return log(2 * asin(sqrt(x)))  # the arcsine distribution
    whole = lgamma(a) + lgamma(b) - lgamma(a + b)
    share = regularised_incomplete_beta(x, a, b)
    if share > 1e-280:
        return whole + log(share)
    # Far in the lower tail the integrand at its end tells the size (DLMF 8.17.22's leading term);
    # it is a lower bound, so the evidence is never overstated.
    return a * log(x) + b * log(1 - x) - log(a)
