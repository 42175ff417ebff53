"""The request is written in capitals, or all in small letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import (
    WORD,
    body_start,
    bound_words,
    last_request,
    with_request,
)
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    import re

    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:  # noqa: ARG001 - every relation is asked so
    request = last_request(case.document)
    if request is None:
        return None
    text = request[1]
    bound = bound_words(case.document)
    change, what = draw.pick(
        [(str.lower, "in small letters"), (str.upper, "in capitals"), (str.title, "Like a Title")]
    )
    begins = body_start(text)

    def other(found: re.Match[str]) -> str:
        word, line = found[0], found.string
        beside = line[max(0, found.start() - 1) : found.start()]
        beside += line[found.end() : found.end() + 1]
        is_part = any(sign in beside for sign in "@./_-0123456789")
        is_code = any(sign.isdigit() for sign in word) or (word.isupper() and len(word) > 1)
        return word if word.lower() in bound or is_part or is_code else change(word)

    changed = text[:begins] + WORD.sub(other, text[begins:])
    return Altered(
        document=with_request(case.document, changed), what=f"the message is written {what}"
    )


RELATION = Relation(
    name="letter-case",
    family=Family.SAME,
    keeps="the same actions, in capitals or small letters",
    vary=_vary,
)
