"""A tool that the case has nothing to do with is called otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.fuzzing.documents import copied, said
from dialgate_evals.fuzzing.relation import Altered, Family, Relation
from dialgate_evals.fuzzing.substitution import is_in
from dialgate_evals.suite.tools import ToolRegistry

if TYPE_CHECKING:
    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case

_MOST = 3


def _idle(case: Case, around: Surroundings) -> list[str]:
    """Tools that only write and that neither the case nor the prompts name."""
    named = {pattern.name for items in case.expect.lists for pattern in items}
    named |= {pattern.name for pattern in case.expect.forbid}
    named |= {item.name for item in case.recordings}
    text = said(case.document)
    return [
        tool.name
        for tool in around.tools
        if tool.name not in named
        and not is_in(tool.name, text)
        and not is_in(tool.name, around.rules)
        and all(c.effect is Effect.WRITE for c in around.actions.classes_of_tool(tool.name))
    ]


def _vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:
    idle = _idle(case, around)
    if not idle:
        return None
    # Each other list of tools needs an agent of its own, so that few are tried.
    old = draw.pick(idle[:_MOST])
    new = f"{old}_v2"
    if new in around.tools:
        return None
    tool = around.tools.tools[old]
    tools = {
        (new if name == old else name): replace(
            tool, name=new, document={**tool.document, "name": new}
        )
        if name == old
        else item
        for name, item in around.tools.tools.items()
    }
    return Altered(
        document=copied(case.document),
        what=f"the tool {old} is called {new}",
        tools=ToolRegistry(tools=tools, listed=around.tools.listed),
    )


RELATION = Relation(
    name="renamed-idle-tools",
    family=Family.SAME,
    keeps="the same actions, whatever a tool is called that they don't need",
    vary=_vary,
)
