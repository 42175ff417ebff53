"""On which schemas jsonschema and jsonschema-rs were found to agree; tests hold them to it.

Leaves asking either to `dialgate_evals.files.schema_validation`.
"""

from __future__ import annotations

from typing import Any

# Left out on purpose: multipleOf (floats), pattern, patternProperties (regular expression
# dialects), format, remote and dynamic references, unevaluated*, content*.
_AGREED_KEYWORDS = frozenset(
    (
        "$schema $comment $defs definitions $ref title description default examples deprecated "
        "readOnly writeOnly type properties required additionalProperties items enum const anyOf "
        "allOf oneOf not minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength "
        "minItems maxItems minProperties maxProperties x-idempotency-key"
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
        case "anyOf" | "allOf" | "oneOf":
            return isinstance(value, list) and all(is_agreed_on(item, root) for item in value)
        case "items" | "additionalProperties" | "not":
            return is_agreed_on(value, root)
        case "$ref":
            return isinstance(value, str) and value.startswith("#/")
        case "$schema":
            return "2020-12" in str(value)
        case "const" | "enum" | "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return _is_exact_in_floats(value)
        case _:
            return True


def _is_exact_in_floats(value: object) -> bool:
    """Whether every number is small enough for a double; beyond, the validators differ by one."""
    if isinstance(value, dict):
        return all(_is_exact_in_floats(item) for item in value.values())
    if isinstance(value, list):
        return all(_is_exact_in_floats(item) for item in value)
    return not isinstance(value, int | float) or abs(value) <= 2**53
