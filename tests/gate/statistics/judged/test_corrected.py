"""Rates and differences are corrected for the judge's errors, and hold whatever the judge is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.statistics.binomial_bounds import clopper_pearson
from dialgate_gate.statistics.judged.corrected_difference import (
    correct_difference,
    shown_margin,
    tolerated_loss,
    weights_where_judged,
    weights_where_not_judged,
)
from dialgate_gate.statistics.judged.corrected_rate import correct_rate
from dialgate_gate.statistics.judged.judge_errors import JudgeErrors, Labelled, estimate_errors

KNOWN = estimate_errors(right=Labelled(10**6, 10**5), wrong=Labelled(10**6, 2 * 10**5), error=0.01)
"""A judge with sensitivity .9 and specificity .8, known as well as a million labels tell."""
BLIND = estimate_errors(right=Labelled(200, 0), wrong=Labelled(200, 190), error=0.01)
rates = st.floats(0, 1)


def test_a_judged_rate_is_turned_back_into_the_true_one() -> None:
    judged = 0.9 * 0.7 + 0.2 * 0.3
    found = correct_rate(judged, (judged, judged), KNOWN, error=0.0)
    assert found.estimate == pytest.approx(0.7, abs=1e-4)
    assert found.low <= 0.7 <= found.high
    assert found.high - found.low < 0.01


def test_a_blind_judge_says_nothing_of_the_rate() -> None:
    found = correct_rate(0.99, (0.97, 1.0), BLIND, error=0.05)
    assert (found.estimate, found.low, found.high) == (None, 0.0, 1.0)


def test_an_interval_that_does_not_hold_its_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="found the rate"):
        correct_rate(0.5, (0.6, 0.7), KNOWN, error=0.05)


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.95, 0.9), (0.8, 0.99), (0.7, 0.7)])
def test_the_corrected_rate_covers_the_true_one(sensitivity: float, specificity: float) -> None:
    rng = np.random.default_rng(3)
    rate, trials, gates, missed = 0.85, 150, 150, 0
    for _ in range(gates):
        errors = _drawn(sensitivity, specificity, 120, rng)
        right = rng.random(trials) < rate
        votes = np.where(right, rng.random(trials) < sensitivity, rng.random(trials) >= specificity)
        seen = int(votes.sum())
        own = clopper_pearson(seen, trials, 0.98)
        found = correct_rate(seen / trials, own, errors, error=0.04)
        missed += not found.low <= rate <= found.high
    assert missed / gates <= 0.05


def _drawn(
    sensitivity: float, specificity: float, labels: int, rng: np.random.Generator
) -> JudgeErrors:
    right = labels // 2
    return estimate_errors(
        right=Labelled(right, int(rng.binomial(right, 1 - sensitivity))),
        wrong=Labelled(labels - right, int(rng.binomial(labels - right, 1 - specificity))),
        error=0.01,
    )


def _observed(acted: float, right: float, errors: tuple[float, float], weight: float) -> float:
    """The mean of a side's failure score: acting wrongly weighs so much, a judge's no weighs 1."""
    sensitivity, specificity = errors
    passed = sensitivity * right + (1 - specificity) * (acted - right)
    return weight * (1 - acted) + (acted - passed)


@given(rates, rates, rates, rates, st.floats(0.5, 1), st.floats(0.5, 1))
def test_a_loss_shows_as_youdens_index_of_it_however_acting_and_replying_mix(
    acted_before: float, share_before: float, acted: float, share: float, s: float, c: float
) -> None:
    """A candidate that acts better and replies worse hides nothing of its loss."""
    before, now = acted_before * share_before, acted * share
    shown = _observed(acted_before, before, (s, c), c) - _observed(acted, now, (s, c), c)
    assert shown == pytest.approx((s + c - 1) * (now - before), abs=1e-9)


def test_unweighted_votes_would_hide_a_loss_behind_better_acting() -> None:
    s, c = 0.95, 0.8
    shown = _observed(0.9, 0.9, (s, c), 1) - _observed(1.0, 0.85, (s, c), 1)
    assert shown > -(s + c - 1) * 0.05 + 0.01


def test_bounds_of_the_weights_hold_the_true_ones() -> None:
    judged, other = weights_where_judged(KNOWN), weights_where_not_judged(KNOWN)
    assert judged.low < 0.8 < judged.high
    assert other.low < 0.7 < other.high


def test_the_margin_shrinks_by_what_the_judge_may_miss_and_by_what_it_may_shift() -> None:
    assert shown_margin(0.1, KNOWN) == pytest.approx(0.07, abs=1e-3)
    shifting = estimate_errors(
        right=Labelled(10**6, 10**5), wrong=Labelled(10**6, 2 * 10**5), error=0.01, shift=0.02
    )
    assert shown_margin(0.1, shifting) == pytest.approx(0.05, abs=1e-3)
    assert tolerated_loss(0.0, shifting) == 0.02
    assert shown_margin(0.1, BLIND) < 0


def test_an_interval_grows_by_what_the_judge_hides() -> None:
    low, high = correct_difference((-0.07, 0.14), KNOWN)
    assert low == pytest.approx(-0.1, abs=1e-3)
    assert high == pytest.approx(0.2, abs=1e-3)
    assert correct_difference((0.0, 0.1), BLIND) == (-1.0, 1.0)


def test_a_gain_is_corrected_on_the_safe_side_too() -> None:
    low, high = correct_difference((0.07, 0.14), KNOWN)
    assert 0 < low <= 0.1
    assert high >= 0.2
