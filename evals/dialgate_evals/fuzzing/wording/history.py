"""There was more talk before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import copied
from dialgate_evals.fuzzing.relation import Altered, Family, Relation

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_TALK = (
    ("Hello, is anybody there?", "Hello! Yes, how can I help you?"),
    ("Can you read what I write?", "Yes, I can read it."),
    ("One moment, I have to find my glasses.", "Of course, take your time."),
    ("Here I am again.", "Welcome back. What can I do for you?"),
)


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:  # noqa: ARG001 - every relation is asked so
    document = copied(case.document)
    messages = document["messages"]
    at = next((i for i, m in enumerate(messages) if m["role"] not in {"system", "developer"}), 0)
    count = draw.whole(1, len(_TALK))
    talk = [
        {"role": role, "content": text}
        for pair in _TALK[:count]
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    document["messages"] = [*messages[:at], *talk, *messages[at:]]
    return Altered(document=document, what=f"{2 * count} messages of small talk come before")


RELATION = Relation(
    name="longer-history",
    family=Family.SAME,
    keeps="the same actions, after small talk",
    vary=_vary,
)
