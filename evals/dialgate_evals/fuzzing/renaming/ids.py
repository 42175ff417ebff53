"""Records have other numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import PARTS, texts_of
from dialgate_evals.fuzzing.relation import Altered, Family, Relation
from dialgate_evals.fuzzing.substitution import is_in, substitute

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_ID = re.compile(r"([A-Za-z]{1,8}[-_#]?)(\d{2,9})")
_IN_TEXT = re.compile(r"(?<!\w)[A-Za-z]{1,8}[-_#]\d{2,9}(?!\w)")


def ids_in(case: Case) -> list[str]:
    """Ids of records: letters and a number, as a value of their own or written with a sign."""
    found: dict[str, None] = {}
    for part in PARTS:
        for _, text in texts_of(case.document.get(part, ())):
            found.update(dict.fromkeys(_IN_TEXT.findall(text)))
            if _ID.fullmatch(text):
                found[text] = None
    return list(found)


def with_number(name: str, offset: int) -> str:
    """The id with its number moved on by `offset`, as long as before.

    >>> with_number("O-101", 7), with_number("O-999", 7), with_number("U_007", 7)
    ('O-108', 'O-106', 'U_014')
    """
    match = _ID.fullmatch(name)
    assert match is not None
    letters, digits = match.groups()
    low = 0 if digits[0] == "0" else 10 ** (len(digits) - 1)
    span = 10 ** len(digits) - low
    return f"{letters}{low + (int(digits) - low + offset) % span:0{len(digits)}d}"


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    names = [name for name in ids_in(case) if not is_in(name, around.rules)]
    if not names:
        return None
    offset = draw.whole(1, 80)
    renamed = {name: with_number(name, offset) for name in names}
    first = names[0]
    return Altered(
        document=substitute(case.document, renamed),
        what=f"{len(names)} ids have other numbers, {first} is {renamed[first]}",
    )


RELATION = Relation(
    name="renumbered-ids",
    family=Family.SAME,
    keeps="the same actions on the same records, whatever their numbers",
    vary=_vary,
    is_of_records=True,
)
