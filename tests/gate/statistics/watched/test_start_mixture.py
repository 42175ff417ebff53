"""The mixture over starts is a bet that pays 1 on average, and finds what it bets on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.statistics.rise_detector import RiseDetector
from dialgate_gate.statistics.watched import start_mixture
from dialgate_gate.statistics.watched.bets import bet_on_collapse, bet_on_mean, bet_on_rate
from dialgate_gate.statistics.watched.start_mixture import first_crossing, log_e_value, log_weights


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.sampled_from([0.02, 0.05, 0.3]))
def test_on_rates_it_says_what_the_detector_of_demotions_says(
    ones: list[bool], limit: float
) -> None:
    found = log_e_value(bet_on_rate(np.array(ones), limit))
    known = RiseDetector(limit=limit)
    for one, log_value in zip(ones, found, strict=True):
        known = known.observe(one)
        assert np.exp(log_value) == pytest.approx(known.e_value, rel=1e-9)


@given(st.integers(0, 2**32))
def test_blocks_make_no_difference(seed: int) -> None:
    factors = bet_on_rate(np.random.default_rng(seed).random(100) < 0.2, 0.1)
    whole = log_e_value(factors, first_share=0.5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(start_mixture, "_BLOCK", 7)
        assert log_e_value(factors, first_share=0.5) == pytest.approx(whole)


def test_all_weights_sum_to_one() -> None:
    weights = np.exp(log_weights(0, 1 << 20, 0.5))
    assert weights[0] > 0.5
    assert 0.85 < weights.sum() < 1
    parts = [np.exp(log_weights(at, 1 << 18, 0.5)).sum() for at in range(0, 1 << 20, 1 << 18)]
    assert sum(parts) == pytest.approx(weights.sum())


def test_a_change_is_placed_where_it_came() -> None:
    ones = np.concatenate([np.zeros(500, bool), np.tile([True, False, True], 40)])
    found = first_crossing(bet_on_rate(ones, 0.05), 0.01)
    assert found is not None
    assert abs(found.start - 500) <= 2
    assert found.place < 520


def test_what_came_with_the_first_observation_is_found_sooner() -> None:
    factors = bet_on_rate(np.tile([True, False, False, False], 40), 0.05)
    plain, first = (first_crossing(factors, 0.01, first_share=share) for share in (0.0, 0.5))
    assert plain is not None
    assert first is not None
    assert first.place < plain.place
    assert first.start == 0


def test_no_observation_shows_nothing() -> None:
    assert first_crossing(np.zeros((2, 0)), 0.05) is None


@pytest.mark.parametrize(("alpha", "share"), [(0.0, 0.0), (1.0, 0.0), (0.1, 1.0), (0.1, -0.1)])
def test_what_can_not_be_is_refused(alpha: float, share: float) -> None:
    with pytest.raises(ValueError, match="found alpha"):
        first_crossing(np.zeros((1, 1)), alpha, first_share=share)


@pytest.mark.parametrize("limit", [0.02, 1.0, 40.0])
def test_a_bet_on_a_mean_is_fair_where_the_mean_is_the_limit(limit: float) -> None:
    values = np.array([0.0, 0.0, 0.0, 4 * limit])
    means = np.exp(bet_on_mean(values, limit)).mean(axis=1)
    assert means == pytest.approx(np.ones(len(means)))


def test_a_bet_on_a_mean_survives_any_value() -> None:
    factors = bet_on_mean(np.array([0.0, 1e308, np.inf]), 1e-6)
    assert np.isfinite(factors).all()


@pytest.mark.parametrize("mean", [0.5, 3.0, 20.0])
def test_a_bet_on_a_collapse_is_fair_against_poisson_and_loses_against_more(mean: float) -> None:
    counts = np.arange(200)
    logs = counts * np.log(mean) - mean - np.cumsum(np.log(np.maximum(counts, 1)))
    paid = np.exp(bet_on_collapse(counts, np.full(200, mean)) + logs).sum(axis=1)
    assert paid == pytest.approx(np.ones(len(paid)), rel=1e-6)
    factors = bet_on_collapse(np.arange(5), np.full(5, mean))
    assert (np.diff(factors, axis=1) < 0).all()
