"""What is known of the values of flat schemas that hold together: types, bounds, listed values.

Everything here errs towards more values than there are. Leaves proofs to `containment`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_gate.changes.tool_drift.keywords import GROUPS, Schema, map_schemas, split_groups

Conjuncts = tuple[Schema, ...]

NUMBERS = frozenset({"integer", "fraction"})
EVERY_TYPE = NUMBERS | {"null", "boolean", "string", "array", "object"}

_CHECKED = (GROUPS.keys() - {"format", "content", "opaque"}) | {"allOf"}
# what a validator decides; it passes over formats and over keywords that it doesn't know
_MOST_VALUES = 500


def named_types(schema: Schema) -> frozenset[str]:
    """The types that `type` allows; a number is whole (integer) or not (fraction)."""
    words = schema.get("type")
    if words is None:
        return EVERY_TYPE
    found: set[str] = set()
    for word in [words] if isinstance(words, str) else words:
        found |= NUMBERS if word == "number" else {word}
    return frozenset(found)


def possible_types(facts: Conjuncts) -> frozenset[str]:
    """The types that a value of all the schemas can have at most."""
    types = EVERY_TYPE
    for fact in facts:
        types &= named_types(fact)
        if Fraction(str(fact.get("multipleOf", 0.5))).denominator == 1:
            types -= {"fraction"}
    return types


def is_never(facts: Conjuncts) -> bool:
    """Whether no value satisfies the schemas, as far as it shows at once."""
    return not possible_types(facts) or any(
        fact.get("not") == {} or fact.get("enum") == [] or fact.get("anyOf") == [] for fact in facts
    )


def finite_values(facts: Conjuncts) -> list[Any] | None:
    """Every value of the schemas where they list them; None where they don't."""
    listed = next((fact["enum"] for fact in facts if "enum" in fact), None)
    constant = next(([fact["const"]] for fact in facts if "const" in fact), None)
    types = possible_types(facts)
    values = constant if constant is not None else listed
    if values is None and types <= {"null", "boolean"}:
        values = [None, False, True]
    if values is None or len(values) > _MOST_VALUES:
        return None
    validators = [DocumentValidator(fact) for fact in facts]
    return [value for value in values if all(check.is_valid(value) for check in validators)]


def is_checkable(schema: Schema) -> bool:
    """Whether a validator's word on a value is all that the schema says."""
    if split_groups(schema).keys() - _CHECKED:
        return False
    inside: list[Schema] = []
    map_schemas(schema, inside.append)
    return all(is_checkable(item) for item in inside)


def lower_bound(facts: Conjuncts, *, sign: int, whole: bool) -> tuple[Fraction, bool] | None:
    """The strongest lower bound and whether it is exclusive; with sign -1 of the negated value."""
    pair = ("minimum", "exclusiveMinimum") if sign == 1 else ("maximum", "exclusiveMaximum")
    bounds = [
        bound(sign * fact[keyword], keyword.startswith("exclusive"), whole=whole)
        for fact in facts
        for keyword in pair
        if keyword in fact
    ]
    return max(bounds, default=None)


def bound(limit: float, exclusive: bool, *, whole: bool) -> tuple[Fraction, bool]:
    """A lower bound that can be compared: of whole numbers it is never exclusive."""
    if not whole:
        return Fraction(limit), exclusive
    rounded = math.floor(limit) + 1 if exclusive else math.ceil(limit)
    return Fraction(rounded), False
