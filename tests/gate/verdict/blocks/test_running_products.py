"""The running products are fair games, however the loss is spread: by enumeration."""

from __future__ import annotations

from itertools import product
from math import exp, log

import numpy as np
import pytest

from dialgate_gate.verdict.blocks.options import OPTIONS, Option, differences
from dialgate_gate.verdict.blocks.running_products import (
    SHARED_STAKES,
    SHARED_WEIGHTS,
    LossProduct,
    MarginProduct,
)

# baseline and candidate rates of three cases that lost 0.2 on average, in five ways
WAYS = {
    "spread": ((1.0, 0.8), (0.6, 0.4), (0.3, 0.1)),
    "stable only": ((1.0, 0.4), (0.6, 0.6), (0.3, 0.3)),
    "flaky only": ((1.0, 1.0), (0.6, 0.3), (0.3, 0.0)),
    "one case broken": ((0.6, 0.0), (1.0, 1.0), (0.3, 0.3)),
    "traded": ((1.0, 0.2), (0.6, 1.0), (0.9, 0.7)),
}
MIXED = (Option(1, 0), Option(2, 1), Option(1, 1, 1.0, 0.25))


def mean_factor(
    rates: tuple[tuple[float, float], ...], options: tuple[Option, ...], stakes: tuple[float, ...]
) -> float:
    """The exact mean of one block's factor at a margin of 0.2."""
    listed = [
        list(differences(option, before, now))
        for option, (before, now) in zip(options, rates, strict=True)
    ]
    total = 0.0
    for drawn in product(*listed):
        running = MarginProduct(cases=len(rates), margin=0.2)
        weights = (1.0,) if len(stakes) == 1 else SHARED_WEIGHTS
        running.add(np.array([value for _, value in drawn]), stakes=stakes, weights=weights)
        total += float(np.prod([chance for chance, _ in drawn])) * exp(running.log_value)
    return total


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stakes", [(0.08,), (0.48,), (0.9,), SHARED_STAKES], ids=str)
def test_a_block_does_not_grow_on_average_while_the_loss_is_the_margin(
    way: str, stakes: tuple[float, ...]
) -> None:
    assert mean_factor(WAYS[way], MIXED, stakes) <= 1 + 1e-9


@pytest.mark.parametrize("option", [o for o in OPTIONS if o.candidate_chance > 0.3])
def test_no_option_makes_it_grow(option: Option) -> None:
    assert mean_factor(WAYS["traded"], (option,) * 3, (0.26,)) <= 1 + 1e-9


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_pairs_show_no_loss_that_is_not_there(way: str, loss: float) -> None:
    """Against "at most this": turned around the releases gained, so the mean is at most 1."""
    rates = [(now, before) if loss == 0 else (before, now) for before, now in WAYS[way]]
    listed = [list(differences(Option(1, 1), before, now)) for before, now in rates]
    total = 0.0
    for drawn in product(*listed):
        running = LossProduct(cases=3)
        running.add(np.array([value for _, value in drawn]))
        total += float(np.prod([chance for chance, _ in drawn])) * exp(running.log_value(loss))
    assert total <= 1 + 1e-9


def test_the_bound_is_where_the_product_reaches_its_threshold() -> None:
    running = MarginProduct(cases=60, margin=0.1)
    running.add(np.zeros(60), stakes=(0.6,))
    bound = running.bound(0.05)
    assert -60 * log(1 - 0.6 * bound) == pytest.approx(log(20), abs=1e-6)


def test_what_was_excluded_stays_excluded() -> None:
    running = MarginProduct(cases=60, margin=0.1)
    running.add(np.zeros(60), stakes=(0.9,))
    first = running.bound(0.05)
    running.add(np.full(60, -0.5), stakes=(0.9,))
    assert running.bound(0.05) == first


def test_a_block_of_an_outage_may_only_count_against_the_release() -> None:
    helped, hurt = (MarginProduct(cases=10, margin=0.1) for _ in range(2))
    helped.add(np.zeros(10), stakes=(0.5,), is_capped=True)
    hurt.add(np.full(10, -1.0), stakes=(0.5,), is_capped=True)
    assert helped.log_value == 0
    assert hurt.log_value < 0


def test_the_kept_product_is_that_of_all_blocks() -> None:
    rng = np.random.default_rng(1)
    running = MarginProduct(cases=12, margin=0.1)
    product = 0.0
    for number in range(8):
        differences = rng.choice([-1.0, 0.0, 0.5], size=12)
        stake = (0.2, 0.6)[number % 2]
        running.add(differences, stakes=(stake,), is_capped=number == 5)
        brings = float(np.log(1 + stake * differences).sum()) - 12 * log(1 - stake * 0.1)
        product += min(brings, 0) if number == 5 else brings
        assert running.log_value == pytest.approx(product)


def test_a_mixture_that_goes_on_is_kept_as_one() -> None:
    rng = np.random.default_rng(2)
    blocks = [rng.choice([-0.5, 0.0, 0.5], size=6) for _ in range(3)]
    apart, joined = (MarginProduct(cases=6, margin=0.1) for _ in range(2))
    for number, found in enumerate(blocks):
        joined.add(found, stakes=SHARED_STAKES, weights=SHARED_WEIGHTS, is_continued=True)
        apart.add(found, stakes=SHARED_STAKES, weights=SHARED_WEIGHTS)
        assert len(joined.segments) == 1
        assert (joined.log_value == apart.log_value) == (number == 0)
    sums = np.log(1 + np.outer(SHARED_STAKES, np.concatenate(blocks))).sum(axis=1)
    norms = 18 * np.log(1 - np.array(SHARED_STAKES) * 0.1)
    whole = np.logaddexp.reduce(np.log(SHARED_WEIGHTS) + sums - norms)
    assert joined.log_value == pytest.approx(float(whole))


def test_the_highest_product_of_a_loss_is_found_as_blocks_come() -> None:
    rng = np.random.default_rng(3)
    running = LossProduct(cases=20)
    highest = 0.0
    for _ in range(30):
        running.add(rng.choice([-1.0, 0.0, 1.0], p=[0.4, 0.4, 0.2], size=20))
        highest = max(highest, running.log_value(0.05))
        error = exp(-highest)
        assert running.shows(0.05, error * 1.001)
        assert not running.shows(0.05, error * 0.999)


def test_another_number_of_cases_or_too_high_a_stake_is_refused() -> None:
    running = MarginProduct(cases=2, margin=0.1)
    with pytest.raises(ValueError, match="1 differences of 2 cases"):
        running.add(np.zeros(1), stakes=(0.5,))
    with pytest.raises(ValueError, match="stake too high"):
        running.add(np.array([-4.0, 0.0]), stakes=(0.5,))


def test_a_loss_over_a_bound_is_shown_by_pairs() -> None:
    running = LossProduct(cases=40)
    assert running.bound(0.01) == -1.0
    for _ in range(3):
        running.add(np.r_[np.full(20, -1.0), np.zeros(20)])
    assert 0 < running.bound(0.01) < 0.5
    assert running.shows(0.0, 0.01)
    assert not running.shows(0.5, 0.01)
