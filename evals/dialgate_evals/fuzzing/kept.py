"""Whether a variant is a sound case: it can be read, and its right behaviour passes it.

A relation that breaks what it says it keeps gives no variant. Leaves what the agent does to
running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from dialgate_evals.fuzzing.relation import Family
from dialgate_evals.mutating.behaviour import expected_behaviour
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import ReplyCheck
from dialgate_evals.suite.case_files import case_problems

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from dialgate_evals.fuzzing.relation import Relation, Surroundings
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry


def is_readable(document: Mapping[str, Any]) -> bool:
    """Whether the document is a case, as a case file's line would be."""
    return not case_problems(document, "a variant", 1)


def keeps_its_word(
    relation: Relation, parent: Case, variant: Case, around: Surroundings, tools: ToolRegistry
) -> bool:
    """Whether what the variant expects is right by schemas, classes and the scorer.

    Of the family that keeps the actions: as many of the same tools and classes, whose arguments
    the schemas take where they took the parent's.
    """
    if relation.family is Family.SAME and not _same_actions(parent, variant, around):
        return False
    is_as_before = variant.document["expect"] == parent.document["expect"]
    return (
        is_as_before
        or _is_passed(variant, around, tools)
        or not _is_passed(parent, around, around.tools)
    )


def _is_passed(case: Case, around: Surroundings, tools: ToolRegistry) -> bool:
    """Whether doing what the case expects passes it.

    The reply, the end state and what must be asked before are left out: only a dialogue shows them.
    """
    silent = replace(
        case.expect, state=None, reply=ReplyCheck(), confirm_before=(), max_questions=None
    )
    plain = replace(case, expect=silent)
    behaviour = expected_behaviour(plain, tools)
    if behaviour is None:
        return False
    scorer = Scorer(tools=tools, actions=around.actions)
    return scorer.score(plain, behaviour.trajectory()).passed is True


def _same_actions(parent: Case, variant: Case, around: Surroundings) -> bool:
    before, now = parent.expect.lists, variant.expect.lists
    forbidden = parent.expect.forbid, variant.expect.forbid
    if [len(items) for items in before] != [len(items) for items in now]:
        return False
    if len(forbidden[0]) != len(forbidden[1]):
        return False
    pairs = [
        pair
        for one, other in zip(before, now, strict=True)
        for pair in zip(one, other, strict=True)
    ]
    pairs += list(zip(*forbidden, strict=True))
    for old, new in pairs:
        if old.name != new.name:
            return False
        if around.actions.possible_classes(old) != around.actions.possible_classes(new):
            return False
        tool = around.tools.get(old.name)
        if tool is not None and tool.accepts(old.arguments) and not tool.accepts(new.arguments):
            return False
    return True
