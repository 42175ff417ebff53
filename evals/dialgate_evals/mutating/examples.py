"""Arguments that a case's pattern and its tool's schema take, where the pattern names only bounds.

A few plain values are tried for each key; nothing is searched for. Leaves random values to
property tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import pinned_arguments
from dialgate_evals.files.schema_validation import DocumentValidator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.actions.action_pattern import ActionPattern
    from dialgate_evals.suite.tools import Tool

_BY_TYPE: Mapping[str, Any] = {
    "string": "example", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {},
    "null": None,
}  # fmt: skip
_BY_FORMAT: Mapping[str, str] = {
    "date": "2026-01-15",
    "date-time": "2026-01-15T09:00:00Z",
    "email": "someone@example.com",
}
_NAMED = ("const", "default", "minimum", "maximum")


def example_call(pattern: ActionPattern, tool: Tool | None) -> Mapping[str, Any] | None:
    """Arguments that the pattern means and the tool takes; None where plain values don't do."""
    if pattern.arguments is not None:
        return pattern.arguments
    where = pattern.where or {}
    found = _filled(where, tool)
    if tool is not None and not tool.accepts(found):
        return None
    whole = found if tool is None else tool.with_defaults(found)
    return found if DocumentValidator(where).is_valid(whole) else None


def _filled(where: Mapping[str, Any], tool: Tool | None) -> dict[str, Any]:
    """What the pattern pins, and a plain value for every other key that one of both requires."""
    parameters: Mapping[str, Any] = {} if tool is None else tool.parameters
    found = pinned_arguments(where)
    for key in (*_names(parameters.get("required")), *_names(where.get("required"))):
        if key not in found:
            found[key] = plain_value({**_property(parameters, key), **_property(where, key)})
    return found


def _names(required: object) -> list[str]:
    return [key for key in required if isinstance(key, str)] if isinstance(required, list) else []


def _property(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    properties = schema.get("properties")
    found = properties.get(key) if isinstance(properties, dict) else None
    return found if isinstance(found, dict) else {}


def plain_value(schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON data
    """A value that a simple schema takes: what it names, a bound, or the plainest of its type."""
    named = next((schema[key] for key in _NAMED if key in schema), None)
    if named is not None:
        return named
    listed = next((schema[key] for key in ("enum", "examples") if schema.get(key)), None)
    if isinstance(listed, list):
        return listed[0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((item for item in kind if item != "null"), "null")
    text = _BY_FORMAT.get(str(schema.get("format"))) if kind == "string" else None
    return text or _BY_TYPE.get(kind if isinstance(kind, str) else "string")
