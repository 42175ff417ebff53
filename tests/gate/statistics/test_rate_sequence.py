"""The interval of a live rate holds at every look, and the comparison of two with it."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.event_cube import Bucket
from dialgate_gate.statistics.bucketed import daily_slope, percentile
from dialgate_gate.statistics.rate_sequence import (
    difference_interval,
    log_product_against,
    rate_interval,
    ratio_interval,
)


@pytest.mark.parametrize(("rate", "confidence"), [(0.02, 0.95), (0.5, 0.9), (0.97, 0.95)], ids=str)
def test_a_rate_is_ever_outside_its_interval_in_at_most_the_stated_share_of_1000_daily_looks(
    rate: float, confidence: float
) -> None:
    classes, days, per_day = 2_000, 1_000, 20
    generator = np.random.default_rng(11)
    ones = generator.binomial(per_day, rate, size=(classes, days)).cumsum(axis=1)
    is_out = np.zeros(classes, dtype=bool)
    for day in range(1, days + 1):
        reviews, counts = day * per_day, ones[:, day - 1]
        known = {
            int(count): log_product_against(int(count), reviews, rate) >= -log(1 - confidence)
            for count in np.unique(counts)
        }
        is_out |= np.array([known[int(count)] for count in counts])
    assert is_out.mean() <= 1 - confidence
    # Far below it the interval would be wider than it need be.
    assert is_out.mean() >= (1 - confidence) / 10


@pytest.mark.parametrize(
    ("events", "reviews", "rate"), [(0, 50, 0.05), (3, 200, 0.03), (9, 20, 0.7), (20, 20, 0.9)]
)
def test_the_evidence_is_the_mixture_by_numerical_integration(
    events: int, reviews: int, rate: float
) -> None:
    def term(other: float) -> float:
        ratio = events * log(other / rate) + (reviews - events) * log((1 - other) / (1 - rate))
        return float((other * (1 - other)) ** -0.5) * exp(ratio) / np.pi

    mixed, _ = scipy.integrate.quad(term, 0, 1, limit=200)
    assert exp(log_product_against(events, reviews, rate)) == pytest.approx(mixed, rel=1e-6)


@given(reviews=st.integers(1, 5_000), share=st.floats(0, 1), other=st.floats(0.0001, 0.9999))
def test_the_interval_leaves_exactly_the_rates_that_the_evidence_does_not_exclude(
    reviews: int, share: float, other: float
) -> None:
    events = int(share * reviews)
    low, high = rate_interval(events, reviews, 0.95)
    assert 0 <= low <= events / reviews <= high <= 1
    if min(abs(other - low), abs(other - high)) > 1e-9:
        is_left = log_product_against(events, reviews, other) < -log(0.05)
        assert (low <= other <= high) == is_left


@given(reviews=st.integers(0, 2_000), share=st.floats(0, 1))
def test_what_is_counted_the_other_way_round_has_the_mirrored_interval(
    reviews: int, share: float
) -> None:
    events = int(share * reviews)
    low, high = rate_interval(events, reviews, 0.95)
    other_low, other_high = rate_interval(reviews - events, reviews, 0.95)
    assert (other_low, other_high) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_without_reviews_every_rate_is_left() -> None:
    assert rate_interval(0, 0, 0.95) == (0.0, 1.0)


def test_reviews_without_an_event_bound_the_rate_and_leave_zero() -> None:
    low, high = rate_interval(0, 200, 0.95)
    assert low == 0.0
    assert 3 / 200 < high < 0.05


@pytest.mark.parametrize(
    ("events", "reviews", "confidence"), [(2, 1, 0.9), (-1, 1, 0.9), (0, 1, 1.0)]
)
def test_impossible_counts_are_refused(events: int, reviews: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="found"):
        rate_interval(events, reviews, confidence)


def test_a_comparison_holds_whatever_both_intervals_leave() -> None:
    assert difference_interval((0.25, 0.5), (0.5, 0.75)) == (0.0, 0.5)
    assert ratio_interval((0.25, 0.5), (0.5, 0.75)) == (1.0, 3.0)
    assert ratio_interval((0.0, 0.0), (0.0, 0.5)) == (0.0, None)


@given(st.lists(st.floats(1e-3, 1e9), min_size=1, max_size=60), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_of_buckets_is_within_one_percent_of_the_nearest_rank(
    values: list[float], share: float
) -> None:
    found: dict[int, list[float]] = {}
    for value in values:
        found.setdefault(int(np.floor(log(value) / log(1.02))), []).append(value)
    buckets = [
        Bucket(count=len(items), least=min(items), most=max(items))
        for _, items in sorted(found.items())
    ]
    exact = sorted(values)[max(1, int(np.ceil(share * len(values)))) - 1]
    assert percentile(buckets, share) == pytest.approx(exact, rel=0.0101)


def test_without_values_there_is_no_percentile() -> None:
    assert percentile((), 0.5) is None


def test_the_slope_is_that_of_weighted_least_squares_and_needs_seven_days() -> None:
    days = [(10 + day, 5 + day % 3, day % 4) for day in range(9)]
    number, reviews, ones = (np.array(column, dtype=float) for column in zip(*days, strict=True))
    expected = np.polyfit(number, ones / reviews, 1, w=np.sqrt(reviews))[0]
    assert daily_slope([*days, (40, 0, 0)]) == pytest.approx(expected, rel=1e-9)
    assert daily_slope(days[:6]) is None
