"""Action classes: what a tool call does, how far it reaches, whether it can be taken back.

Knows which class a call belongs to (first match in file order); leaves scoring to
`dialgate_evals.scoring.scoring` and what a class may do alone to `gate`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.schema_validation import DocumentValidator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.actions.action_pattern import ActionPattern
    from dialgate_evals.actions.argument_rules import ArgumentRules


class Effect(StrEnum):
    """What a call of the class does to the world."""

    READ = "read"
    WRITE = "write"
    ESCALATE = "escalate"


class BlastRadius(StrEnum):
    """How far a wrong action of the class reaches."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """0 for low, 2 for high."""
        return ("low", "medium", "high").index(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionClass:
    """One class of actions: the unit of the gate and of the dial."""

    name: str
    tools: tuple[str, ...]
    when: Mapping[str, Any] | None = None
    # JSON Schema 2020-12 over the arguments; None: every call of the tools
    effect: Effect
    blast_radius: BlastRadius
    reversible: bool
    proposed: str | None = None
    # from what an import guessed it; until a person takes the mark out the worst is assumed


UNCLASSIFIED = ActionClass(
    name="unclassified",
    tools=(),
    effect=Effect.WRITE,
    blast_radius=BlastRadius.HIGH,
    reversible=False,
)
"""The class of a tool that actions.toml doesn't name: the worst is assumed."""


@dataclass(frozen=True, kw_only=True)
class ActionRegistry:
    """The classes of a suite in file order, and how arguments are compared per tool."""

    classes: tuple[ActionClass, ...]
    rules: Mapping[str, ArgumentRules] = field(default_factory=dict)
    _by_tool: dict[str, list[tuple[ActionClass, DocumentValidator | None]]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        by_tool: dict[str, list[tuple[ActionClass, DocumentValidator | None]]] = {}
        for action_class in self.classes:
            what = f"the condition of the class {action_class.name}"
            asked = action_class.when
            when = None if asked is None else DocumentValidator(asked, what=what)
            for tool in action_class.tools:
                by_tool.setdefault(tool, []).append((action_class, when))
        object.__setattr__(self, "_by_tool", by_tool)

    def classify(self, tool: str, arguments: Mapping[str, Any]) -> ActionClass:
        """The first class whose tools hold the tool and whose `when` the arguments satisfy."""
        for action_class, when in self._by_tool.get(tool, ()):
            if when is None or when.is_valid(arguments):
                return action_class
        return UNCLASSIFIED

    def classes_of_tool(self, tool: str) -> tuple[ActionClass, ...]:
        """Every class that can hold a call of the tool, in file order."""
        return tuple(action_class for action_class, _ in self._by_tool.get(tool, ()))

    def classify_pattern(self, pattern: ActionPattern) -> ActionClass:
        """The class of an expected call.

        For `where` the class is that of the smallest arguments that the schema pins (const,
        single enum, bounds); lint reports patterns for which this leaves more than one class.
        """
        arguments = pattern.arguments
        if arguments is None:
            arguments = pinned_arguments(pattern.where or {})
        found = self.classify(pattern.name, arguments)
        if found is UNCLASSIFIED and pattern.arguments is None:
            return next(iter(self.classes_of_tool(pattern.name)), UNCLASSIFIED)
        return found

    def possible_classes(self, pattern: ActionPattern) -> tuple[ActionClass, ...]:
        """Every class that a call which the pattern means can belong to."""
        if pattern.arguments is not None:
            return (self.classify(pattern.name, pattern.arguments),)
        if pattern.where is not None:
            return (self.classify_pattern(pattern),)
        return self.classes_of_tool(pattern.name) or (UNCLASSIFIED,)

    def get(self, name: str) -> ActionClass | None:
        """The class of that name; `unclassified` is always known."""
        if name == UNCLASSIFIED.name:
            return UNCLASSIFIED
        return next((item for item in self.classes if item.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Class names in file order, without `unclassified`."""
        return tuple(action_class.name for action_class in self.classes)


def pinned_arguments(where: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments that a `where` schema pins by const, enum or a bound, for finding the class."""
    pinned: dict[str, Any] = {}
    properties = where.get("properties")
    for key, schema in properties.items() if isinstance(properties, dict) else ():
        if not isinstance(schema, dict):
            continue
        if "const" in schema:
            pinned[key] = schema["const"]
        elif schema.get("enum"):
            pinned[key] = schema["enum"][0]
        elif "minimum" in schema or "maximum" in schema:
            pinned[key] = schema.get("minimum", schema.get("maximum"))
        elif "exclusiveMinimum" in schema:
            pinned[key] = schema["exclusiveMinimum"] + 1
        elif "exclusiveMaximum" in schema:
            pinned[key] = schema["exclusiveMaximum"] - 1
    return pinned


def parse_classes(document: Mapping[str, Any]) -> tuple[ActionClass, ...]:
    """The classes of a checked actions.toml, in file order.

    What is only proposed counts as the worst, so that no guess ever loosens a gate.
    """
    return tuple(_parse_class(name, item) for name, item in document["class"].items())


def _parse_class(name: str, item: Mapping[str, Any]) -> ActionClass:
    is_guess = "proposed" in item
    return ActionClass(
        name=name,
        tools=tuple(item["tools"]),
        when=item.get("when"),
        effect=Effect.WRITE if is_guess else Effect(item["effect"]),
        blast_radius=BlastRadius.HIGH if is_guess else BlastRadius(item["blast_radius"]),
        reversible=False if is_guess else item["reversible"],
        proposed=item.get("proposed"),
    )
