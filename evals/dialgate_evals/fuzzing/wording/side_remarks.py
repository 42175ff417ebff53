"""The user says something beside the point, before or after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import last_request, with_request
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_REMARKS = (
    "It has been raining here all week.",
    "My neighbour has bought from you too and is very happy.",
    "I write this from the train, so the line may be bad.",
    "My daughter has her birthday on Sunday, we are baking a cake.",
    "I have read about you in a magazine about gardens.",
)
_SHORT = 60


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:  # noqa: ARG001 - every relation is asked so
    request = last_request(case.document)
    if request is None:
        return None
    remark = draw.pick(_REMARKS)
    head, gap, body = request[1].partition("\n\n")
    # A short answer to the agent's question begins with the answer.
    comes_first = draw.below(2) == 1 and len(request[1]) >= _SHORT and bool(gap)
    text = f"{head}{gap}{remark}\n{body}" if comes_first else f"{request[1]}\n\n{remark}"
    where = "first" if comes_first else "as well"
    return Altered(
        document=with_request(case.document, text), what=f'the user says {where}: "{remark}"'
    )


RELATION = Relation(
    name="side-remarks",
    family=Family.SAME,
    keeps="the same actions, with a remark beside the point",
    vary=_vary,
)
