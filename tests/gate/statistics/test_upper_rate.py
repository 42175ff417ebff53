"""The promotion bound holds at every look, and says how far a class is from its limit."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.statistics.upper_rate import (
    log_product_below,
    reviews_to_limit,
    upper_rate_bound,
)


def most_interventions(reviews: int, limit: float, confidence: float, from_count: int) -> int:
    """The most interventions that still show a rate under the limit; -1: none do."""
    count = from_count
    while count + 1 <= reviews and shows(count + 1, reviews, limit, confidence):
        count += 1
    return count


def shows(events: int, reviews: int, limit: float, confidence: float) -> bool:
    return log_product_below(events, reviews, limit) >= -log(1 - confidence) and (
        events / reviews < limit
    )


@pytest.mark.parametrize(
    ("limit", "confidence"), [(0.02, 0.95), (0.005, 0.99), (0.2, 0.9)], ids=str
)
def test_a_class_at_the_limit_is_promoted_wrongly_in_at_most_the_stated_share_of_1000_daily_looks(
    limit: float, confidence: float
) -> None:
    classes, days, per_day = 2_000, 1_000, 20
    generator = np.random.default_rng(5)
    interventions = generator.binomial(per_day, limit, size=(classes, days)).cumsum(axis=1)
    allowed, count = [], -1
    for day in range(1, days + 1):
        count = most_interventions(day * per_day, limit, confidence, count)
        allowed.append(count)
    share = np.mean((interventions <= np.array(allowed)).any(axis=1))
    assert share <= 1 - confidence
    # Far below it the bound would be of no use.
    assert share >= (1 - confidence) / 10


@pytest.mark.parametrize(
    ("events", "reviews", "limit"), [(0, 50, 0.05), (3, 200, 0.03), (9, 20, 0.7)]
)
def test_the_evidence_is_the_mixture_by_numerical_integration(
    events: int, reviews: int, limit: float
) -> None:
    def prior(rate: float) -> float:
        return float((rate * (1 - rate)) ** -0.5)

    def term(rate: float) -> float:
        ratio = events * log(rate / limit) + (reviews - events) * log((1 - rate) / (1 - limit))
        return prior(rate) * exp(ratio)

    whole, _ = scipy.integrate.quad(prior, 0, limit)
    part, _ = scipy.integrate.quad(term, 0, limit, limit=200)
    assert exp(log_product_below(events, reviews, limit)) == pytest.approx(part / whole, rel=1e-6)


@given(
    reviews=st.integers(1, 3_000),
    share=st.floats(0, 1),
    limit=st.floats(0.001, 0.9),
    confidence=st.sampled_from([0.9, 0.95, 0.99]),
)
def test_the_bound_excludes_exactly_the_limits_that_the_evidence_speaks_against(
    reviews: int, share: float, limit: float, confidence: float
) -> None:
    events = int(share * reviews)
    bound = upper_rate_bound(events, reviews, confidence)
    assert events / reviews <= bound <= 1
    if abs(bound - limit) > 1e-9:
        assert (bound < limit) == shows(events, reviews, limit, confidence)


@given(reviews=st.integers(1, 2_000), events=st.integers(0, 20))
def test_one_more_intervention_never_lowers_the_bound_and_one_more_approval_never_raises_it(
    reviews: int, events: int
) -> None:
    events = min(events, reviews)
    bound = upper_rate_bound(events, reviews, 0.95)
    assert upper_rate_bound(events + 1, reviews + 1, 0.95) >= bound - 1e-12
    assert upper_rate_bound(events, reviews + 1, 0.95) <= bound + 1e-12


@given(
    reviews=st.integers(0, 2_000),
    share=st.floats(0, 0.03),
    limit=st.sampled_from([0.005, 0.02, 0.1]),
    least=st.integers(0, 1_000),
)
def test_what_is_said_to_be_missing_reaches_the_limit(
    reviews: int, share: float, limit: float, least: int
) -> None:
    events = int(share * reviews)
    needed = reviews_to_limit(events, reviews, limit=limit, confidence=0.95, least=least)
    if needed is None:
        assert events / reviews > limit / 2
        return
    more, most = needed
    assert reviews + more >= least
    assert upper_rate_bound(events + most, reviews + more, 0.95) <= limit + 1e-9
    if most < more:
        assert upper_rate_bound(events + most + 1, reviews + more, 0.95) > limit - 1e-9


def test_a_rate_at_the_limit_is_not_reachable() -> None:
    assert reviews_to_limit(4, 200, limit=0.02, confidence=0.95, least=200) is None


def test_without_a_limit_only_the_number_of_reviews_is_missing() -> None:
    needed = reviews_to_limit(9, 10, limit=1.0, confidence=0.95, least=200)
    assert needed is not None
    assert needed[0] == 190


@pytest.mark.parametrize(
    ("events", "reviews", "confidence"), [(2, 1, 0.9), (-1, 1, 0.9), (0, 1, 1)]
)
def test_impossible_counts_are_refused(events: int, reviews: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="found"):
        upper_rate_bound(events, reviews, confidence)
