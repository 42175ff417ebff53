"""Over 1 % bad rows are refused; what is wrong in every row is one sentence with its rows."""

from __future__ import annotations

import pytest

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.bad_rows import refuse_bad
from dialgate_evals.files.problems import Problem


def bad(number: int, found: str, expected: str = "another") -> Problem:
    return Problem(file="e.csv", place=f"line {number}", found=found, expected=expected)


def refused(*problems: Problem) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as caught:
        refuse_bad(problems, rows=len(problems), bad_rows=len(problems))
    return tuple(caught.value.problems)


def test_one_percent_is_borne() -> None:
    refuse_bad([bad(2, "x")], rows=100, bad_rows=1)
    with pytest.raises(ConfigurationError):
        refuse_bad([bad(2, "x")], rows=99, bad_rows=1)


def test_a_few_are_named_one_by_one() -> None:
    assert len(refused(*(bad(n, f'cost_usd "{n} EUR"') for n in range(3)))) == 3


def test_the_same_kind_in_many_rows_is_one_sentence() -> None:
    rows = [2, 3, 4, 5, 9, 11]
    others = [bad(20, 'mode "x"'), bad(21, 'cost_usd "1"', "a number")]
    first, *rest = refused(*(bad(n, f'cost_usd "{n} EUR"') for n in rows), *others)
    assert first.found == 'cost_usd "2 EUR"'
    assert first.advice == "The same in lines 3-5, 9, 11: 6 of 8 rows."
    assert rest == others


def test_rows_far_apart_are_not_all_listed() -> None:
    (only,) = refused(*(bad(2 * n, "x") for n in range(1, 40)))
    assert only.advice.endswith("20, 22 and others: 39 of 39 rows.")


def test_more_than_a_hundred_kinds_are_counted() -> None:
    words = [chr(0x4E00 + n) for n in range(120)]
    found = refused(*(bad(n, word) for n, word in enumerate(words)))
    assert len(found) == 101
    assert found[-1].found == "20 more kinds of bad rows; 120 of 120 rows in all"
