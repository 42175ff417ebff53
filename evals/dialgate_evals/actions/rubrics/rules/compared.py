"""Whether a text says the same as the expected one, as far as that needs no model.

Equal words are the same; numbers and days of which each side states some that the other doesn't
are not. The rest is for a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.rubrics.rules.date_forms import days_in, without_days
from dialgate_evals.actions.rubrics.rules.folded_text import fold_words, read_text
from dialgate_evals.actions.rubrics.rules.number_forms import numbers_in
from dialgate_evals.actions.rubrics.votes import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    Readings = frozenset[object]
    """Everything that one number or day may mean."""


def compare_texts(*, expected: str, actual: str) -> tuple[Answer, str]:
    """Yes, no or unsure, and why."""
    if not actual.strip():
        return Answer.NO, "there is no text"
    if fold_words(expected) == fold_words(actual) and _marks(expected) == _marks(actual):
        return Answer.YES, "the same words"
    reads = [read_text(expected), read_text(actual)]
    if any(read.is_too_long for read in reads):
        return Answer.UNSURE, "a text is too long to be looked through"
    days = [days_in(read.plain) for read in reads]
    if _differ(*[[frozenset(day.readings) for day in side] for side in days]):
        return Answer.NO, "it names other days than the expected text"
    numbers = [
        numbers_in(without_days(read.plain, side)) for read, side in zip(reads, days, strict=True)
    ]
    if _differ(*[[frozenset(number.readings) for number in side] for side in numbers]):
        return Answer.NO, "it states other numbers than the expected text"
    return Answer.UNSURE, "other words"


def _marks(text: str) -> tuple[str, ...]:
    """What is no word and could mean something: signs, currencies, question marks."""
    plain = read_text(text).plain
    return tuple([c for c in plain if not c.isalnum() and not c.isspace() and c not in _PLAIN])


_PLAIN = ".,;:!'\"’‘“”()[]*_`"


def _differ(expected: Sequence[Readings], actual: Sequence[Readings]) -> bool:
    """Whether each side states something for sure that no reading of the other has."""
    return _has_alone(expected, actual) and _has_alone(actual, expected)


def _has_alone(one: Sequence[Readings], other: Sequence[Readings]) -> bool:
    known: Readings = frozenset().union(*other)
    return any(readings and readings.isdisjoint(known) for readings in one)
