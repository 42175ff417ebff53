"""Amounts are in another currency, where no rule names one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import PARTS, map_texts, texts_of
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_NAMES = {
    "USD": ("USD", "$", "dollars", "dollar"),
    "EUR": ("EUR", "€", "euros", "euro"),
    "GBP": ("GBP", "£", "pounds", "pound"),
    "CHF": ("CHF", "Fr.", "francs", "franc"),
}
_WORDS = {word: code for code, words in _NAMES.items() for word in words}
_WORD = re.compile(
    "|".join(
        rf"(?<!\w){re.escape(word)}(?!\w)" if word.isalpha() else re.escape(word)
        for word in sorted(_WORDS, key=len, reverse=True)
    )
)


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    texts = [text for part in PARTS for _, text in texts_of(case.document.get(part, ()))]
    used = {_WORDS[word] for text in texts for word in _WORD.findall(text)}
    # A limit that a rule or a schema names is in the currency of that rule.
    if len(used) != 1 or _WORD.search(around.rules):
        return None
    (old,) = used
    new = draw.pick([code for code in _NAMES if code != old])

    def change(text: str) -> str:
        return _WORD.sub(lambda word: _NAMES[new][_NAMES[old].index(word[0])], text)

    return Altered(document=map_texts(case.document, change), what=f"{old} is {new}")


RELATION = Relation(
    name="other-currency",
    family=Family.SAME,
    keeps="the same actions, where no rule is about a currency",
    vary=_vary,
    is_of_records=True,
)
