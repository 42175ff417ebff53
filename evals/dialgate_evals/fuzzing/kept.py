"""Whether a variant is a sound case: it can be read, and its right behaviour passes it.

A relation that breaks what it says it keeps gives no variant. Leaves what the agent does to
running.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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
    if variant.document["expect"] == parent.document["expect"] or _is_passed(
        variant, around, tools
    ):
        return relation.family is not Family.SAME or _same_actions(parent, variant, around)
    return not _is_passed(parent, around, around.tools)


def _is_passed(case: Case, around: Surroundings, tools: ToolRegistry) -> bool:
    """Whether doing what the case expects passes it; the reply and the end state left out."""
    plain = replace(case, expect=replace(case.expect, state=None, reply=ReplyCheck()))
    behaviour = expected_behaviour(plain, tools)
    if behaviour is None:
        return False
    scorer = Scorer(tools=tools, actions=around.actions)
    return scorer.score(plain, behaviour.trajectory()).passed is True


def _same_actions(parent: Case, variant: Case, around: Surroundings) -> bool:
    before, now = parent.expect.lists, variant.expect.lists
    if [len(items) for items in before] != [len(items) for items in now]:
        return False
    pairs = [
        pair
        for one, other in zip(before, now, strict=True)
        for pair in zip(one, other, strict=True)
    ]
    pairs += list(zip(parent.expect.forbid, variant.expect.forbid, strict=True))
    for old, new in pairs:
        if old.name != new.name:
            return False
        if around.actions.possible_classes(old) != around.actions.possible_classes(new):
            return False
        tool = around.tools.get(old.name)
        if tool is not None and tool.accepts(old.arguments) and not tool.accepts(new.arguments):
            return False
    return True
