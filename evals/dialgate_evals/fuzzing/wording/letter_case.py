"""The request is written in capitals, or all in small letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import WORD, bound_words, last_request, with_request
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
    index, text = request
    bound = bound_words(case.document)
    change, what = draw.pick(
        [(str.lower, "in small letters"), (str.upper, "in capitals"), (str.title, "Like a Title")]
    )
    lines = text.split("\n")
    at = draw.below(len(lines))
    if not lines[at].strip() or (index == 0 and at == 0 and len(lines) > 1):
        at = len(lines) - 1  # a first line is often a head that a machine wrote

    def other(found: re.Match[str]) -> str:
        word, line = found[0], found.string
        beside = (
            line[max(0, found.start() - 1) : found.start()] + line[found.end() : found.end() + 1]
        )
        is_part = any(sign in beside for sign in "@./_-0123456789")
        return word if word.lower() in bound or is_part else change(word)

    lines[at] = WORD.sub(other, lines[at])
    return Altered(
        document=with_request(case.document, "\n".join(lines)), what=f"a line is written {what}"
    )


RELATION = Relation(
    name="letter-case",
    family=Family.SAME,
    keeps="the same actions, in capitals or small letters",
    vary=_vary,
)
