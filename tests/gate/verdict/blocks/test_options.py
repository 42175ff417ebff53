"""What an option may show, exactly."""

from __future__ import annotations

import numpy as np
import pytest

from dialgate_gate.verdict.blocks.options import (
    OPTIONS,
    PAIR,
    RATES,
    STAKES,
    Option,
    differences,
    option_table,
)


def test_there_are_seventeen_and_a_pair_is_one_of_them() -> None:
    assert len(set(OPTIONS)) == len(OPTIONS) == 17
    assert OPTIONS[PAIR] == Option(1, 1)


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize(
    ("baseline", "candidate"), [(0.8, 0.8), (1.0, 0.4), (0.3, 0.9), (0.0, 0.0)]
)
def test_the_mean_difference_is_the_true_one_or_lower(
    option: Option, baseline: float, candidate: float
) -> None:
    found = list(differences(option, baseline, candidate))
    assert sum(chance for chance, _ in found) == pytest.approx(1)
    mean = sum(chance * value for chance, value in found)
    assumed = baseline if option.baseline_trials else 1.0
    assert mean == pytest.approx(candidate - assumed)
    assert min(value for _, value in found) >= -1 / option.candidate_chance - 1e-12


def test_a_stake_that_the_option_can_not_bear_is_never_chosen() -> None:
    table = option_table().growth.reshape(len(RATES), len(STAKES), len(OPTIONS))
    for place, option in enumerate(OPTIONS):
        for row, stake in enumerate(STAKES):
            bearable = stake < option.candidate_chance
            assert (table[:, row, place] > -1e8).all() == bearable


def test_a_case_that_always_passes_shows_no_difference() -> None:
    table = option_table().growth.reshape(len(RATES), len(STAKES), len(OPTIONS))
    assert np.allclose(table[-1, 0], 0)
