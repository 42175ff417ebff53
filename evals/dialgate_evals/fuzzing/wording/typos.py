"""A word is misspelt, as in a hurry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import (
    WORD,
    body_start,
    bound_words,
    is_plain,
    last_request,
    with_request,
)
from dialgate_evals.fuzzing.relation import Altered, Family, Relation
from dialgate_evals.fuzzing.substitution import is_in

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_SHORTEST = 6


def misspelt(word: str, draw: Choices) -> str:
    """Two letters inside the word change places, or one is written twice."""
    at = draw.whole(1, len(word) - 3)
    if draw.below(2) == 0 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[: at + 1] + word[at:]


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    request = last_request(case.document)
    if request is None:
        return None
    text, bound = request[1], bound_words(case.document)
    words = [
        found
        for found in WORD.finditer(text, body_start(text))
        if len(found[0]) >= _SHORTEST
        and is_plain(found[0], bound)
        and not is_in(found[0], " ".join(tool.name for tool in around.tools))
        and text[max(0, found.start() - 1)] not in "@./_-"
        and text[found.end() : found.end() + 1] not in {"@", "_", "-", "/"}
    ]
    if not words:
        return None
    word = draw.pick(words)
    new = misspelt(word[0], draw)
    return Altered(
        document=with_request(case.document, text[: word.start()] + new + text[word.end() :]),
        what=f'"{word[0]}" is written "{new}"',
    )


RELATION = Relation(
    name="typos",
    family=Family.SAME,
    keeps="the same actions, with a word misspelt",
    vary=_vary,
    share=2,
)
