"""A validation error in words for people: what was found, what was expected, what to do.

Leaves finding the errors to `dialgate_evals.files.schema_validation`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.problems import Problem, join_words, show_value
from dialgate_evals.files.suggest import suggest_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema.exceptions import ValidationError


def as_problems(
    error: ValidationError, file: str, place: Callable[[tuple[str | int, ...]], str]
) -> Iterator[Problem]:
    """The error's problems; of several branches those of the one that got furthest."""
    if error.validator in {"anyOf", "oneOf"} and error.context:
        closest = _closest_branch(error)
        if closest:
            for inner in closest:
                yield from as_problems(inner, file, place)
            return
    path = tuple(error.absolute_path)
    for word_path, found, expected, advice in _facts(error, path):
        yield Problem(
            file=file, place=place(word_path), found=found, expected=expected, advice=advice
        )


def _closest_branch(error: ValidationError) -> list[ValidationError]:
    """The errors of the branch that got furthest, if one did; else none."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    reached = [
        branch
        for branch in branches.values()
        if not any(inner.validator == "type" and not inner.relative_path for inner in branch)
    ]
    return reached[0] if len(reached) == 1 else []


def _facts(
    error: ValidationError, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str, str, str]]:
    value: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    match error.validator:
        case "additionalProperties" if isinstance(instance, dict):
            known = [str(key) for key in schema.get("properties", {})]
            unknown = [key for key in instance if _is_unknown(key, schema)]
            for key in unknown:
                expected = f"one of the keys {join_words(known)}" if known else "no such key"
                yield (*path, key), f'the unknown key "{key}"', expected, suggest_word(key, known)
        case "required":
            for key in value:
                if key not in instance:
                    yield path, f'no key "{key}"', "it, because it is required", ""
        case "type":
            kinds = [value] if isinstance(value, str) else list(value)
            yield path, show_value(error.instance), _article(" or ".join(kinds)), ""
        case "enum":
            words = [str(item) for item in value]
            advice = suggest_word(str(error.instance), words)
            yield path, show_value(error.instance), f"one of {join_words(words)}", advice
        case "const":
            yield path, show_value(error.instance), show_value(value), ""
        case _:
            yield path, show_value(error.instance), _expectation(error), ""


def _is_unknown(key: str, schema: Mapping[str, Any]) -> bool:
    patterns = schema.get("patternProperties", {})
    return key not in schema.get("properties", {}) and not any(
        re.search(pattern, key) for pattern in patterns
    )


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


_BOUNDS = {
    "minimum": "at least {}", "maximum": "at most {}", "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}", "minLength": "at least {} characters",
    "maxLength": "at most {} characters", "minItems": "at least {} elements",
    "maxItems": "at most {} elements", "minProperties": "at least {} keys",
    "maxProperties": "at most {} keys", "pattern": "text that matches {}",
}  # fmt: skip


def _expectation(error: ValidationError) -> str:
    if template := _BOUNDS.get(str(error.validator)):
        return template.format(error.validator_value)
    description = error.schema.get("description") if isinstance(error.schema, dict) else None
    if error.validator == "not" and isinstance(error.validator_value, dict):
        together = error.validator_value.get("required")
        if together:
            return f"not both of {join_words([str(key) for key in together])}"
    if not description:
        return f"what {error.validator} in the schema asks for"
    return str(description)[:1].lower() + str(description)[1:].rstrip(".")
