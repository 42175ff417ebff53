"""The user greets, in whatever language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import last_request, with_request
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_GREETINGS = (
    "Hello,", "Guten Tag,", "Bonjour,", "Buenos días,", "Bom dia,", "Dzień dobry,", "こんにちは、",
    "مرحبا،", "नमस्ते,",
)  # fmt: skip


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:  # noqa: ARG001 - every relation is asked so
    request = last_request(case.document)
    if request is None or any(item["role"] == "assistant" for item in case.messages):
        return None  # nobody greets in the middle of a talk
    greeting = draw.pick(_GREETINGS)
    head, gap, body = request[1].partition("\n\n")
    # What a ticket system wrote above the message stays above it.
    text = f"{head}{gap}{greeting}\n{body}" if gap else f"{greeting}\n{head}"
    return Altered(document=with_request(case.document, text), what=f'it begins with "{greeting}"')


RELATION = Relation(
    name="greeting",
    family=Family.SAME,
    keeps="the same actions, in whatever language the user greets",
    vary=_vary,
)
