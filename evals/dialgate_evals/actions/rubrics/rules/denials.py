"""Whether a phrase is affirmed where it stands, denied, or left open.

A scan of clauses, not grammar: one denying word before the phrase in its clause denies it; two, a
question, a condition, or a denial from which a comma or "and" parts it leave it open. What it
can't tell it says so. Source of the idea: Chapman et al. (2001), "A simple algorithm for
identifying negated findings" (NegEx), with open instead of a guess.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from dialgate_evals.actions.rubrics.rules.folded_text import words_before
from dialgate_evals.actions.rubrics.rules.language_words import (
    DENYING,
    DENYING_BEHIND,
    HALF_DENYING,
    INTERJECTIONS,
    JOINING,
    LEAVING_OPEN,
    NO_DENIAL,
    TURNING,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.actions.rubrics.rules.folded_text import Clause, FoldedText


_MOST_PLACES = 200
"""Of a phrase in one text that are looked at; one that says it more often leaves it open."""

_REACH = 12
"""Clauses of its sentence, on either side, in which a denial of a phrase is looked for."""


class Stance(StrEnum):
    """How a text stands to a phrase in one place."""

    AFFIRMED = "affirmed"
    DENIED = "denied"
    OPEN = "open"


def stances(text: FoldedText, phrase: Sequence[str]) -> Iterator[Stance]:
    """The stance at every place where the folded words of the phrase stand one after the other.

    A word that ends with `*` stands for every word that begins so.
    """
    if not phrase:
        return
    seen = 0
    for number, clause in enumerate(text.clauses):
        for index in _places(clause.words, phrase):
            seen += 1
            if text.is_foreign or seen > _MOST_PLACES:
                yield Stance.OPEN
                if seen > _MOST_PLACES:
                    return
            else:
                yield _stance(text.clauses, number, index, len(phrase))


def may_be_denied(text: FoldedText, place: int) -> bool:
    """Whether a denying word stands before the place in its clause, and no "but" between them."""
    words = words_before(text.plain, place)
    turned = max((i + 1 for i, word in enumerate(words) if word in TURNING), default=0)
    return any(True for _ in _denials(words[turned:]))


def _places(words: Sequence[str], phrase: Sequence[str]) -> Iterator[int]:
    for index in range(len(words) - len(phrase) + 1):
        if all(_fits(words[index + k], part) for k, part in enumerate(phrase)):
            yield index


def _fits(word: str, part: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else word == part


def _stance(clauses: Sequence[Clause], number: int, index: int, length: int) -> Stance:
    clause = clauses[number]
    before, behind = clause.words[:index], _up_to_turn(clause.words[index + length :])
    turned = max((i + 1 for i, word in enumerate(before) if word in TURNING), default=0)
    heard = before[turned:]
    places = [*_denials(heard)]
    is_half = heard[places[-1]] in HALF_DENYING if places else False
    later = [behind[place] for place in _denials(behind)]
    count = len(places) + sum(word in DENYING_BEHIND for word in later) - (is_half and bool(later))
    if (
        clause.is_asked
        or count > 1
        or not DENYING_BEHIND.issuperset(later)
        or _leaves_open((*heard, *clause.words[index : index + length], *behind))
        or any(word in JOINING for place in places[-1:] for word in heard[place:])
        or (not turned and _is_denied_near(clauses, number))
    ):
        return Stance.OPEN
    return Stance.DENIED if count else Stance.AFFIRMED


def _up_to_turn(words: Sequence[str]) -> Sequence[str]:
    end = next((i for i, word in enumerate(words) if word in TURNING or word in JOINING), None)
    return words if end is None else words[:end]


def _denials(words: Sequence[str]) -> Iterator[int]:
    """Places of denying words; French `ne … pas` is one."""
    half = None
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        if word in HALF_DENYING:
            half = index
        elif (word, following) in NO_DENIAL:
            continue
        elif word in DENYING:
            half = None
            yield index
    if half is not None:
        yield half


def _is_denied_near(clauses: Sequence[Clause], number: int) -> bool:
    """Whether another clause of the sentence denies or leaves open: it may reach over.

    So may one in a sentence with too many clauses to be looked through.
    """
    around = list(islice(_around(clauses, number), 2 * _REACH + 1))
    return len(around) > 2 * _REACH or any(_reaches_over(words) for words in around)


def _around(clauses: Sequence[Clause], number: int) -> Iterator[Sequence[str]]:
    """The sentence's other clauses, as far as no word turns away from them."""
    here = clauses[number].sentence
    words = clauses[number].words
    for other in range(number - 1, -1, -1):
        if clauses[other].sentence != here or words[0] in TURNING:
            break
        words = clauses[other].words
        yield words
    for other in range(number + 1, len(clauses)):
        if clauses[other].sentence != here or clauses[other].words[0] in TURNING:
            break
        yield clauses[other].words


def _reaches_over(words: Sequence[str]) -> bool:
    if INTERJECTIONS.issuperset(words):
        return False
    return any(True for _ in _denials(words)) or _leaves_open(words)


def _leaves_open(words: Sequence[str]) -> bool:
    """Whether a word says that it isn't sure; May beside a number is a month."""
    return any(
        word in LEAVING_OPEN and not (word == "may" and _has_digits_beside(words, index))
        for index, word in enumerate(words)
    )


def _has_digits_beside(words: Sequence[str], index: int) -> bool:
    beside = (*words[max(0, index - 1) : index], *words[index + 1 : index + 2])
    return any(word[0].isdigit() for word in beside)
