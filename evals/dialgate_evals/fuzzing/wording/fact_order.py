"""Facts come in another order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import bound_words, last_request, with_request
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_SENTENCE = re.compile(r"(?<=[.!?]) +(?=[A-Z])")
_LEANS = re.compile(
    r"(?i)(?:it|its|they|he|she|that|this|these|those|so|but|and|then|there|yes|no|also|instead"
    r"|therefore|please|never mind|or|both|one|now)\b"
)


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:  # noqa: ARG001 - every relation is asked so
    request = last_request(case.document)
    if request is None:
        return None
    lines = request[1].split("\n")
    bound = {word for word in bound_words(case.document) if word.isalpha()}
    pairs = []
    for number, line in enumerate(lines):
        if line.startswith((">", "---")):
            break
        parts = _SENTENCE.split(line)
        pairs += [
            (number, parts, at)
            for at in range(len(parts) - 1)
            if not any(
                _LEANS.match(part) or bound & set(re.findall(r"\w+", part.lower()))
                for part in parts[at : at + 2]
            )
        ]
    if not pairs:
        return None
    number, parts, at = draw.pick(pairs)
    swapped = [*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]]
    lines[number] = " ".join(swapped)
    return Altered(
        document=with_request(case.document, "\n".join(lines)),
        what="two sentences have changed places",
    )


RELATION = Relation(
    name="order-of-facts",
    family=Family.SAME,
    keeps="the same actions, in whatever order the facts are told",
    vary=_vary,
)
