"""Steering puts trials where they decide; it may be wrong and decides nothing."""

from __future__ import annotations

import numpy as np
import pytest
from dialgate_gate.verdict.blocks.options import OPTIONS
from dialgate_gate.verdict.blocks.steering import best_stake, group_cases, plan_block


def cases(stable: int, flaky: int) -> tuple[np.ndarray, np.ndarray]:
    """So many that passed 10 of 10, so many that passed 6 of 10."""
    return np.r_[np.full(stable, 10), np.full(flaky, 6)], np.full(stable + flaky, 10)


def test_cases_that_vary_get_more_trials_than_those_that_always_pass() -> None:
    plan = plan_block(group_cases(*cases(80, 20)), margin=0.05, need=3.0)
    assert plan is not None
    trials = np.array([o.candidate_trials + o.baseline_trials for o in OPTIONS])[plan.options]
    assert trials[80:].mean() > trials[:80].mean()


def test_a_plan_for_several_units_runs_every_candidate() -> None:
    plan = plan_block(group_cases(*cases(80, 20)), margin=0.05, need=3.0, only_certain=True)
    assert plan is not None
    assert all(OPTIONS[place].is_certain for place in plan.options)
    assert best_stake(group_cases(*cases(80, 20)), plan.options, margin=0.05) > 0


def test_without_a_margin_no_block_helps() -> None:
    assert plan_block(group_cases(*cases(10, 0)), margin=0.0, need=3.0) is None


@pytest.mark.parametrize("seed", range(5))
def test_cases_alike_share_a_row_and_the_order_is_irrelevant(seed: int) -> None:
    passes, trials = cases(7, 5)
    order = np.random.default_rng(seed).permutation(12)
    groups, shuffled = group_cases(passes, trials), group_cases(passes[order], trials[order])
    assert np.allclose(groups.posterior, shuffled.posterior)
    assert (groups.of_case[order] == shuffled.of_case).all()
