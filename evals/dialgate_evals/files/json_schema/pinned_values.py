"""Schemas of the commonest form, which pin the values of some keys: decided without a validator.

Such are the `where` of recordings and patterns, a different one in each case: to make a validator
of one costs more than all else that its case costs. Leaves every other form to
`dialgate_evals.files.schema_validation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable

    Scalar = str | int | float | bool | None

_KEYS = frozenset({"properties", "required", "type"})
_SCALARS = frozenset({str, int, float, bool, type(None)})
_EXACT = 2**53
"""Beyond it the validators' numbers differ."""


def pinned_values(schema: object) -> Callable[[object], bool] | None:
    """What decides whether a document satisfies the schema; None where it has another form.

    That form is an object with `properties`, each of one `const` or of an `enum` of texts, numbers,
    booleans and nulls, with `required`, and with `"type": "object"`. It has no defect.
    """
    if not has_pinned_form(schema):
        return None
    needs_object = "type" in schema
    names: list[str] = schema.get("required", [])
    pinned: list[tuple[str, list[Scalar]]] = [
        (key, [item["const"]] if "const" in item else item["enum"])
        for key, item in schema.get("properties", {}).items()
    ]

    def is_satisfied(document: object) -> bool:
        if not isinstance(document, dict):
            return not needs_object
        for name in names:
            if name not in document:
                return False
        for key, choices in pinned:
            if key in document and not _is_one_of(document[key], choices):
                return False
        return True

    return is_satisfied


def has_pinned_form(schema: object) -> TypeGuard[dict[str, Any]]:
    """Whether the schema is of the form that `pinned_values` decides; then it has no defect."""
    if type(schema) is not dict or not schema.keys() <= _KEYS:
        return False
    properties, required = schema.get("properties", _NONE), schema.get("required", _NO_NAMES)
    if type(properties) is not dict or type(required) is not list:
        return False
    if schema.get("type", "object") != "object":
        return False
    for item in properties.values():
        if type(item) is not dict or len(item) != 1:
            return False
        if "const" in item:
            if not _is_plain(item["const"]):
                return False
        elif type(item.get("enum")) is not list or not all(map(_is_plain, item["enum"])):
            return False
    return _are_names(required)


def _are_names(required: list[Any]) -> bool:
    """Whether each is a text that stands there once."""
    for name in required:
        if type(name) is not str:
            return False
    return len(required) < 2 or len(set(required)) == len(required)


_NONE: dict[str, Any] = {}
_NO_NAMES: list[str] = []


def _is_plain(value: object) -> TypeGuard[Scalar]:
    if type(value) is int or type(value) is float:
        return abs(value) <= _EXACT
    return type(value) in _SCALARS


def _is_one_of(value: object, choices: list[Scalar]) -> bool:
    """Equality as JSON Schema means it: 1 is 1.0, and true is no number."""
    is_number = type(value) is int or type(value) is float
    for choice in choices:
        if type(choice) is int or type(choice) is float:
            if is_number and value == choice:
                return True
        elif type(value) is type(choice) and value == choice:
            return True
    return False
