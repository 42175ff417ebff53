"""The validators of each JSON Schema dialect, with keywords of our own where the library's differ.

Every keyword looks at the time first, so that a schema or a document can ask for as much as it
likes. The library takes long to load and is seldom asked, so that whoever needs it loads this room.
Leaves reused validators and what an error means to `dialgate_evals.files.schema_validation`.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from jsonschema import (
    Draft4Validator,
    Draft6Validator,
    Draft7Validator,
    Draft201909Validator,
    Draft202012Validator,
)
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

from dialgate_evals.files.json_schema.ecma_patterns import compile_pattern
from dialgate_evals.files.json_schema.named_dialect import DIALECTS, NEWEST, dialect_of
from dialgate_evals.files.time_bounds import found_in, look_at_the_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def prepared(schema: Mapping[str, Any] | bool) -> Any:  # noqa: ANN401 - the library's
    """A validator of the schema that reaches for no other document."""
    return validator_of(schema)(schema, registry=Registry())


def validator_of(schema: object) -> Any:  # noqa: ANN401 - the library's classes
    """The validator of the dialect that `$schema` names; 2020-12 where it names none."""
    return _VALIDATORS[dialect_of(schema) or NEWEST]


def _multiple_of(
    validator: object, divisor: float, instance: object, _schema: object
) -> Iterator[ValidationError]:
    """`multipleOf` in decimal: 19.99 is a multiple of 0.01, which binary floats deny."""
    del validator
    if isinstance(instance, bool) or not isinstance(instance, int | float):
        return
    try:
        is_multiple = Decimal(repr(instance)) % Decimal(repr(divisor)) == 0
    except InvalidOperation:  # the quotient has more digits than decimal's context holds
        is_multiple = isinstance(instance, int) and isinstance(divisor, int)
        is_multiple = is_multiple and instance % divisor == 0
    if not is_multiple:
        yield ValidationError(f"{instance!r} is not a multiple of {divisor}")


def _pattern(
    validator: object, pattern: str, instance: object, _schema: object
) -> Iterator[ValidationError]:
    """`pattern` as ECMA means it. Raises OutOfTimeError for one without end.

    Neither answer would be safe: under `not` the one opens, elsewhere the other.
    """
    del validator
    if isinstance(instance, str) and not found_in(
        compile_pattern(pattern), instance, written=pattern
    ):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any,  # noqa: ANN401 - the library's
    patterns: Mapping[str, Any],
    instance: object,
    _schema: object,
) -> Iterator[ValidationError]:
    """As the library's own, with ECMA's patterns. Raises OutOfTimeError for one without end."""
    if not isinstance(instance, dict):
        return
    for pattern, schema in patterns.items():
        for key, value in instance.items():
            if found_in(compile_pattern(pattern), key, written=pattern):
                yield from validator.descend(value, schema, path=key, schema_path=pattern)


def _additional_properties(
    validator: Any,  # noqa: ANN401 - the library's
    allowed: Any,  # noqa: ANN401 - schema data
    instance: object,
    schema: Mapping[str, Any],
) -> Iterator[ValidationError]:
    """As the library's own, but for names that patterns match: those are ECMA's."""
    if not isinstance(instance, dict):
        return
    patterns = schema.get("patternProperties", ())
    named = schema.get("properties", {})
    extras = [
        key for key in instance
        if key not in named and not any(
 found_in(compile_pattern(pattern), key, written=pattern) for pattern in patterns)
    ]  # fmt: skip
    if isinstance(allowed, dict):
        for key in extras:
            yield from validator.descend(instance[key], allowed, path=key)
    elif not allowed and extras:
        shown = ", ".join(repr(key) for key in sorted(extras, key=str))
        verb = "was" if len(extras) == 1 else "were"
        yield ValidationError(f"Additional properties are not allowed ({shown} {verb} unexpected)")


def _unique_items(
    validator: object, wanted: object, instance: object, _schema: object
) -> Iterator[ValidationError]:
    """As the library's own, which compares each element with each."""
    del validator
    if not wanted or not isinstance(instance, list):
        return
    seen: set[object] = set()
    for item in instance:
        known = _as_key(item)
        if known in seen:
            yield ValidationError(f"{instance!r} has non-unique elements")
            return
        seen.add(known)


def _as_key(value: object) -> object:
    """Equal for values that JSON Schema holds to be equal: 1 and 1.0, but not 1 and true."""
    if isinstance(value, dict):
        return "object", frozenset((key, _as_key(item)) for key, item in value.items())
    if isinstance(value, list):
        return "array", tuple(map(_as_key, value))
    return (type(value), value) if isinstance(value, bool) else value


_OWN_KEYWORDS: dict[str, Any] = {
    "multipleOf": _multiple_of,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
}


def _in_time(keyword: Callable[..., Any]) -> Callable[..., Any]:
    def within(*arguments: object) -> Any:  # noqa: ANN401 - the library's
        look_at_the_time()
        return keyword(*arguments)

    return within


_VALIDATORS: dict[str, Any] = {
    uri: extend(  # type: ignore[no-untyped-call]  # jsonschema has no types for it
        base, {name: _in_time(word) for name, word in {**base.VALIDATORS, **_OWN_KEYWORDS}.items()}
    )
    for uri, base in zip(
        DIALECTS,
        (
            Draft4Validator,
            Draft6Validator,
            Draft7Validator,
            Draft201909Validator,
            Draft202012Validator,
        ),
        strict=True,
    )
}
