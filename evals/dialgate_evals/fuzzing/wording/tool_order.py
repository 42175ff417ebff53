"""The agent is told of its tools in another order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import copied
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    names = [item["name"] for item in around.tools.as_json()]
    if len(names) < 2:
        return None
    backwards = names[::-1]
    middle = len(names) // 2
    order = draw.pick([backwards, [*names[middle:], *names[:middle]]])
    return Altered(
        document=copied(case.document),
        what=f"the tools are listed from {order[0]} to {order[-1]}",
        tools=replace(around.tools, listed=tuple(order)),
    )


RELATION = Relation(
    name="order-of-tools",
    family=Family.SAME,
    keeps="the same actions, in whatever order the tools are listed",
    vary=_vary,
)
