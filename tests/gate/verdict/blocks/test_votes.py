"""How failures count where a judge decides in some cases, and by which criteria."""

from __future__ import annotations

import numpy as np
import pytest

from dialgate_gate.statistics.judged.judge_errors import JudgeErrors, Labelled, estimate_errors
from dialgate_gate.verdict.blocks.votes import Votes, make_votes

A, B = ("a",), ("b",)


def known(sensitivity: float, specificity: float) -> JudgeErrors:
    """A judge known nearly exactly."""
    n = 10**6
    return estimate_errors(
        right=Labelled(n, n * (1 - sensitivity)),
        wrong=Labelled(n, n * (1 - specificity)),
        error=0.01,
    )


def weights(deciding: dict[int, tuple[str, ...]], **errors: JudgeErrors) -> Votes:
    by_criteria: dict[tuple[str, ...], JudgeErrors] = {(n,): found for n, found in errors.items()}
    made = make_votes(deciding, len(deciding), by_criteria)
    assert made is not None
    return made


def test_without_a_criterion_that_decides_there_are_no_weights() -> None:
    assert make_votes({0: (), 1: ()}, 2, {}) is None


def test_a_failure_by_acting_weighs_the_specificity_and_elsewhere_youdens_index() -> None:
    votes = weights({0: A, 1: ()}, a=known(0.9, 0.8))
    assert votes.weight.seen == pytest.approx([0.8, 0.7])
    assert (votes.weight.low < votes.weight.seen).all()
    assert (votes.weight.seen < votes.weight.high).all()


def test_what_counts_against_the_candidate_is_never_more_than_what_counts_for_it() -> None:
    votes = weights({0: A, 1: B, 2: ()}, a=known(0.9, 0.8), b=known(0.8, 0.7))
    members = np.arange(3)
    rng = np.random.default_rng(1)
    for _ in range(20):
        acting, voted = rng.uniform(-1, 1, size=(2, 3))
        low, high = (
            votes.difference(members, acting, voted, against=against) for against in (True, False)
        )
        assert (low <= high).all()


def test_a_loss_that_one_criterion_hardly_finds_hides_behind_no_gain_of_another() -> None:
    """Half the cases gain as judged by a good criterion, half lose as judged by a poor one."""
    good, poor = (0.99, 0.99), (0.8, 0.7)
    votes = weights({0: A, 1: B}, a=known(*good), b=known(*poor))
    margin, gain = 0.1, 0.4
    loss = gain + 2 * margin
    voted = np.array([gain * (sum(good) - 1), -loss * (sum(poor) - 1)])
    shown = votes.difference(np.arange(2), np.zeros(2), voted, against=True).mean()
    assert shown <= -votes.shown_margin(margin) + 1e-9
    assert voted.mean() > -votes.shown_margin(margin)  # as it would show without the scale


def test_the_estimate_is_the_true_difference() -> None:
    votes = weights({0: A, 1: A}, a=known(0.9, 0.8))
    found = votes.estimate(np.arange(2), np.array([0.0, 0.0]), np.array([-0.07, -0.14]))
    assert found == pytest.approx([-0.1, -0.2])


def test_without_labels_there_is_no_estimate() -> None:
    nothing = estimate_errors(right=Labelled(0, 0), wrong=Labelled(0, 0), error=0.01)
    votes = weights({0: A}, a=nothing)
    assert votes.estimate(np.arange(1), np.zeros(1), np.zeros(1)) is None
    assert votes.shown_margin(0.1) < 0
