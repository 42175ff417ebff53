"""The mode of a call of one tool, failing closed: what can't be told is the strictest mode.

Arguments that the tool's schema refuses, that are no JSON, or that a condition was not written for
(a text where it compares numbers) could be anything, so they get the least autonomy that a call of
the tool can have. Knows one tool; leaves files to `dialgate.dial.dial_lookup`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_gate.audit.compared_kinds import compared_kinds, kinds_schema
from dialgate_gate.audit.dial_export import mode_of_no_object, reachable_classes, strictest_mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry
    from dialgate_evals.events.review_events import Mode
    from dialgate_evals.suite.tools import Tool, ToolRegistry

_DEEPEST = 100
_LARGEST = 2**1023
"""Beyond it a number is none in languages that count in doubles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallModes:
    """What a runtime may do with calls of one tool."""

    strictest: Mode
    no_object: Mode
    # where the arguments are no object
    otherwise: Mode
    # of a call that no class holds
    classes: tuple[tuple[DocumentValidator | None, Mode], ...]
    guards: tuple[DocumentValidator, ...]
    # what arguments must satisfy before a class is looked for: schema, kinds that are compared
    tool: Tool | None

    def mode(self, arguments: object) -> Mode:
        """The mode of a call with these arguments; never an exception."""
        try:
            return self._mode(arguments)
        except Exception:  # noqa: BLE001 - whatever hides in the arguments, it opens nothing
            return self.strictest

    def _mode(self, arguments: object) -> Mode:
        if not isinstance(arguments, dict):
            if not isinstance(arguments, Mapping):
                return self.no_object
            arguments = dict(arguments)
        if not is_json(arguments) or not all(guard.is_valid(arguments) for guard in self.guards):
            return self.strictest
        meant = arguments if self.tool is None else self.tool.with_defaults(arguments)
        for when, mode in self.classes:
            # A condition that can't be decided in time raises: the strictest mode.
            if when is None or when.holds(meant):
                return mode
        return self.otherwise


def is_json(value: object, depth: int = _DEEPEST) -> bool:
    """Whether JSON can say it: no NaN, no number out of range, no key that is no text."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return -_LARGEST < value < _LARGEST  # type: ignore[operator]
    if kind is float:
        return isfinite(value)  # type: ignore[arg-type]
    if depth <= 0:
        return False
    if isinstance(value, dict):
        return all(type(key) is str and is_json(item, depth - 1) for key, item in value.items())
    if isinstance(value, list):
        return all(is_json(item, depth - 1) for item in value)
    return isinstance(value, str)


def modes_by_tool(
    actions: ActionRegistry, modes: Mapping[str, Mode], tools: ToolRegistry
) -> dict[str, CallModes]:
    """For each tool that a class names how its calls are looked up."""
    return {
        name: _of_tool(classes, modes, tools.get(name))
        for name, classes in reachable_classes(actions).items()
    }


def _of_tool(
    classes: Sequence[ActionClass], modes: Mapping[str, Mode], tool: Tool | None
) -> CallModes:
    guards = [] if tool is None else [DocumentValidator(tool.parameters, quick=True)]
    for item in classes:
        kinds = compared_kinds(item.when)
        if kinds:
            guards.append(DocumentValidator(kinds_schema(kinds)))
    return CallModes(
        strictest=strictest_mode(classes, modes),
        no_object=mode_of_no_object(classes, modes),
        otherwise=modes[UNCLASSIFIED.name],
        classes=tuple((_condition(item.when), modes[item.name]) for item in classes),
        guards=tuple(guards),
        tool=tool,
    )


def _condition(when: Mapping[str, Any] | None) -> DocumentValidator | None:
    return None if when is None else DocumentValidator(when, quick=True)
