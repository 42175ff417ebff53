"""JSON Schema validation: reused validators, every error as a problem, one verdict on arguments.

Python's jsonschema is the authority and words the errors. jsonschema-rs answers the frequent
question "is this valid?" where both are known to agree (docs/adr/0003-two-schema-validators.md).
No schema ever reaches the network. Leaves what a file means to its reader.
"""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from math import inf
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from jsonschema import (
    Draft4Validator,
    Draft6Validator,
    Draft7Validator,
    Draft201909Validator,
    Draft202012Validator,
    FormatChecker,
)
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from dialgate_evals.files.json_schema.ecma_patterns import compile_pattern
from dialgate_evals.files.portable_patterns import is_portable
from dialgate_evals.files.problems import Problem, join_words, show_value
from dialgate_evals.files.schema_references import patterns_of, reference_defects
from dialgate_evals.files.schema_size import is_recursive, size_defects
from dialgate_evals.files.suggest import suggest_word
from dialgate_evals.files.time_bounds import (
    PATTERN_S,
    SCHEMA_S,
    OutOfTimeError,
    bounded,
    found_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

VALIDATOR = "jsonschema-2020-12/2"
"""Part of the comparability key: which validator decided what an invalid call is."""

_FILE_SCHEMAS = (
    "suite", "release", "actions", "tools", "policy", "dial", "runbook", "case", "transcript",
    "baseline", "adjudication", "envelope", "attestation", "recommendation",
)  # fmt: skip

# Keywords on which jsonschema and jsonschema-rs were found to agree (tests hold them to it).
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


def schema_names() -> tuple[str, ...]:
    """The schemas that ship with the package, by name."""
    return tuple(sorted(_FILE_SCHEMAS))


@cache
def file_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file. Raises KeyError for an unknown name."""
    if name not in _FILE_SCHEMAS:
        raise KeyError(name)
    text = (resources.files("dialgate_evals") / "schemas" / f"{name}.schema.json").read_text(
        "utf-8"
    )
    schema: dict[str, Any] = json.loads(text)
    return schema


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
    """`pattern` within bounds: what can't be told in time doesn't match."""
    del validator
    if not isinstance(instance, str):
        return
    try:
        if not found_in(compile_pattern(pattern), instance):
            yield ValidationError(f"{instance!r} does not match {pattern!r}")
    except OutOfTimeError:
        yield ValidationError(f"{pattern!r} can't be decided in {PATTERN_S:g} s")


def _pattern_properties(
    validator: Any,  # noqa: ANN401 - the library's
    patterns: Mapping[str, Any],
    instance: object,
    _schema: object,
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for pattern, schema in patterns.items():
        for key, value in instance.items():
            if compile_pattern(pattern).search(key):
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
    patterns = [compile_pattern(pattern) for pattern in schema.get("patternProperties", ())]
    named = schema.get("properties", {})
    extras = [
        key for key in instance
        if key not in named and not any(pattern.search(key) for pattern in patterns)
    ]  # fmt: skip
    if isinstance(allowed, dict):
        for key in extras:
            yield from validator.descend(instance[key], allowed, path=key)
    elif not allowed and extras:
        shown = ", ".join(repr(key) for key in sorted(extras, key=str))
        verb = "was" if len(extras) == 1 else "were"
        yield ValidationError(f"Additional properties are not allowed ({shown} {verb} unexpected)")


_OWN_KEYWORDS: dict[str, Any] = {
    "multipleOf": _multiple_of,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
}

_VALIDATORS: dict[str, Any] = {
    uri: extend(base, _OWN_KEYWORDS)  # type: ignore[no-untyped-call]
    for uri, base in (
        ("json-schema.org/draft-04/schema", Draft4Validator),
        ("json-schema.org/draft-06/schema", Draft6Validator),
        ("json-schema.org/draft-07/schema", Draft7Validator),
        ("json-schema.org/draft/2019-09/schema", Draft201909Validator),
        ("json-schema.org/draft/2020-12/schema", Draft202012Validator),
    )
}
_NEWEST = "json-schema.org/draft/2020-12/schema"


def _validator_of(schema: object) -> Any:  # noqa: ANN401 - the library's classes
    """The validator of the dialect that `$schema` names; 2020-12 where it names none."""
    return _VALIDATORS[_dialect_of(schema) or _NEWEST]


def _dialect_of(schema: object) -> str | None:
    """The known dialect that the schema's `$schema` names; None where it is unknown."""
    named = schema.get("$schema", _NEWEST) if isinstance(schema, dict) else _NEWEST
    plain = str(named).strip().removesuffix("#").partition("://")[2] or str(named)
    return plain if plain in _VALIDATORS else None


class DocumentValidator:
    """A reused validator of one schema; documents can come by the hundred thousand."""

    def __init__(
        self, schema: Mapping[str, Any] | bool, *, quick: bool = False, is_ours: bool = False
    ) -> None:
        """`quick`: portable patterns are the fast one's too, which refuses a last line feed.

        `is_ours`: no user wrote it, so it is asked without a bound.
        """
        self._limit_s = inf if is_ours else SCHEMA_S
        asked = _without_portable_patterns(schema) if quick else schema
        self._slow = _validator_of(schema)(schema, registry=Registry())
        self._fast = (
            jsonschema_rs.Draft202012Validator(_plain(schema))
            if _is_agreed_on(asked, schema) and not is_recursive(schema)
            else None
        )

    def is_valid(self, document: object) -> bool:
        """Whether the document satisfies the schema; defaults are not filled in."""
        if self._fast is not None:
            try:
                return self._fast.is_valid(document)
            except (UnicodeEncodeError, ValueError):  # lone surrogates, unbounded nesting
                pass
        try:
            with self._bound():
                return bool(self._slow.is_valid(document))
        except (RecursionError, OutOfTimeError):
            return False

    def errors(self, document: object) -> list[ValidationError]:
        """Every error, sorted by its place; elements of lists in their order."""
        try:
            with self._bound():
                found = list(self._slow.iter_errors(document))
        except OutOfTimeError:
            return [ValidationError(f"the schema can't be decided in {self._limit_s:g} s")]
        return sorted(found, key=lambda error: [_in_order(part) for part in error.absolute_path])

    def _bound(self) -> AbstractContextManager[None]:
        return nullcontext() if self._limit_s == inf else bounded(self._limit_s)


def _without_portable_patterns(schema: object) -> object:
    """The schema without the patterns that every engine reads alike (`portable_patterns`)."""
    if isinstance(schema, list):
        return [_without_portable_patterns(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_portable_patterns(item)
        for key, item in schema.items()
        if key != "pattern" or not is_portable(item)
    }


def _in_order(part: str | int) -> tuple[int, str]:
    return (part, "") if isinstance(part, int) else (-1, part)


def _plain(schema: Mapping[str, Any] | bool) -> dict[str, Any] | bool:
    return schema if isinstance(schema, bool) else dict(schema)


@cache
def file_validator(name: str) -> DocumentValidator:
    """The reused validator of one kind of file."""
    return DocumentValidator(file_schema(name), is_ours=True)


@cache
def _trusted_fast_validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(file_schema(name))


def check_document(
    document: object, name: str, file: str, place: Callable[[tuple[str | int, ...]], str]
) -> list[Problem]:
    """Every way in which the document breaks the schema `name`, as problems.

    `place` turns a path inside the document into words for people (a line, a JSON Pointer).
    """
    try:
        # Our own schemas keep to regular expressions that mean the same in both dialects.
        if _trusted_fast_validator(name).is_valid(document):
            return []
    except (UnicodeEncodeError, ValueError):
        pass
    try:
        errors = file_validator(name).errors(document)
    except RecursionError:
        return [Problem(file=file, found="data nested too deeply", expected="at most 100 levels")]
    return [problem for error in errors for problem in _as_problems(error, file, place)]


def _as_problems(
    error: ValidationError, file: str, place: Callable[[tuple[str | int, ...]], str]
) -> Iterator[Problem]:
    if error.validator in {"anyOf", "oneOf"} and error.context:
        closest = _closest_branch(error)
        if closest:
            for inner in closest:
                yield from _as_problems(inner, file, place)
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


def schema_defects(schema: object) -> list[str]:
    """What is wrong with a JSON Schema that a user wrote; empty where it can be used.

    Only references into the schema itself are followed: anything else would mean the network.
    """
    if not isinstance(schema, dict | bool):
        return ["it is neither an object nor a boolean"]
    try:
        if _dialect_of(schema) is None:
            known = join_words([uri.removesuffix("/schema") for uri in _VALIDATORS])
            named = show_value(dict(schema).get("$schema")) if isinstance(schema, dict) else ""
            return [f"its $schema {named} names a dialect that is not read; known are {known}"]
        validator = _validator_of(schema)
        # Its own notion of a regular expression is Python's; patterns are looked at below.
        validator.check_schema(schema, format_checker=FormatChecker(formats=()))
        defects = [*reference_defects(schema), *_pattern_defects(schema)] or size_defects(schema)
        if not defects:
            with bounded(SCHEMA_S):
                list(validator(schema, registry=Registry()).iter_errors({}))
    except SchemaError as error:
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        return [f"it is not valid JSON Schema at {pointer or 'its root'}: {error.message[:200]}"]
    except Unresolvable as error:
        return [f"a reference can't be resolved: {error}"]
    except OutOfTimeError:
        return [f"it can't be decided in {SCHEMA_S:g} s, even for an empty object"]
    except RecursionError:
        return ["it refers to itself without end"]
    return defects


def _pattern_defects(schema: object) -> Iterator[str]:
    """A sentence for each pattern that is no regular expression."""
    for pattern in patterns_of(schema):
        try:
            compile_pattern(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            yield f"the pattern {pattern[:80]!r} is no regular expression: {error}"


def _is_agreed_on(schema: object, root: object) -> bool:
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
                _is_agreed_on(item, root) for item in value.values()
            )
        case "anyOf" | "allOf" | "oneOf":
            return isinstance(value, list) and all(_is_agreed_on(item, root) for item in value)
        case "items" | "additionalProperties" | "not":
            return _is_agreed_on(value, root)
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
