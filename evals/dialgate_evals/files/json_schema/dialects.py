"""JSON Schemas of older dialects, written as 2020-12 says the same, so that two can be compared.

Knows what moved between draft-04 and 2020-12; leaves validating by each dialect's own rules to
`dialgate_evals.files.schema_validation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_DATA = frozenset({"const", "enum", "default", "example", "examples"})
_TEXTS = frozenset({"title", "description", "default", "examples", "deprecated"})
_OLD = ("draft-04", "draft-06", "draft-07")


def as_newest(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema in 2020-12's words; itself where it names no older dialect."""
    dialect = str(schema.get("$schema", ""))
    is_old = any(name in dialect for name in _OLD)
    if not is_old and "2019-09" not in dialect:
        return schema
    found: dict[str, Any] = _rewritten(schema, refs_stand_alone=is_old)
    found.pop("$schema", None)
    return found


def _rewritten(node: Any, *, refs_stand_alone: bool) -> Any:  # noqa: ANN401 - schema data
    if isinstance(node, list):
        return [_rewritten(item, refs_stand_alone=refs_stand_alone) for item in node]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key in _NAMED and isinstance(value, dict):
            found[key] = {
                name: _rewritten(item, refs_stand_alone=refs_stand_alone)
                for name, item in value.items()
            }
        elif key in _DATA:
            found[key] = value
        else:
            found[key] = _rewritten(value, refs_stand_alone=refs_stand_alone)
    if refs_stand_alone and isinstance(found.get("$ref"), str):
        kept = {"$ref", "$defs", "definitions", *_TEXTS}
        found = {key: value for key, value in found.items() if key in kept}
    if found.get("$recursiveRef") == "#" and "$recursiveAnchor" not in found:
        found["$ref"] = found.pop("$recursiveRef")
    _move_items(found)
    _move_bounds(found)
    _move_dependencies(found)
    return found


def _move_items(schema: dict[str, Any]) -> None:
    """A list of `items` is `prefixItems`; `additionalItems` then says what follows."""
    others = schema.pop("additionalItems", None)
    if isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if others is not None:
            schema["items"] = others


def _move_bounds(schema: dict[str, Any]) -> None:
    """Draft-04's boolean `exclusiveMinimum` beside a `minimum`."""
    for exclusive, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool):
            is_exclusive = schema.pop(exclusive)
            if is_exclusive and plain in schema:
                schema[exclusive] = schema.pop(plain)


def _move_dependencies(schema: dict[str, Any]) -> None:
    found = schema.pop("dependencies", None)
    if not isinstance(found, dict):
        return
    names = {key: value for key, value in found.items() if isinstance(value, list)}
    schemas = {key: value for key, value in found.items() if not isinstance(value, list)}
    if names:
        schema["dependentRequired"] = {**schema.get("dependentRequired", {}), **names}
    if schemas:
        schema["dependentSchemas"] = {**schema.get("dependentSchemas", {}), **schemas}
