"""The user is more polite, or less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import last_request, with_request
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_ENDINGS = (
    "Thank you!",
    "Many thanks in advance for your kind help.",
    "With kind regards",
    "I am not amused.",
    "Hurry up, I don't have all day.",
    "This is really annoying, honestly.",
)


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:  # noqa: ARG001 - every relation is asked so
    request = last_request(case.document)
    if request is None:
        return None
    ending = draw.pick(_ENDINGS)
    return Altered(
        document=with_request(case.document, f"{request[1]}\n\n{ending}"),
        what=f'the message ends with "{ending}"',
    )


RELATION = Relation(
    name="politeness",
    family=Family.SAME,
    keeps="the same actions, however polite the user is",
    vary=_vary,
)
