"""The search finds what breaks it among noisy answers, with the error that it states."""

from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.blame.question import Answer, BrokenCase, Question, broken_case, error_of
from dialgate_gate.blame.search import Blame, Search, SpentError

CASES = tuple(BrokenCase(id=str(number), holds=0.9, breaks=0.3) for number in range(5))


def exact(size: int, guilty: set[int]) -> Blame:
    def ask(choice: frozenset[int]) -> Answer:
        return Answer.BREAKS if guilty <= choice else Answer.HOLDS

    return Search(size, ask).run()


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_without_noise_exactly_the_guilty_changes_are_named(of: tuple[int, set[int]]) -> None:
    size, guilty = of
    if guilty:
        found = exact(size, guilty)
        assert set(found.breaks) == guilty
        assert len(found.mends) == 1
        assert found.is_done


def test_one_change_needs_no_question() -> None:
    assert exact(1, {0}) == Blame(breaks=(0,), mends=(0,), questions=0, is_done=True)


def test_two_causes_that_each_suffice_are_not_mended_by_one() -> None:
    def ask(choice: frozenset[int]) -> Answer:
        return Answer.BREAKS if choice & {2, 5} else Answer.HOLDS

    found = Search(8, ask).run()
    assert found.breaks == (2,)
    assert found.mends == ()


def test_a_spent_budget_says_what_is_left() -> None:
    answers = iter([Answer.HOLDS, Answer.BREAKS])

    def ask(_: frozenset[int]) -> Answer:
        try:
            return next(answers)
        except StopIteration:
            raise SpentError from None

    found = Search(8, ask).run()
    assert (found.breaks, found.is_done) == ((4, 5, 6, 7), False)


def search(seed: int, guilty: set[int], size: int = 40) -> tuple[set[int], int]:
    """One search over noisy trials: what it named and what it cost."""
    chance = random.Random(seed)
    spent = asked = 0

    def ask(choice: frozenset[int]) -> Answer:
        nonlocal spent, asked
        asked += 1
        question = Question(CASES, error_of(asked, 0.05))
        while question.answer is None:
            case = CASES[question.trials % len(CASES)]
            rate = case.breaks if guilty <= choice else case.holds
            question.take(case.id, chance.random() < rate)
        spent += question.trials
        return question.answer

    return set(Search(size, ask).run().breaks), spent


@pytest.mark.parametrize("guilty", [{17}, {39}])
def test_a_line_among_forty_is_found_with_a_noisy_agent(guilty: set[int]) -> None:
    found = [search(seed, guilty) for seed in range(100)]
    assert sum(named == guilty for named, _ in found) >= 95
    assert statistics.median(spent for _, spent in found) <= 150


def test_two_lines_that_break_only_together_are_found() -> None:
    found = [search(seed, {3, 30}) for seed in range(100)]
    assert sum(named == {3, 30} for named, _ in found) >= 90


def test_the_errors_of_all_questions_stay_under_the_search_s() -> None:
    assert sum(error_of(number, 0.05) for number in range(1, 10_000)) < 0.05


@pytest.mark.parametrize(("truth", "rate"), [(Answer.BREAKS, 0.3), (Answer.HOLDS, 0.9)])
def test_a_question_is_answered_wrongly_no_more_often_than_stated(
    truth: Answer, rate: float
) -> None:
    chance = random.Random(1)
    wrong = 0
    for _ in range(2_000):
        question = Question(CASES, 0.05)
        while question.answer is None:
            question.take("1", chance.random() < rate)
        wrong += question.answer is not truth
    assert wrong / 2_000 <= 0.05


def test_a_case_whose_rates_lie_together_tells_nothing() -> None:
    assert broken_case("c", before=(3, 3), now=(0, 3)).tells
    assert not broken_case("c", before=(1, 2), now=(1, 2)).tells
