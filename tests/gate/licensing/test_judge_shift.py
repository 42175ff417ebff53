"""A judge that labels show to err otherwise on the candidate's texts decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from dialgate_evals.actions.rubrics.labels.label import Word
from dialgate_evals.actions.rubrics.votes import Answer
from dialgate_gate.licensing.judge_licence import license_judge
from dialgate_gate.licensing.judge_shift import JudgeShift, find_shifts
from dialgate_gate.licensing.known_judge import shifts_of
from dialgate_gate.settings.judge_policy import JudgePolicy
from tests.gate.licensing.labelled import label, measured, question, vote

if TYPE_CHECKING:
    from dialgate_gate.licensing.measured import Measurements

SIDES = ("before", "now")


def wrong_texts(*overlooked: int, each: int = 40) -> Measurements:
    """Wrong texts of the baseline and the candidate, of which the judge let so many pass."""
    labels, votes = [], []
    for side, missed in zip(SIDES, overlooked, strict=True):
        for number in range(each):
            text = f"{side} {number}"
            labels.append(label(text, Word.NO))
            votes.append(vote(text, Answer.YES if number < missed else Answer.NO))
    return measured(labels, votes)


def digests(side: str, each: int = 40) -> set[str]:
    return {question(f"{side} {number}").digest for number in range(each)}


def found(measurements: Measurements, most: float = 0.0) -> tuple[JudgeShift, ...]:
    return find_shifts(measurements.listed, ["answers"], own=digests("now"), most=most)


def test_a_judge_that_is_bought_by_the_candidate_is_found_out() -> None:
    (shift,) = found(wrong_texts(0, 30))
    assert not shift.is_right
    assert shift.difference[1] < 0
    assert 'votes on "answers" were withheld' in shift.sentence
    assert "40 cases with a label of the candidate's texts, 40 of others" in shift.sentence


def test_one_that_errs_alike_is_not() -> None:
    assert found(wrong_texts(4, 6)) == ()


def test_within_max_shift_it_may_differ() -> None:
    bought = wrong_texts(0, 30)
    assert found(bought, most=0.5) == ()
    assert found(bought, most=0.1) != ()


def test_without_labels_of_the_candidate_nothing_is_shown() -> None:
    assert find_shifts(wrong_texts(0, 40).listed, ["answers"], own=(), most=0.0) == ()


def test_a_text_of_both_sides_tells_them_not_apart() -> None:
    measurements = wrong_texts(0, 30)
    licence = license_judge(measurements, JudgePolicy(), [("answers", "refund")])
    shifts = shifts_of(licence, ["answers"], baseline=digests("before"), candidate=digests("now"))
    both = digests("before") | digests("now")
    assert shifts != ()
    assert shifts_of(licence, ["answers"], baseline=both, candidate=digests("now")) == ()


def test_a_licence_without_a_criterion_decides_nothing_on_it() -> None:
    labels = [label(f"right {n}", Word.YES) for n in range(60)]
    labels += [label(f"wrong {n}", Word.NO) for n in range(60)]
    votes = [vote(f"right {n}", Answer.YES) for n in range(60)]
    votes += [vote(f"wrong {n}", Answer.NO) for n in range(60)]
    licence = license_judge(measured(labels, votes), JudgePolicy(), [("answers", "refund")])
    assert licence.licensed("answers", "refund")
    assert not licence.without(["answers"]).licensed("answers", "refund")
    assert licence.without(["kind"]).licensed("answers", "refund")


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
def test_a_judge_that_errs_alike_is_rarely_said_not_to(share: float) -> None:
    rng = np.random.default_rng(4)
    shown = [
        bool(found(wrong_texts(*(int(n) for n in rng.binomial(40, share, size=2)))))
        for _ in range(60)
    ]
    assert np.mean(shown) <= 0.05
