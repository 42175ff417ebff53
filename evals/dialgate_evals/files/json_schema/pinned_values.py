"""Schemas of the commonest form, which pin the values of some keys: decided without a validator.

Such are the `where` of recordings and patterns, a different one in each case: to make a validator
of one costs more than all else that its case costs. Leaves every other form to
`dialgate_evals.files.schema_validation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

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
    if type(schema) is not dict or not schema.keys() <= _KEYS:
        return None
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if type(properties) is not dict or type(required) is not list:
        return None
    pinned = {key: _choices(item) for key, item in properties.items()}
    names = {name for name in required if type(name) is str}
    kind = schema.get("type", "object")
    if None in pinned.values() or len(names) != len(required) or kind != "object":
        return None
    needs_object = "type" in schema

    def is_satisfied(document: object) -> bool:
        if not isinstance(document, dict):
            return not needs_object
        if not names <= document.keys():
            return False
        for key, choices in pinned.items():
            if key in document and not _is_one_of(document[key], choices or ()):
                return False
        return True

    return is_satisfied


def _choices(schema: object) -> tuple[Scalar, ...] | None:
    """The values that the schema allows; None where it is of another form."""
    if type(schema) is not dict or len(schema) != 1:
        return None
    if "const" in schema:
        value = schema["const"]
        return (value,) if _is_plain(value) else None
    values = schema.get("enum")
    if type(values) is not list or not all(map(_is_plain, values)):
        return None
    return tuple(values)


def _is_plain(value: object) -> TypeGuard[Scalar]:
    if type(value) is int or type(value) is float:
        return abs(value) <= _EXACT
    return type(value) in _SCALARS


def _is_one_of(value: object, choices: tuple[Scalar, ...]) -> bool:
    """Equality as JSON Schema means it: 1 is 1.0, and true is no number."""
    is_number = type(value) is int or type(value) is float
    for choice in choices:
        if type(choice) is int or type(choice) is float:
            if is_number and value == choice:
                return True
        elif type(value) is type(choice) and value == choice:
            return True
    return False
