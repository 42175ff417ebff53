"""Amounts just below, at and just above the bounds of the classes' conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import said
from dialgate_evals.fuzzing.moving.cells import lines_of
from dialgate_evals.fuzzing.moving.numbers import numbers_under, with_number
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case


def _moves(case: Case, around: Surroundings) -> Iterator[tuple[str, float, float]]:
    """Key, number and edge: every number that can be moved within its cell."""
    for line in lines_of(around):
        values = dict.fromkeys(numbers_under(case.document.get("recordings", []), line.key))
        values.update(dict.fromkeys(numbers_under(case.document["expect"], line.key)))
        for value in values:
            for edge in line.edges(value):
                others = [other for other in values if other != value]
                # Larger than another amount before, larger now: a rule may compare the two.
                keeps_order = all((edge > o) == (value > o) and edge != o for o in others)
                if edge != value and keeps_order:
                    yield line.key, value, edge


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    moves = list(_moves(case, around))
    if not moves or "%" in said(case.document):
        return None
    key, old, new = draw.pick(moves)
    return Altered(
        document=with_number(case.document, key, old, new),
        what=f"the {key} {old:g} is {new:g}, at the edge of what is treated alike",
    )


RELATION = Relation(
    name="boundaries",
    family=Family.MOVES,
    keeps="the same actions up to each bound of a class, and no others beyond it",
    vary=_vary,
    share=3,
    is_of_records=True,
)
