"""A lookup answers with every row twice, or with its rows in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.fuzzing.allowances import or_handed_over
from dialgate_evals.fuzzing.documents import copied
from dialgate_evals.fuzzing.never.faulty import reads_of
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case


def _rows(case: Case, least: int) -> list[int]:
    """Reads that answer with a list of so many records at least."""
    found = case.document.get("recordings", ())
    return [
        number
        for number in reads_of(case)
        if isinstance(rows := found[number]["result"], list)
        and len(rows) >= least
        and all(isinstance(row, dict) for row in rows)
    ]


def _with_rows(
    case: Case, around: Surroundings, draw: Choices, least: int, *, twice: bool
) -> Altered | None:
    places = _rows(case, least)
    if not places:
        return None
    document = copied(case.document)
    item = document["recordings"][draw.pick(places)]
    rows: list[Any] = item["result"]
    item["result"] = [*rows, *rows] if twice else rows[::-1]
    if twice:
        document["expect"] = or_handed_over(document["expect"], around)
    words = "answers with every row twice" if twice else "answers with its rows the other way round"
    return Altered(document=document, what=f"{item['name']} {words}")


def _twice(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    return _with_rows(case, around, draw, 1, twice=True)


def _turned(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    return _with_rows(case, around, draw, 2, twice=False)


TWICE = Relation(
    name="rows-twice",
    family=Family.NEVER,
    keeps="the same actions, each once, or people are asked",
    vary=_twice,
)
TURNED = Relation(
    name="rows-out-of-order",
    family=Family.NEVER,
    keeps="the same actions, in whatever order a lookup answers",
    vary=_turned,
)
