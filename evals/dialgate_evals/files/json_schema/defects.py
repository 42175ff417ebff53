"""What is wrong with a JSON Schema that a user wrote, by the library that has the last word.

Leaves schemas that are seen at once to be usable to `agreed_keywords` and `pinned_values`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jsonschema import FormatChecker
from jsonschema.exceptions import SchemaError
from referencing.exceptions import Unresolvable

from dialgate_evals.files.json_schema.ecma_patterns import compile_pattern
from dialgate_evals.files.json_schema.keywords import prepared, validator_of
from dialgate_evals.files.json_schema.named_dialect import DIALECTS, dialect_of
from dialgate_evals.files.json_schema.schema_size import size_defects
from dialgate_evals.files.problems import join_words, show_value
from dialgate_evals.files.schema_references import patterns_of, reference_defects
from dialgate_evals.files.time_bounds import OutOfTimeError, bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEFECTS_S = 5.0
"""Processor time for finding out whether a schema can be used."""


def find_defects(schema: object) -> list[str]:
    """What keeps the schema from being used; empty where nothing does."""
    if not isinstance(schema, dict | bool):
        return ["it is neither an object nor a boolean"]
    try:
        with bounded(_DEFECTS_S):
            return _defects(schema)
    except SchemaError as error:
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        return [f"it is not valid JSON Schema at {pointer or 'its root'}: {error.message[:200]}"]
    except Unresolvable as error:
        return [f"a reference can't be resolved: {error}"]
    except OutOfTimeError:
        return [f"it can't be decided in {_DEFECTS_S:g} s, even for an empty object"]
    except RecursionError:
        return ["it refers to itself without end"]


def _defects(schema: dict[str, Any] | bool) -> list[str]:
    if dialect_of(schema) is None:
        known = join_words([uri.removesuffix("/schema") for uri in DIALECTS])
        named = show_value(dict(schema).get("$schema")) if isinstance(schema, dict) else ""
        return [f"its $schema {named} names a dialect that is not read; known are {known}"]
    validator = validator_of(schema)
    # Its own notion of a regular expression is Python's; patterns are looked at below.
    validator.check_schema(schema, format_checker=FormatChecker(formats=()))
    defects = [*reference_defects(schema), *_pattern_defects(schema)] or size_defects(schema)
    if not defects:
        list(prepared(schema).iter_errors({}))
    return defects


def _pattern_defects(schema: object) -> Iterator[str]:
    """A sentence for each pattern that is no regular expression."""
    for pattern in patterns_of(schema):
        try:
            compile_pattern(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            yield f"the pattern {pattern[:80]!r} is no regular expression: {error}"
