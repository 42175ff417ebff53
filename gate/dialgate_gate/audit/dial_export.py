"""The dial as data for other languages and for the Open Policy Agent.

A condition (`when`) is JSON Schema, which few readers judge and not all judge alike. So a condition
that is nothing but checks of single arguments is written as those. Each tool also has its strictest
mode. It holds where a reader can't tell which class a call is in, and for arguments that the tool's
schema refuses or that no condition was written for. Pure; leaves the lookup to `dialgate`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.events.review_events import Mode
from dialgate_gate.audit.argument_checks import argument_checks, kind_checks
from dialgate_gate.audit.compared_kinds import ELEMENTS, compared_kinds
from dialgate_runtime.leases.rules import SKEW_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry
    from dialgate_evals.suite.tools import Tool, ToolRegistry
    from dialgate_runtime.leases.lease import Lease

DEFAULT = Mode.IN_THE_LOOP
"""The most autonomy that a call which no class holds ever has."""

_WORDS = frozenset({"title", "description", "$comment", "default", "examples"})
_TYPES = frozenset({"string", "number", "boolean"})
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedLeases:
    """What an exported dial says of leases."""

    suite: str
    release: Mapping[str, Any] | None
    # name, version and fingerprint; None: no lease can be on it
    rules: Mapping[str, Any] | None
    # as `dialgate_runtime.leases.rules` reads them; None: there are none
    held: Mapping[str, Lease] = field(default_factory=dict)
    # by class, verified when the dial was written


NO_LEASES = ExportedLeases(suite="", release=None, rules=None)


def export_dial(
    actions: ActionRegistry,
    modes: Mapping[str, Mode],
    tools: ToolRegistry | None = None,
    leases: ExportedLeases = NO_LEASES,
) -> dict[str, Any]:
    """Classes in their order, and for each tool what to do without judging conditions."""
    return {
        "schema": 1,
        "suite": leases.suite,
        "release": None if leases.release is None else dict(leases.release),
        "lease": None if leases.rules is None else dict(leases.rules),
        "default": modes[UNCLASSIFIED.name].value,
        "classes": [
            {
                "action_class": item.name,
                "effect": item.effect.value,
                "tools": list(item.tools),
                "when": item.when,
                "checks": plain_checks(item.when),
                "mode": modes[item.name].value,
                "lease": _lease(item, leases),
            }
            for item in actions.classes
        ],
        "tools": {
            tool: {
                **_of_tool(classes, modes, _named(tools, tool)),
                "classes": [item.name for item in classes],
            }
            for tool, classes in reachable_classes(actions).items()
        },
    }


def _lease(item: ActionClass, leases: ExportedLeases) -> dict[str, Any] | None:
    """The class's lease with its span in seconds since 1970; None: there is none."""
    found = leases.held.get(item.name)
    if found is None:
        return None
    return {
        "mode": found.mode.value,
        "issued_at": int(found.issued_at),
        "not_after": int(found.not_after),
    }


def export_opa(
    actions: ActionRegistry,
    modes: Mapping[str, Mode],
    tools: ToolRegistry | None = None,
    leases: ExportedLeases = NO_LEASES,
) -> dict[str, Any]:
    """A data document for `opa eval --data`: everything below `data.dialgate`, by tool."""
    return {
        "dialgate": {
            "schema": 1,
            "required": bool(leases.rules and leases.rules["required"]),
            "skew_s": SKEW_S,
            "default": modes[UNCLASSIFIED.name].value,
            "tools": {
                tool: {
                    **_of_tool(classes, modes, _named(tools, tool)),
                    "classes": [
                        {
                            "action_class": item.name,
                            "effect": item.effect.value,
                            "mode": modes[item.name].value,
                            "checks": plain_checks(item.when),
                            "lease": _lease(item, leases),
                        }
                        for item in classes
                    ],
                }
                for tool, classes in reachable_classes(actions).items()
            },
        }
    }


def _named(tools: ToolRegistry | None, name: str) -> Tool | None:
    return None if tools is None else tools.get(name)


