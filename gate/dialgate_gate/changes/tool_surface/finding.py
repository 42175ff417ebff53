"""A finding on a tool, and what rules look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import UNCLASSIFIED, Effect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry
    from dialgate_evals.suite.tools import Tool

_DEEPEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What could do harm in one tool."""

    tool: str
    path: str = ""
    # JSON Pointer into the tool's document; empty: the tool as a whole
    found: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """The tools of a release and the classes of their calls."""

    tools: tuple[Tool, ...]
    actions: ActionRegistry

    def classes_of(self, tool: str) -> tuple[ActionClass, ...]:
        """The classes that a call of the tool can have."""
        return self.actions.classes_of_tool(tool) or (UNCLASSIFIED,)

    def writing(self) -> Iterator[tuple[Tool, tuple[ActionClass, ...]]]:
        """Tools that can change something, with the classes in which they do."""
        for tool in self.tools:
            classes = tuple(c for c in self.classes_of(tool.name) if c.effect is Effect.WRITE)
            if classes:
                yield tool, classes


def arguments_of(tool: Tool) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each named argument: its name, its JSON Pointer and its schema, nested ones too."""
    yield from _properties(tool.parameters, "/parameters", 0)


def _properties(
    schema: Mapping[str, Any], path: str, depth: int
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    if depth > _DEEPEST:
        return
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        if isinstance(inner, dict):
            here = f"{path}/properties/{name.replace('~', '~0').replace('/', '~1')}"
            yield name, here, inner
            yield from _properties(inner, here, depth + 1)
    items = schema.get("items")
    if isinstance(items, dict):
        yield from _properties(items, f"{path}/items", depth + 1)
