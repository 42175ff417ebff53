"""Which class a call of a tool is in, failing closed: what can't be told is all that it can be.

Some arguments could be anything: the tool's schema refuses them, they are no JSON, or a condition
was not written for them (a text where it compares numbers). They count as every class that a call
of the tool can have. Where checks alone tell the class, the runtime's own reader of them does; here
is what JSON Schema must judge. Leaves modes to `dialgate_runtime.lookup` and files to
`dialgate.dial.dial_lookup`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_gate.audit.compared_kinds import compared_kinds, kinds_schema
from dialgate_gate.audit.dial_export import plain_checks, reachable_classes, tool_checks
from dialgate_runtime.lookup.checks import is_json
from dialgate_runtime.lookup.exact_calls import exact_calls, possible_groups
from dialgate_runtime.lookup.lookup import UNCLASSIFIED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry
    from dialgate_evals.suite.tools import Tool, ToolRegistry
    from dialgate_runtime.lookup.lookup import CallsOfTool, Group


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCalls:
    """Calls of one tool, judged by JSON Schema."""

    possible: Group
    no_object: Group
    # where the arguments are no object
    classes: tuple[tuple[DocumentValidator | None, str], ...]
    guards: tuple[DocumentValidator, ...]
    # what arguments must satisfy before a class is looked for: schema, kinds that are compared
    tool: Tool | None

    @property
    def groups(self) -> frozenset[Group]:
        """Every answer that `group` can give."""
        alone = {(name,) for _, name in self.classes}
        return frozenset({self.possible, self.no_object, (UNCLASSIFIED,), *alone})

    def group(self, arguments: object) -> Group:
        """The classes: one where that is sure, else all that it can be; never an exception."""
        try:
            return self._group(arguments)
        except Exception:  # noqa: BLE001 - whatever hides in the arguments, it opens nothing
            return self.possible

    def _group(self, arguments: object) -> Group:
        if not isinstance(arguments, dict):
            if not isinstance(arguments, Mapping):
                return self.no_object
            arguments = dict(arguments)
        if not is_json(arguments) or not all(guard.is_valid(arguments) for guard in self.guards):
            return self.possible
        meant = arguments if self.tool is None else self.tool.with_defaults(arguments)
        for when, name in self.classes:
            # A condition that can't be decided in time raises: any of the classes.
            if when is None or when.holds(meant):
                return (name,)
        return (UNCLASSIFIED,)


def calls_by_tool(actions: ActionRegistry, tools: ToolRegistry) -> dict[str, CallsOfTool]:
    """For each tool that a class names how the class of its calls is found."""
    return {
        name: _of_tool(classes, tools.get(name))
        for name, classes in reachable_classes(actions).items()
    }


def _of_tool(classes: Sequence[ActionClass], tool: Tool | None) -> CallsOfTool:
    said = tool_checks(classes, tool)
    checked = [(plain_checks(item.when), item.name) for item in classes]
    falls_through = classes[-1].when is not None
    # A pattern on a long text takes the bounds of time that schemas have here.
    if said["exact"] and not any(check["is"] == "pattern" for check in said["arguments"]):
        return exact_calls(said, checked, falls_through=falls_through)
    return _judged_by_schema(classes, tool, falls_through=falls_through)


def _judged_by_schema(
    classes: Sequence[ActionClass], tool: Tool | None, *, falls_through: bool
) -> SchemaCalls:
    guards = [] if tool is None else [DocumentValidator(tool.parameters, quick=True)]
    for item in classes:
        kinds = compared_kinds(item.when)
        if kinds:
            guards.append(DocumentValidator(kinds_schema(kinds)))
    names = [item.name for item in classes]
    possible, no_object = possible_groups(names, falls_through=falls_through)
    return SchemaCalls(
        possible=possible,
        no_object=no_object,
        classes=tuple((_condition(item.when), item.name) for item in classes),
        guards=tuple(guards),
        tool=tool,
    )


def _condition(when: Mapping[str, Any] | None) -> DocumentValidator | None:
    return None if when is None else DocumentValidator(when, quick=True)
