"""The user asks a second thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.allowances import handovers, harmless, with_alternatives
from dialgate_evals.fuzzing.documents import last_request, with_request
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_REQUESTS = (
    "Also, what are your opening hours?",
    "One more thing: do you have a shop in Lisbon?",
    "And could you tell me who wrote your manual?",
)


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    request = last_request(case.document)
    little = {item["name"] for item in harmless(around)}
    # What is answered in a ticket may answer both: which of two questions came first says nothing.
    if request is None or all(pattern.name in little for pattern in case.expect.actions):
        return None
    second = draw.pick(_REQUESTS)
    document = with_request(case.document, f"{request[1]}\n\n{second}")
    actions = document["expect"]["actions"]
    more = [*harmless(around), *handovers(around)]
    document["expect"] = with_alternatives(
        document["expect"], [[*actions, item] for item in more], keeps_reply=False
    )
    return Altered(document=document, what=f'the user also asks: "{second}"')


RELATION = Relation(
    name="second-requests",
    family=Family.MOVES,
    keeps="the first request is still done; an answer to the second may be added",
    vary=_vary,
)
