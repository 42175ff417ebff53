"""On which schemas jsonschema and jsonschema-rs were found to agree; tests hold them to it.

Leaves asking either to `dialgate_evals.files.schema_validation`.
"""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from dialgate_evals.files.json_schema.named_dialect import NEWEST, dialect_of
from dialgate_evals.files.json_schema.portable_patterns import is_linear, is_portable
from dialgate_evals.files.json_schema.schema_size import size_without_references

# Left out on purpose: multipleOf (floats), patternProperties and other patterns (regular expression
# dialects), uniqueItems, remote and dynamic references, unevaluated*, content*.
# Neither asserts a format.
_AGREED_KEYWORDS = frozenset(
    (
        "$schema $comment $defs definitions $ref title description default examples deprecated "
        "readOnly writeOnly type properties required additionalProperties items enum const anyOf "
        "allOf oneOf not minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength "
        "minItems maxItems minProperties maxProperties x-idempotency-key format pattern "
        "prefixItems if then else propertyNames dependentRequired"
    ).split()
)  # fmt: skip


def is_agreed_on(schema: object, root: object) -> bool:
    """Whether the schema uses nothing but keywords on which both validators agree."""
    if isinstance(schema, bool):
        return True
    if not isinstance(schema, dict):
        return False
    return all(_is_agreed_keyword(key, value, root) for key, value in schema.items())


def _is_agreed_keyword(key: str, value: Any, root: object) -> bool:  # noqa: ANN401 - schema data
    if key not in _AGREED_KEYWORDS:
        return False
    match key:
        case "properties" | "$defs" | "definitions":
            return isinstance(value, dict) and all(
                is_agreed_on(item, root) for item in value.values()
            )
        case "anyOf" | "allOf" | "oneOf" | "prefixItems":
            return isinstance(value, list) and all(is_agreed_on(item, root) for item in value)
        case "items" | "additionalProperties" | "not" | "if" | "then" | "else" | "propertyNames":
            return is_agreed_on(value, root)
        case "pattern" | "$ref" | "$schema":
            return isinstance(value, str) and _is_agreed_text(key, value)
        case "const" | "enum" | "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return _is_exact_in_floats(value)
        case _:
            return True


def _is_agreed_text(key: str, value: str) -> bool:
    if key == "pattern":
        return is_portable(value) and is_linear(value)
    return value.startswith("#/") if key == "$ref" else dialect_of({key: value}) == NEWEST


def _is_exact_in_floats(value: object) -> bool:
    """Whether every number is small enough for a double; beyond, the validators differ by one."""
    if isinstance(value, dict):
        return all(_is_exact_in_floats(item) for item in value.values())
    if isinstance(value, list):
        return all(_is_exact_in_floats(item) for item in value)
    return not isinstance(value, int | float) or abs(value) <= 2**53


_MOST_NODES = 64


def is_plainly_usable(schema: object) -> bool:
    """Whether a schema is seen at once to have no defect; False says nothing.

    Small, agreed on and without references it can neither lead anywhere nor multiply, so that only
    the meta-schema is left to ask. What the fast validator takes there the authority takes too.
    """
    if isinstance(schema, bool):
        return True
    if not is_agreed_on(schema, schema) or not _is_small_tree(schema):
        return False
    assert isinstance(schema, dict)
    # However the newest dialect is spelled, it is the one that is meant where none is named.
    plain = {key: value for key, value in schema.items() if key != "$schema"}
    try:
        return jsonschema_rs.meta.is_valid(plain)
    except (UnicodeEncodeError, ValueError):  # lone surrogates, unbounded nesting
        return False


def _is_small_tree(schema: object) -> bool:
    size = size_without_references(schema)
    return size is not None and size <= _MOST_NODES
