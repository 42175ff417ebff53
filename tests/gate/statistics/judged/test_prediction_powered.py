"""Labels on drawn replies correct votes for any judge, and the interval holds whatever it is."""

from __future__ import annotations

import numpy as np
import pytest

from dialgate_gate.statistics.judged.prediction_powered import (
    LabelledSide,
    PoweredDifference,
    powered_difference,
)

CASES = 400


def a_side(
    rng: np.random.Generator, *, right: float, passes_wrong: float, share: float = 1.0
) -> LabelledSide:
    """One trial a case; the judge lets all right replies pass and so many of the wrong ones."""
    truth = rng.random(CASES) < right
    votes = truth | (rng.random(CASES) < passes_wrong)
    drawn = rng.random(CASES) < share
    return LabelledSide(
        votes=votes.astype(float),
        mistakes=np.where(drawn, truth.astype(float) - votes, 0.0),
        chances=np.full(CASES, share),
        reach=np.full(CASES, 1 / share - 1),
        labelled=int(drawn.sum()),
    )


def found(before: LabelledSide, now: LabelledSide, error: float = 0.05) -> PoweredDifference:
    return powered_difference(
        baseline=before, candidate=now, low_error=error / 2, high_error=error / 2
    )


@pytest.mark.parametrize("share", [1.0, 0.75, 0.5])
def test_labels_find_out_a_candidate_that_pleases_the_judge(share: float) -> None:
    rng = np.random.default_rng(7)
    before = a_side(rng, right=0.98, passes_wrong=0.0, share=share)
    now = a_side(rng, right=0.6, passes_wrong=1.0, share=share)
    told = found(before, now)
    assert told.judged >= 0
    assert told.low <= told.estimate <= told.high < 0
    assert told.estimate == pytest.approx(-0.38, abs=0.12)
    assert told.labelled == (before.labelled, now.labelled)


def test_without_mistakes_the_votes_stand_and_few_labels_tell_less() -> None:
    rng = np.random.default_rng(1)
    whole, half = (a_side(rng, right=1.0, passes_wrong=0.0, share=share) for share in (1.0, 0.5))
    all_known, half_known = found(whole, whole), found(half, half)
    assert all_known.estimate == half_known.estimate == 0
    assert half_known.low < all_known.low < 0


@pytest.mark.parametrize(("passes_wrong", "share"), [(0.0, 1.0), (1.0, 0.75), (0.5, 0.5)])
def test_the_interval_is_rarely_wrong_whatever_the_judge(passes_wrong: float, share: float) -> None:
    rng = np.random.default_rng(3)
    missed = 0
    for _ in range(120):
        before = a_side(rng, right=0.9, passes_wrong=0.0, share=share)
        now = a_side(rng, right=0.8, passes_wrong=passes_wrong, share=share)
        told = found(before, now, error=0.1)
        missed += not told.low <= -0.1 <= told.high
    assert missed / 120 <= 0.1


def test_swapping_the_sides_turns_the_interval_around() -> None:
    rng = np.random.default_rng(8)
    one = a_side(rng, right=0.9, passes_wrong=0.3, share=0.5)
    other = a_side(rng, right=0.7, passes_wrong=0.1, share=0.5)
    told, back = found(one, other), found(other, one)
    assert (told.low, told.high) == pytest.approx((-back.high, -back.low))


def test_sides_of_different_length_and_chances_that_are_none_are_refused() -> None:
    rng = np.random.default_rng(1)
    one = a_side(rng, right=0.9, passes_wrong=0.0)
    few = LabelledSide(
        votes=one.votes[:2], mistakes=one.mistakes[:2], chances=one.chances[:2],
        reach=one.reach[:2], labelled=2,
    )  # fmt: skip
    with pytest.raises(ValueError, match="different lengths"):
        found(one, few)
    with pytest.raises(ValueError, match="a chance"):
        LabelledSide(
            votes=np.ones(2), mistakes=np.zeros(2), chances=np.zeros(2), reach=np.zeros(2),
            labelled=0,
        )  # fmt: skip
