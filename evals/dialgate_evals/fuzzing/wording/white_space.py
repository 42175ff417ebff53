"""More white space than needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import body_start, bound_words, last_request, with_request
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_BETWEEN = re.compile(r"(?<=[a-z,;]) (?=[a-z])")


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:  # noqa: ARG001 - every relation is asked so
    request = last_request(case.document)
    if request is None:
        return None
    text, bound = request[1], bound_words(case.document)
    kind = draw.below(3)
    if kind == 0:
        return Altered(
            document=with_request(case.document, f"{text}\n\n "), what="empty lines at the end"
        )
    if kind == 1:
        return Altered(
            document=with_request(case.document, text.replace("\n", "\n\n")),
            what="every line break is doubled",
        )
    places = [
        found.start()
        for found in _BETWEEN.finditer(text, body_start(text))
        if not {word.lower() for word in re.findall(r"\w+", _around(text, found.start()))} & bound
    ]
    if not places:
        return None
    at = draw.pick(places)
    space = draw.pick(["  ", "\t", "   ", "\u00a0"])
    changed = f"{text[:at]}{space}{text[at + 1 :]}"
    return Altered(
        document=with_request(case.document, changed), what=f"other space at character {at}"
    )


def _around(text: str, at: int) -> str:
    """The words on both sides of a place."""
    return f"{text[:at].rsplit(maxsplit=1)[-1]} {text[at:].split(maxsplit=1)[0]}"


RELATION = Relation(
    name="white-space",
    family=Family.SAME,
    keeps="the same actions, however much white space there is",
    vary=_vary,
)
