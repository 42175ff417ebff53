"""A judge's errors are bounded by labels, however often one looks at them."""

from __future__ import annotations

import numpy as np
import pytest

from dialgate_gate.statistics.judged.judge_errors import (
    Labelled,
    estimate_errors,
    labels_wanted,
    lower_bound,
)


def test_without_labels_nothing_is_known_of_the_judge() -> None:
    found = estimate_errors(right=Labelled(0, 0), wrong=Labelled(0, 0), error=0.05)
    assert (found.sensitivity.low, found.sensitivity.high) == (0.0, 1.0)
    assert found.sensitivity.estimate is None
    assert found.youden == (-1.0, 1.0)


def test_a_judge_that_says_yes_to_everything_has_no_specificity() -> None:
    found = estimate_errors(right=Labelled(100, 0), wrong=Labelled(50, 50), error=0.05)
    assert found.specificity.low == 0.0
    assert found.youden[0] <= 0


def test_more_labels_of_the_same_share_bring_the_bounds_nearer() -> None:
    few, many = (
        estimate_errors(right=Labelled(n, n / 10), wrong=Labelled(n, n / 20), error=0.01)
        for n in (40, 400)
    )
    assert few.youden[0] < many.youden[0] < many.youden[1] < few.youden[1]


def test_looking_after_every_label_and_stopping_at_the_bound_errs_no_more_often() -> None:
    """People label until the judge is licensed: a bound for a fixed number would be broken."""
    least, judges = 0.8, 600
    rng = np.random.default_rng(20)
    mistakes = (rng.random((judges, 150)) >= least).cumsum(axis=1)
    looks = np.arange(10, 151, 5)
    allowed = [_most_mistakes(int(n), least) for n in looks]
    licensed = (mistakes[:, looks - 1] <= np.array(allowed)).any(axis=1)
    assert licensed.mean() <= 0.05
    assert licensed.any()  # else the bound would be of no use


def _most_mistakes(cases: int, least: float) -> int:
    fit = [k for k in range(cases + 1) if lower_bound(Labelled(cases, k), 0.95) >= least]
    return max(fit, default=-1)


def test_shares_of_a_mistake_count_as_less_than_whole_ones() -> None:
    assert lower_bound(Labelled(40, 1.5), 0.95) < lower_bound(Labelled(40, 1), 0.95)
    assert lower_bound(Labelled(40, 1.5), 0.95) > lower_bound(Labelled(40, 2), 0.95)


@pytest.mark.parametrize("least", [0.7, 0.8, 0.9])
def test_the_labels_wanted_are_the_fewest_that_reach_the_bound(least: float) -> None:
    wanted = labels_wanted(Labelled(10, 0), least, 0.95)
    assert wanted
    assert lower_bound(Labelled(10 + wanted, 0), 0.95) >= least
    assert lower_bound(Labelled(9 + wanted, 0), 0.95) < least


def test_no_number_of_labels_licenses_a_judge_that_errs_more_often_than_allowed() -> None:
    assert labels_wanted(Labelled(50, 15), 0.9, 0.95) is None
    assert labels_wanted(Labelled(100, 0), 0.9, 0.95) == 0


def test_a_shift_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="shift"):
        estimate_errors(right=Labelled(1, 0), wrong=Labelled(1, 0), error=0.05, shift=-0.1)
