"""Mail addresses are those of other providers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import PARTS, map_texts, texts_of
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_DOMAIN = re.compile(r"(?<=[\w.+-]@)([\w-]+(?:\.[\w-]+)+)")
_OTHERS = ("letters.example", "in-box.example.org", "mx2.example.co.uk", "example.net", "x.example")


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    found: dict[str, None] = {}
    for part in PARTS:
        for _, text in texts_of(case.document.get(part, ())):
            found.update(dict.fromkeys(name.lower() for name in _DOMAIN.findall(text)))
    domains = [name for name in found if name not in around.rules.lower()]
    free = [name for name in _OTHERS if name not in found]
    if not domains or len(free) < len(domains):
        return None
    turned = draw.below(len(free))
    others = dict(zip(domains, [*free[turned:], *free[:turned]], strict=False))

    def change(text: str) -> str:
        return _DOMAIN.sub(lambda match: others.get(match[0].lower(), match[0]), text)

    first = domains[0]
    return Altered(
        document=map_texts(case.document, change),
        what=f"addresses at {first} are at {others[first]}",
    )


RELATION = Relation(
    name="other-addresses",
    family=Family.SAME,
    keeps="the same actions, whatever provider a mail address is of",
    vary=_vary,
    is_of_records=True,
)
