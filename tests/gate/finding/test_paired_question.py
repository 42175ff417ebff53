"""A variant that fails no more often than its original is hardly ever a finding."""

from __future__ import annotations

import random

import pytest

from dialgate_gate.finding.paired_question import PairedQuestion, Wanted


def ask(rng: random.Random, *, original: float, variant: float, error: float) -> tuple[bool, int]:
    question, trials = PairedQuestion(error), 0
    while (wanted := question.wanted) is not None:
        trials += 1
        rate = variant if wanted is Wanted.VARIANT else original
        question.take(rng.random() < rate)
    assert question.answer is not None
    return question.answer, trials


@pytest.mark.parametrize("rate", [0.3, 0.5, 0.8, 0.95])
def test_noise_is_no_finding(rate: float) -> None:
    rng = random.Random(1)
    found = sum(ask(rng, original=rate, variant=rate, error=0.02)[0] for _ in range(2000))
    assert found / 2000 < 0.02


def test_what_always_fails_is_found_by_few_trials() -> None:
    rng = random.Random(2)
    for error, most in ((0.01, 8), (0.0001, 16)):
        found, trials = ask(rng, original=1.0, variant=0.0, error=error)
        assert found
        assert trials <= most


def test_what_often_fails_is_mostly_found() -> None:
    rng = random.Random(3)
    found = sum(ask(rng, original=0.98, variant=0.3, error=0.01)[0] for _ in range(300))
    assert found / 300 > 0.6


def test_an_original_that_fails_too_ends_it() -> None:
    rng = random.Random(4)
    found, trials = ask(rng, original=0.0, variant=0.0, error=0.01)
    assert not found
    assert trials <= 4


def test_a_trial_that_cannot_be_run_finds_nothing() -> None:
    question = PairedQuestion(0.01)
    question.take(passed=False)
    question.give_up()
    assert question.answer is False
    assert question.wanted is None
