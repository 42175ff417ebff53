"""Steering puts trials where they decide; it may be wrong and decides nothing."""

from __future__ import annotations

import numpy as np
import pytest

from dialgate_gate.verdict.blocks.options import OPTIONS, RATES
from dialgate_gate.verdict.blocks.steering import (
    _cheapest,
    _choose_block,
    _grouped,
    _shortfall,
    best_stake,
    choose_block,
    group_cases,
)


def cases(stable: int, flaky: int) -> tuple[np.ndarray, np.ndarray]:
    """So many that passed 10 of 10, so many that passed 6 of 10."""
    return np.r_[np.full(stable, 10), np.full(flaky, 6)], np.full(stable + flaky, 10)


def test_cases_that_vary_get_more_trials_than_those_that_always_pass() -> None:
    chosen = choose_block(group_cases(*cases(80, 20)), margin=0.05, need=3.0)
    assert chosen is not None
    trials = np.array([o.candidate_trials + o.baseline_trials for o in OPTIONS])[chosen.options]
    assert trials[80:].mean() > trials[:80].mean()


def test_a_plan_for_several_units_runs_every_candidate() -> None:
    chosen = choose_block(group_cases(*cases(80, 20)), margin=0.05, need=3.0, only_certain=True)
    assert chosen is not None
    assert all(OPTIONS[place].is_certain for place in chosen.options)
    assert best_stake(group_cases(*cases(80, 20)), chosen.options, margin=0.05) > 0


def test_without_a_margin_no_block_helps() -> None:
    assert choose_block(group_cases(*cases(10, 0)), margin=0.0, need=3.0) is None


@pytest.mark.parametrize("seed", range(5))
def test_cases_alike_share_a_row_and_the_order_is_irrelevant(seed: int) -> None:
    passes, trials = cases(7, 5)
    order = np.random.default_rng(seed).permutation(12)
    groups, shuffled = group_cases(passes, trials), group_cases(passes[order], trials[order])
    assert np.allclose(groups.posterior, shuffled.posterior)
    assert (groups.of_case[order] == shuffled.of_case).all()


def test_the_shares_of_rates_are_learnt_from_all_groups() -> None:
    """Step by step as a mixture is fitted: what each group may have, then the shares of all."""
    passes, trials = np.array([10, 10, 6, 0, 3]), np.array([10, 10, 10, 4, 3])
    found = group_cases(passes, trials)
    likelihood = RATES ** passes[:, None] * (1 - RATES) ** (trials - passes)[:, None]
    prior = np.where(RATES == 1, 0.42, np.where(RATES == 0, 0.08, 0.5 / (len(RATES) - 2)))
    shares = prior
    for _ in range(15):
        each = likelihood * shares / (likelihood * shares).sum(axis=1, keepdims=True)
        shares = (each.sum(axis=0) + 3 * prior) / (5 + 3)
    each = likelihood * shares / (likelihood * shares).sum(axis=1, keepdims=True)
    assert np.allclose(found.posterior[found.of_case], each, rtol=1e-10)
    assert found.sizes.tolist() == [1, 1, 1, 2]
    assert (found.rows[found.of_case, :2] == np.stack([passes, trials], axis=1)).all()


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_out_unasked_is_never_the_cheapest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    total, spent = rng.normal(1, 2, (4, 10)), rng.uniform(1, 200, (4, 10))
    spread, need, price = rng.uniform(0.05, 3, (4, 10)), 3.0, 0.01
    scores = {
        place: spent[place]
        + 1.5 * _shortfall(need - float(total[place]), float(spread[place])) / price
        for place in np.ndindex(total.shape)
        if total[place] > 0
    }
    found = _cheapest(need, total, spent, spread, price)
    assert found is not None
    assert scores[found] == min(scores.values())
    assert _cheapest(need, -abs(total), spent, spread, price) is None


def test_few_cases_in_a_state_of_before_are_chosen_for_as_ever() -> None:
    known = cases(20, 5)
    groups = group_cases(*known)
    assert group_cases(*known) is groups
    chosen = choose_block(groups, margin=0.05, need=3.0)
    assert chosen is choose_block(groups, margin=0.05, need=3.0)
    anew = _choose_block(_grouped(*known, np.zeros(25, dtype=np.int64)), 0.05, 3.0, False, 1.0)
    assert chosen is not None
    assert anew is not None
    assert (chosen.stake, chosen.price, chosen.cost) == (anew.stake, anew.price, anew.cost)
    assert chosen.options.tolist() == anew.options.tolist()


def test_what_is_kept_for_later_nobody_can_write_into() -> None:
    groups = group_cases(*cases(20, 5))
    chosen = choose_block(groups, margin=0.05, need=3.0)
    assert chosen is not None
    for array in (groups.rows, groups.of_case, groups.sizes, groups.posterior, chosen.options):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_many_cases_are_not_kept() -> None:
    known = cases(80, 20)
    assert group_cases(*known) is not group_cases(*known)
