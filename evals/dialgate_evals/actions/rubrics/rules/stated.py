"""The deterministic layer: what a criterion declares, decided on a text without a model.

Every entry holds, doesn't, or can't be told; one that doesn't decides. Says "unsure" rather than
guess: what can't be told goes to a model, where there is one. A word that is absent is absent for
sure only where the criterion has no text by which it could be said otherwise.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from dialgate_evals.actions.rubrics.criterion import Ask
from dialgate_evals.actions.rubrics.rules.compared import compare_texts
from dialgate_evals.actions.rubrics.rules.date_forms import days_in, means, without_days
from dialgate_evals.actions.rubrics.rules.denials import Stance, may_be_denied, stances
from dialgate_evals.actions.rubrics.rules.folded_text import fold_words, read_text
from dialgate_evals.actions.rubrics.rules.language_words import RELATIVE_DAYS
from dialgate_evals.actions.rubrics.rules.number_forms import numbers_in, numerals_in
from dialgate_evals.actions.rubrics.votes import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dialgate_evals.actions.rubrics.criterion import Alternatives, Criterion, Statements
    from dialgate_evals.actions.rubrics.rules.folded_text import FoldedText
    from dialgate_evals.actions.rubrics.rules.number_forms import StatedNumber


class Told(Struct, frozen=True, kw_only=True):
    """What the rules can tell of a criterion on a text."""

    answer: Answer
    # yes, no or unsure
    reason: str


_MOST_PLACES = 50
"""Of a number or a day in one text that are looked at; each reads the text before it."""

_NOTHING_DECLARED = Told(answer=Answer.UNSURE, reason="it declares nothing that needs no model")

_YES, _NO, _OPEN = Answer.YES, Answer.NO, Answer.UNSURE


def tell(criterion: Criterion, text: str) -> Told:
    """What the criterion's declarations come to on the text; unsure where a model has to say."""
    if criterion.same_as is not None:
        found = compare_texts(expected=criterion.same_as, actual=text)
        return Told(answer=found[0], reason=found[1])
    if not criterion.has_statements:
        return _NOTHING_DECLARED
    read = read_text(text)
    if read.is_too_long:
        return Told(answer=_OPEN, reason="the text is too long to be looked through")
    told = [
        *_wanted(criterion.must, read, may_be_said_otherwise=bool(criterion.text)),
        *_unwanted(criterion.must_not, read),
    ]
    for answer in (_NO, _OPEN):
        reasons = [item.reason for item in told if item.answer is answer]
        if reasons:
            return Told(answer=answer, reason=", ".join(reasons))
    if criterion.ask is Ask.HELD:
        return Told(answer=_OPEN, reason="what it declares holds, and a model is asked too")
    return Told(answer=_YES, reason=", ".join(item.reason for item in told))


def _wanted(must: Statements, read: FoldedText, *, may_be_said_otherwise: bool) -> Iterator[Told]:
    absent = _OPEN if may_be_said_otherwise else _NO
    for entry in must.say:
        yield _of_stances(entry, read, Stance.AFFIRMED, absent)
    for entry in must.deny:
        yield _of_stances(entry, read, Stance.DENIED, absent)
    for entry, look in _facts(must):
        found = look(read, entry)
        words = {_YES: "states", _NO: "does not state", _OPEN: "may state"}[found]
        yield Told(answer=found, reason=f"it {words} {_shown(entry)}")


def _unwanted(must_not: Statements, read: FoldedText) -> Iterator[Told]:
    """What must not be stated; what may hide behind look-alikes is not known to be absent."""
    absent = _OPEN if read.has_lookalikes else _YES
    for wanted, entries in ((Stance.AFFIRMED, must_not.say), (Stance.DENIED, must_not.deny)):
        for entry in entries:
            found = [stance for part in entry for stance in stances(read, _phrase(part))]
            if wanted in found:
                yield Told(answer=_NO, reason=f"it says {_shown(entry)}{_how(wanted)}")
            elif Stance.OPEN in found:
                yield Told(answer=_OPEN, reason=f"it may say {_shown(entry)}{_how(wanted)}")
            else:
                yield Told(answer=absent, reason=f"it does not say {_shown(entry)}{_how(wanted)}")
    for entry, look in _facts(must_not):
        opposite = {_YES: _NO, _NO: absent, _OPEN: _OPEN}[look(read, entry)]
        words = {_YES: "does not state", _NO: "states", _OPEN: "may state"}[opposite]
        yield Told(answer=opposite, reason=f"it {words} {_shown(entry)}")


