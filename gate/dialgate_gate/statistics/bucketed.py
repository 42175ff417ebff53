"""Percentiles of values that are known by buckets of 2 % only, and the slope of daily rates."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.events.event_cube import Bucket


def percentile(buckets: Sequence[Bucket], share: float) -> float | None:
    """The middle of the bucket that holds the value of that rank; None without values.

    The rank is the smallest that `share` of the values reach (nearest rank). A bucket's values
    differ by under 2 %, so its middle is within 1 % of each of them; one value is given exactly.

    >>> from dialgate_evals.events.event_cube import Bucket
    >>> percentile([Bucket(count=3, least=100.0, most=101.0)], 0.5)
    100.5
    """
    total = sum(bucket.count for bucket in buckets)
    rank, seen = max(1, ceil(share * total)), 0
    for bucket in buckets:
        seen += bucket.count
        if seen >= rank:
            return (bucket.least + bucket.most) / 2
    return None


LEAST_DAYS = 7
"""Under so many days with reviews a slope says nothing."""


def daily_slope(days: Sequence[tuple[int, int, int]]) -> float | None:
    """How much a rate rises a day: weighted least squares; None under LEAST_DAYS days.

    `days`: the day's number, its reviews and its interventions; days without reviews are left out.
    Each day weighs as much as it has reviews. Descriptive: no test of a trend.

    >>> daily_slope([(day, 100, day) for day in range(10)])
    0.01
    """
    known = [(day, n, k) for day, n, k in days if n]
    if len(known) < LEAST_DAYS:
        return None
    # Whole numbers until the one division: the same in any order.
    weight = sum(n for _, n, _ in known)
    moment = sum(n * day for day, n, _ in known)
    ones = sum(k for *_, k in known)
    covariance = weight * sum(day * k for day, _, k in known) - moment * ones
    variance = weight * sum(n * day * day for day, n, _ in known) - moment * moment
    return covariance / variance