def _of_tool(
    classes: Sequence[ActionClass], modes: Mapping[str, Mode], tool: Tool | None
) -> dict[str, Any]:
    """Strictest mode, what arguments must be, and whether checks alone tell the class."""
    return {
        "strictest": strictest_mode(classes, modes).value,
        "no_object": mode_of_no_object(classes, modes).value,
        **tool_checks(classes, tool),
    }


def tool_checks(classes: Sequence[ActionClass], tool: Tool | None) -> dict[str, Any]:
    """What arguments must be, what an absent one counts as, whether checks alone tell the class."""
    checks = _argument_checks(classes, tool)
    return {
        "exact": checks is not None and _is_exact(classes),
        "arguments": checks,
        "defaults": {} if tool is None else _defaults(tool),
    }


def _argument_checks(
    classes: Sequence[ActionClass], tool: Tool | None
) -> list[dict[str, Any]] | None:
    """What must hold of the arguments before a class is looked for; None: checks can't say it."""
    found: list[dict[str, Any]] = []
    if tool is not None:
        own = argument_checks(dict(tool.parameters))
        if own is None:
            return None
        found += own
    for item in classes:
        kinds = compared_kinds(item.when)
        if any(ELEMENTS in place for place in kinds):
            return None
        found += [check for check in kind_checks(kinds) if check not in found]
    return found


def _defaults(tool: Tool) -> dict[str, Any]:
    """Arguments that are absent but count as this."""
    return dict(tool.with_defaults({}))


def plain_checks(when: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    """The condition as checks that must all hold; None: it says more than they can.

    `{"key": …, "is": …}` with `present`, or for an argument that is there: `string`, `number`,
    `boolean`, `one_of` values, or for numbers alone a bound by its name in JSON Schema.
    """
    if when is None:
        return []
    extra = set(when) - _WORDS - {"type", "properties", "required"}
    if extra or when.get("type", "object") != "object":
        return None
    found: list[dict[str, Any]] = [
        {"key": key, "is": "present"} for key in when.get("required", ())
    ]
    for key, schema in when.get("properties", {}).items():
        checks = _checks_of(key, schema)
        if checks is None:
            return None
        found += checks
    return found


def _checks_of(key: str, schema: object) -> list[dict[str, Any]] | None:
    if schema is True:
        return []
    if not isinstance(schema, dict):
        return None
    found: list[dict[str, Any]] = []
    for word, value in schema.items():
        if word in _WORDS:
            continue
        if word in _BOUNDS:
            found.append({"key": key, "is": word, "value": value})
        elif word == "type" and isinstance(value, str) and value in _TYPES:
            found.append({"key": key, "is": value})
        elif word in {"const", "enum"} and _are_plain([value] if word == "const" else value):
            values = [value] if word == "const" else list(value)
            found.append({"key": key, "is": "one_of", "value": values})
        else:
            return None
    return found


def _are_plain(values: Sequence[object]) -> bool:
    """Whether every language compares the values alike."""
    return all(isinstance(value, str | bool | int | float) for value in values)


def _is_exact(classes: Sequence[ActionClass]) -> bool:
    """Whether checks alone tell which class a call is in."""
    return all(plain_checks(item.when) is not None for item in classes)


def reachable_classes(actions: ActionRegistry) -> dict[str, tuple[ActionClass, ...]]:
    """For each tool the classes that can hold a call of it: none after one without a condition."""
    found = {}
    for tool in sorted({tool for item in actions.classes for tool in item.tools}):
        classes: list[ActionClass] = []
        for item in actions.classes_of_tool(tool):
            classes.append(item)
            if item.when is None:
                break
        found[tool] = tuple(classes)
    return found


def mode_of_no_object(classes: Sequence[ActionClass], modes: Mapping[str, Mode]) -> Mode:
    """The mode where the arguments are no object: then it is hardly a call of this tool."""
    return min(strictest_mode(classes, modes), modes[UNCLASSIFIED.name], key=lambda m: m.rank)


def strictest_mode(classes: Sequence[ActionClass], modes: Mapping[str, Mode]) -> Mode:
    """The mode with the least autonomy that a call of the tool can be in."""
    possible = [modes[item.name] for item in classes]
    if classes[-1].when is not None:
        possible.append(modes[UNCLASSIFIED.name])
    return min(possible, key=lambda mode: mode.rank)
