"""A tool's JSON Schema as flat checks that every language can make alike, or none.

A check names a place in the arguments and what a value there must be; where nothing is, it holds.
Pure; leaves conditions of action classes to `dialgate_gate.audit.dial_export`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_schema.portable_patterns import is_portable
from dialgate_gate.audit.compared_kinds import ELEMENTS, LARGEST_EXACT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_gate.audit.compared_kinds import Place

Checks = list[dict[str, Any]]

_WORDS = frozenset(
    "title description $comment default examples deprecated readOnly writeOnly $schema format "
    "x-idempotency-key $id".split()
)
_COUNTS = {"minLength": "min_length", "maxLength": "max_length", "minItems": "min_items",
           "maxItems": "max_items", "minProperties": "min_keys",
           "maxProperties": "max_keys"}  # fmt: skip
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})


def argument_checks(schema: Mapping[str, Any] | bool) -> Checks | None:
    """The schema of a tool's arguments as checks that must all hold; None: it says more.

    `{"at": [keys, "*" for each element], "is": …, "value": …}` with `kind`, `has`, `only`,
    `one_of`, a bound by its name in JSON Schema, `min_length` and its like, or `pattern`.
    """
    return _checks(schema, ())


def kind_checks(kinds: Mapping[Place, frozenset[str]]) -> Checks:
    """What conditions compare must be of these kinds, numbers such as every language counts."""
    found: Checks = []
    for place, allowed in sorted(kinds.items()):
        at = list(place)
        found.append({"at": at, "is": "kind", "value": sorted(allowed)})
        if allowed & {"number", "integer"}:
            found.append({"at": at, "is": "exclusiveMinimum", "value": -LARGEST_EXACT})
            found.append({"at": at, "is": "exclusiveMaximum", "value": LARGEST_EXACT})
    return found


def _checks(schema: object, place: Place) -> Checks | None:
    if schema is True:
        return []
    if not isinstance(schema, dict):
        return None
    found: Checks = []
    for word, value in schema.items():
        checks = _checks_of_word(word, value, place, schema)
        if checks is None:
            return None
        found += checks
    return found


def _checks_of_word(
    word: str,
    value: Any,  # noqa: ANN401 - schema data
    place: Place,
    schema: Mapping[str, Any],
) -> Checks | None:
    at = list(place)
    if word in _WORDS:
        return []
    if word in _BOUNDS or word in _COUNTS:
        return [{"at": at, "is": _COUNTS.get(word, word), "value": value}]
    if word in {"type", "anyOf", "const", "enum", "pattern"}:
        return _of_value(word, value, at)
    if word == "required":
        return [{"at": at, "is": "has", "value": key} for key in value]
    if word == "additionalProperties":
        return _of_others(value, at, schema)
    if word == "properties":
        return _of_properties(value, place)
    return _checks(value, (*place, ELEMENTS)) if word == "items" else None


def _of_value(word: str, value: Any, at: list[str]) -> Checks | None:  # noqa: ANN401 - any data
    """Of words about the value itself."""
    if word == "pattern":
        return [{"at": at, "is": "pattern", "value": value}] if is_portable(value) else None
    if word in {"const", "enum"}:
        values = [value] if word == "const" else list(value)
        plain = all(item is None or isinstance(item, str | bool | int | float) for item in values)
        return [{"at": at, "is": "one_of", "value": values}] if plain else None
    branches = [{"type": value}] if word == "type" else value
    if not all(isinstance(item, dict) and set(item) - _WORDS == {"type"} for item in branches):
        return None
    kinds = sorted({kind for item in branches for kind in _named(item)})
    return [{"at": at, "is": "kind", "value": kinds}]


def _of_others(value: object, at: list[str], schema: Mapping[str, Any]) -> Checks | None:
    """Of `additionalProperties`: any other argument, or none."""
    if value in (True, {}):
        return []
    if value is not False or "patternProperties" in schema:
        return None
    return [{"at": at, "is": "only", "value": sorted(schema.get("properties", {}))}]


def _named(schema: Mapping[str, Any]) -> list[str]:
    kind = schema["type"]
    return [kind] if isinstance(kind, str) else list(kind)


def _of_properties(properties: Mapping[str, object], place: Place) -> Checks | None:
    found: Checks = []
    for key, schema in properties.items():
        checks = None if key == ELEMENTS else _checks(schema, (*place, key))
        if checks is None:
            return None
        found += checks
    return found
