"""What is as good as the expected actions where a relation makes a person's help right."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import BlastRadius, Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.fuzzing.relation import Surroundings

Pattern = dict[str, Any]

_MOST_PARTS = 4
"""Actions of a case of which any part may be done before people are asked."""


def handovers(around: Surroundings) -> list[Pattern]:
    """Any call of a tool that hands over to people."""
    return [
        {"name": tool.name}
        for tool in around.tools
        if any(c.effect is Effect.ESCALATE for c in around.actions.classes_of_tool(tool.name))
    ]


def harmless(around: Surroundings, but: Iterable[str] = ()) -> list[Pattern]:
    """Any call of a writing tool that does little: an answer in a ticket, a note."""
    left_out = set(but)
    return [
        {"name": tool.name}
        for tool in around.tools
        if tool.name not in left_out and _does_little(tool.name, around)
    ]


def _does_little(tool: str, around: Surroundings) -> bool:
    classes = around.actions.classes_of_tool(tool)
    return bool(classes) and all(
        item.effect is Effect.WRITE and item.blast_radius is BlastRadius.LOW for item in classes
    )


def with_alternatives(
    expect: Mapping[str, Any], lists: Iterable[list[Pattern]], *, keeps_reply: bool = True
) -> dict[str, Any]:
    """The expectation with further lists that are as good.

    `keeps_reply` False: what is said, asked, and left behind at the end hangs on which of them.
    """
    found = {**expect, "alternatives": [*(expect.get("alternatives") or []), *lists]}
    for key in () if keeps_reply else ("reply", "state", "max_questions"):
        found.pop(key, None)
    return found


def or_handed_over(expect: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """The expected actions; or a handover instead of some of them, or after all."""
    actions = list(expect["actions"])[:_MOST_PARTS]
    lists = [
        [*part, over]
        for over in handovers(around)
        for size in range(len(actions) + 1)
        for part in combinations(actions, size)
    ]
    return with_alternatives(expect, lists if actions else [], keeps_reply=False)
