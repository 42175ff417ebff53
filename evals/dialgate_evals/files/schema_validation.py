"""JSON Schema validation: reused validators, every error as a problem, one verdict on arguments.

Python's jsonschema is the authority and words the errors. jsonschema-rs answers the frequent
question "is this valid?" where both are known to agree (docs/adr/0003-two-schema-validators.md);
the authority is loaded when it is first asked. No schema ever reaches the network. Leaves what a
file means to its reader.
"""

from __future__ import annotations

import json
from functools import cache, cached_property
from importlib import resources
from math import inf
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from dialgate_evals.files.json_schema.agreed_keywords import is_agreed_on, is_plainly_usable
from dialgate_evals.files.json_schema.error_words import as_problems
from dialgate_evals.files.json_schema.pinned_values import has_pinned_form, pinned_values
from dialgate_evals.files.json_schema.portable_patterns import is_portable
from dialgate_evals.files.json_schema.schema_size import (
    is_recursive,
    size_at_one_value,
    size_without_references,
)
from dialgate_evals.files.problems import Problem
from dialgate_evals.files.time_bounds import SCHEMA_S, OutOfTimeError, decided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema.exceptions import ValidationError

VALIDATOR = "jsonschema-2020-12/2"
"""Part of the comparability key: which validator decided what an invalid call is."""

_FILE_SCHEMAS = (
    "suite", "release", "actions", "tools", "policy", "dial", "runbook", "case", "transcript",
    "baseline", "adjudication", "envelope", "attestation", "recommendation", "owners", "rota",
    "judge", "label", "calibration", "fleet", "verdicts",
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


class DocumentValidator:
    """A reused validator of one schema; documents can come by the hundred thousand."""

    def __init__(
        self,
        schema: Mapping[str, Any] | bool,
        *,
        quick: bool = False,
        is_ours: bool = False,
        what: str = "a schema",
    ) -> None:
        """`quick`: portable patterns are the fast one's too, which refuses a last line feed.

        `is_ours`: no user wrote it, so it is asked without a bound. `what` names it for people.
        """
        self._what = what
        self._limit_s = inf if is_ours else SCHEMA_S
        self._schema = schema
        self._pinned = pinned_values(schema)
        self._fast: jsonschema_rs.Draft202012Validator | None = None
        if self._pinned is None:
            self._prepare(schema, quick=quick)

    def _prepare(self, schema: Mapping[str, Any] | bool, *, quick: bool) -> None:
        size = size_without_references(schema)
        self._surely_few = _MOST_STEPS // max(1, size) if size is not None else 0
        asked = _without_portable_patterns(schema) if quick else schema
        is_quick = is_agreed_on(asked, schema) and (size is not None or not is_recursive(schema))
        self._fast = _fast_validator(schema) if is_quick else None

    @cached_property
    def _slow(self) -> Any:  # noqa: ANN401 - the library's classes
        from dialgate_evals.files.json_schema.keywords import prepared  # noqa: PLC0415 - slow

        return prepared(self._schema)

    @cached_property
    def _most_values(self) -> float:
        return inf if self._limit_s == inf else _MOST_STEPS // size_at_one_value(self._schema)

    def is_valid(self, document: object) -> bool:
        """Whether the document satisfies the schema; what can't be decided in time does not.

        Defaults are not filled in.
        """
        try:
            return self.holds(document)
        except OutOfTimeError:
            return False

    def holds(self, document: object) -> bool:
        """As `is_valid`, for whom no and unknown differ. Raises OutOfTimeError."""
        if self._pinned is not None:
            return self._pinned(document)
        if self._fast is not None and not self._is_too_large(document):
            try:
                return self._fast.is_valid(document)
            except (UnicodeEncodeError, ValueError):  # lone surrogates, unbounded nesting
                pass
        slow = self._slow  # outside the bound: loading the library counts against nobody
        with decided(self, self._what, self._limit_s):
            return bool(slow.is_valid(document))

    def _is_too_large(self, document: object) -> bool:
        """Whether the fast validator, which nothing can end, might take long over it."""
        is_large = self._limit_s != inf and _has_more(document, self._surely_few)
        return is_large and _has_more(document, self._most_values)

    def errors(self, document: object) -> list[ValidationError]:
        """Every error, sorted by its place; elements of lists in their order."""
        slow = self._slow
        try:
            with decided(self, self._what, self._limit_s):
                found = list(slow.iter_errors(document))
        except OutOfTimeError as error:
            from jsonschema.exceptions import ValidationError  # noqa: PLC0415 - loaded by then

            return [ValidationError(str(error))]
        return sorted(found, key=lambda error: [_in_order(part) for part in error.absolute_path])


def _fast_validator(
    schema: Mapping[str, Any] | bool,
) -> jsonschema_rs.Draft202012Validator | None:
    try:
        return jsonschema_rs.Draft202012Validator(_plain(schema))
    except ValueError:  # a pattern that is too large once it is compiled
        return None


_MOST_STEPS = 20_000_000
"""Subschemas times values: what the fast validator, which nothing can end, does in a second."""


_CONTAINERS = (dict, list)


def _has_more(document: object, most: float) -> bool:
    """Whether the document holds more values than that; looks at no more than it has to."""
    if most >= _MOST_STEPS:
        return False
    if type(document) is dict and most > len(document):
        for value in document.values():
            if isinstance(value, _CONTAINERS):
                break
        else:
            return False
    count, waiting = 0, [document]
    while waiting and count <= most:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return count > most


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
    # Each of several missing keys is an error that names all of them.
    return list(dict.fromkeys(item for error in errors for item in as_problems(error, file, place)))


def schema_defects(schema: object) -> list[str]:
    """What is wrong with a JSON Schema that a user wrote; empty where it can be used.

    Only references into the schema itself are followed: anything else would mean the network.
    """
    if has_pinned_form(schema) or is_plainly_usable(schema):
        return []
    from dialgate_evals.files.json_schema.defects import find_defects  # noqa: PLC0415 - slow

    return find_defects(schema)
