"""People are called otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import said, texts_of
from dialgate_evals.fuzzing.relation import Altered, Family, Relation
from dialgate_evals.fuzzing.substitution import is_in, substitute

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_KEY = re.compile(r"(?:^|_)name$|^(?:customer|recipient|passenger|owner|contact|holder)$")
_NAME = re.compile(r"[A-Z][\w'’-]+(?: [A-Z][\w'’.-]*){1,2}")
_FIRST = ("Maria", "Nils", "Aiko", "Thabo", "José", "Zoë", "Anne-Marie", "Siobhán", "Li")
_LAST = ("Jensen", "Okafor", "O'Neill", "de Vries", "Müller", "Nakamura", "Ng", "Çelik")
_ALSO_WORDS = frozenset(
    "May Will Mark Grant Art Bill Rose Summer April June Grace Hope Frank Chase Page Young Long "
    "Short Small Price Case Cash Day Hand Head Field Wood Stone White Black Brown Green".split()
)


def names_in(case: Case) -> list[str]:
    """People's names that stand in the recordings, in order."""
    found = {
        text: None
        for item in case.document.get("recordings", ())
        for key, text in texts_of(item)
        if _KEY.search(key) and _NAME.fullmatch(text)
    }
    return list(found)


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    names = [name for name in names_in(case) if not is_in(name, around.rules)]
    if not names:
        return None
    old = draw.pick(names)
    first, last = draw.pick(_FIRST), draw.pick(_LAST)
    renamed = {old: f"{first} {last}"}
    begins, _, ends = old.partition(" ")
    text = said(case.document)
    renamed |= {
        part: new
        for part, new in ((begins, first), (ends, last))
        if part not in _ALSO_WORDS and is_in(part, text) and not is_in(part, around.rules)
    }
    return Altered(
        document=substitute(case.document, renamed), what=f"{old} is called {first} {last}"
    )


RELATION = Relation(
    name="renamed-people",
    family=Family.SAME,
    keeps="the same actions, whatever the people are called",
    vary=_vary,
    is_of_records=True,
)
