"""Which kinds of values a condition of actions.toml compares, and where.

JSON Schema lets a bound pass whatever is no number, and so a condition can be met by an argument
that it was never written for ("1000" is not over 200). Whoever asks for a mode must know where a
condition compares, so that another kind of value gets the strictest mode. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Place = tuple[str, ...]
"""Keys from the arguments down to the value; `ELEMENTS` stands for each element of a list."""

ELEMENTS = "*"
LARGEST_EXACT = 2**53
"""From here on languages that count in doubles read other numbers."""

_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_TEXTS = frozenset({"pattern", "minLength", "maxLength", "format"})
_LISTS = frozenset({"items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems",
                    "unevaluatedItems"})  # fmt: skip
_OBJECTS = frozenset({"properties", "required", "patternProperties", "additionalProperties",
                      "propertyNames", "minProperties", "maxProperties", "dependentRequired",
                      "dependentSchemas", "unevaluatedProperties"})  # fmt: skip
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
_EACH = ("items", "contains", "additionalItems", "prefixItems", "unevaluatedItems")
_DEEPEST = 12


def compared_kinds(when: Mapping[str, Any] | None) -> dict[Place, frozenset[str]]:
    """By place the kinds of values that the condition speaks of, as JSON Schema names them."""
    found: dict[Place, set[str]] = {}
    if when is not None:
        _collect(when, (), found, when, _DEEPEST)
    return {place: frozenset(kinds) for place, kinds in found.items() if place}


def kinds_schema(kinds: Mapping[Place, frozenset[str]]) -> dict[str, Any]:
    """A JSON Schema that takes arguments of these kinds only; what is absent stays allowed."""
    root: dict[str, Any] = {}
    for place, allowed in kinds.items():
        node = root
        for step in place:
            if step == ELEMENTS:
                node = node.setdefault("items", {})
            else:
                node = node.setdefault("properties", {}).setdefault(step, {})
        node["type"] = sorted(allowed)
        if allowed & {"number", "integer"}:
            node["exclusiveMinimum"], node["exclusiveMaximum"] = -LARGEST_EXACT, LARGEST_EXACT
    return root


def kind_of(value: object) -> str:
    """The kind of a JSON value as JSON Schema names it; empty for what is none."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
    return ""


def _collect(
    schema: object, place: Place, found: dict[Place, set[str]], root: Mapping[str, Any], depth: int
) -> None:
    if not isinstance(schema, Mapping) or depth <= 0:
        return
    own = _own_kinds(schema)
    if own:
        found.setdefault(place, set()).update(own)
    for inner in _in_place(schema, root):
        _collect(inner, place, found, root, depth - 1)
    for key, inner in (schema.get("properties") or {}).items():
        _collect(inner, (*place, str(key)), found, root, depth - 1)
    for word in _EACH:
        listed = schema.get(word)
        for inner in listed if isinstance(listed, list) else [listed]:
            _collect(inner, (*place, ELEMENTS), found, root, depth - 1)


def _own_kinds(schema: Mapping[str, Any]) -> set[str]:
    words = schema.keys()
    found = {
        kind
        for kind, marks in (
            ("number", _NUMBERS), ("string", _TEXTS), ("array", _LISTS), ("object", _OBJECTS)
        )
        if words & marks
    }  # fmt: skip
    if "type" in schema:
        named = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
        # "integer" beside a bound: the bound is meant for integers only.
        found = (found - {"number"}) | named if "integer" in named else found | named
    for value in [schema["const"]] if "const" in schema else schema.get("enum", ()):
        found.add(kind_of(value))
    return found - {""}


def _in_place(schema: Mapping[str, Any], root: Mapping[str, Any]) -> list[object]:
    """Schemas that apply to the same value."""
    found: list[object] = []
    for word in _IN_PLACE:
        inner = schema.get(word)
        found += inner if isinstance(inner, list) else [inner]
    found += (schema.get("dependentSchemas") or {}).values()
    if "$ref" in schema:
        found.append(_target(str(schema["$ref"]), root))
    return found


def _target(reference: str, root: Mapping[str, Any]) -> object:
    node: object = root
    for raw in reference.removeprefix("#").split("/")[1:]:
        part = raw.replace("~1", "/").replace("~0", "~")
        node = node.get(part) if isinstance(node, Mapping) else None
    return node