def _of_stances(entry: Alternatives, read: FoldedText, wanted: Stance, absent: Answer) -> Told:
    found = {stance for part in entry for stance in stances(read, _phrase(part))}
    shown = f"{_shown(entry)}{_how(wanted)}"
    if found == {wanted}:
        return Told(answer=_YES, reason=f"it says {shown}")
    if not found:
        return Told(answer=absent, reason=f"it does not say {shown} in these words")
    if Stance.OPEN in found or wanted in found:
        return Told(answer=_OPEN, reason=f"it can't be told whether it says {shown}")
    return Told(answer=_NO, reason=f"it says the opposite of {shown}")


def _facts(
    statements: Statements,
) -> Iterator[tuple[Alternatives, Callable[[FoldedText, Alternatives], Answer]]]:
    for entry in statements.numbers:
        yield entry, _states_number
    for entry in statements.dates:
        yield entry, _states_day
    for entry in statements.names:
        yield entry, _names


def _states_number(read: FoldedText, entry: Alternatives) -> Answer:
    found = _numbers_of(read.plain)
    wanted = {Decimal(part) for part in entry}
    stated = [item for item in found if item.readings and set(item.readings) <= wanted]
    if stated:
        return _YES if _is_affirmed(read, [item.start for item in stated]) else _OPEN
    near = wanted | {-value for value in wanted}
    if any(not near.isdisjoint(item.readings) or not item.readings for item in found):
        return _OPEN
    numerals = numerals_in(read.plain)
    return _OPEN if any(numerals.may_say(value) for value in wanted) else _NO


def _is_affirmed(read: FoldedText, places: Sequence[int]) -> bool:
    """Whether one of the places has no denial before it, as "not 42.50" has; not all are asked."""
    return any(not may_be_denied(read, place) for place in places[:_MOST_PLACES])


@lru_cache(maxsize=64)
def _numbers_of(plain: str) -> tuple[StatedNumber, ...]:
    """The numbers of a text that are no part of a day; several criteria ask for them."""
    return numbers_in(without_days(plain, days_in(plain)))


def _states_day(read: FoldedText, entry: Alternatives) -> Answer:
    wanted = [dt.date.fromisoformat(part) for part in entry]
    is_there, stated = False, []
    for found in days_in(read.plain):
        fits = [any(means(reading, day) for day in wanted) for reading in found.readings]
        is_there = is_there or any(fits)
        if all(fits):
            stated.append(found.start)
    if stated and _is_affirmed(read, stated):
        return _YES
    words = {word for clause in read.clauses for word in clause.words}
    return _OPEN if is_there or not RELATIVE_DAYS.isdisjoint(words) else _NO


def _names(read: FoldedText, entry: Alternatives) -> Answer:
    """Whole words, with or without a possessive s; one in another script may be meant."""
    words = [_loose(word) for clause in read.clauses for word in clause.words]
    for part in entry:
        *first, last = [_loose(word) for word in fold_words(part)] or [""]
        for index in range(len(words) - len(first)):
            end = words[index + len(first)]
            if words[index : index + len(first)] == first and end in {last, f"{last}s"}:
                return _YES
    return _OPEN if read.has_lookalikes or read.is_foreign else _NO


def _loose(word: str) -> str:
    """`Müller`, `Mueller` and `Muller` are one name."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _phrase(part: str) -> tuple[str, ...]:
    words = fold_words(part)
    return (*words[:-1], f"{words[-1]}*") if words and part.rstrip().endswith("*") else words


def _how(stance: Stance) -> str:
    return " in the negative" if stance is Stance.DENIED else ""


def _shown(entry: Iterable[str]) -> str:
    return " or ".join(f'"{part}"' for part in entry)
