"""All findings on a release's tools, without a call: each with the action class that it concerns.

A rule is a function from tools and classes to findings, and stands in `RULES`. They read names and
texts, so they are warnings for a person: none decides a gate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.files.problems import Problem, join_words
from dialgate_gate.changes.tool_surface.arguments import (
    amounts_without_bound,
    destructive_without_check,
    free_recipients,
)
from dialgate_gate.changes.tool_surface.finding import Surface
from dialgate_gate.changes.tool_surface.texts import contradictions, instructions, twins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.release import Release
    from dialgate_gate.changes.tool_surface.finding import Finding

RULES: tuple[Callable[[Surface], Iterator[Finding]], ...] = (
    amounts_without_bound, free_recipients, destructive_without_check, twins, contradictions,
    instructions,
)  # fmt: skip


def lint_tools(release: Release, actions: ActionRegistry) -> list[Problem]:
    """A warning for each finding, in the order of the tools."""
    surface = Surface(tools=tuple(release.tools), actions=actions)
    found = [finding for rule in RULES for finding in rule(surface)]
    order = {tool.name: index for index, tool in enumerate(release.tools)}
    found.sort(key=lambda finding: (order[finding.tool], finding.path))
    return [
        Problem(
            file=release.place,
            place=f"tool {finding.tool}{finding.path}",
            found=finding.found,
            expected=finding.expected,
            advice=f"It concerns {_classes(surface, finding.tool)}.",
            severity="warning",
        )
        for finding in found
    ]


def _classes(surface: Surface, tool: str) -> str:
    names = [item.name for item in surface.classes_of(tool)]
    return f"the class {names[0]}" if len(names) == 1 else f"the classes {join_words(names)}"
