"""Action classes that can both match one call: found by trying calls made from their schemas.

Finds a witness or says nothing; it never claims that two classes exclude each other.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.problems import Problem
from dialgate_evals.files.schema_validation import DocumentValidator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.actions.action_classes import ActionClass, ActionRegistry

_MOST_CALLS = 2000


def overlapping_classes(registry: ActionRegistry, file: str) -> Iterator[Problem]:
    """A problem for each pair of classes that one call can match; the first in the file wins."""
    tools = dict.fromkeys(tool for item in registry.classes for tool in item.tools)
    for tool in tools:
        for first, second in itertools.combinations(registry.classes_of_tool(tool), 2):
            if first.when is None:
                yield Problem(
                    file=file,
                    place=f"class.{second.name}",
                    found=f'a class that no call of "{tool}" reaches: {first.name} stands before '
                    "it and takes every call",
                    expected="a `when` in the earlier class, or the tool in one class",
                )
            elif (witness := _witness(first, second)) is not None:
                yield Problem(
                    file=file,
                    place=f"class.{second.name}",
                    found=f"an overlap with {first.name}: both match {tool}({_show(witness)})",
                    expected="classes of which one call matches one",
                    advice=f"The first in the file wins; a `when` in {second.name} that excludes "
                    f"{first.name} says so.",
                    severity="warning",
                )


def _witness(first: ActionClass, second: ActionClass) -> dict[str, Any] | None:
    """Arguments that both classes match, or None where none was found."""
    schemas = [item.when for item in (first, second) if item.when is not None]
    validators = [DocumentValidator(schema) for schema in schemas]
    values: dict[str, list[Any]] = {}
    for schema in schemas:
        for key, part in _properties(schema).items():
            values.setdefault(key, []).extend(_boundary_values(part))
    keys = sorted(values)
    products = itertools.product(*(values[key] for key in keys))
    for combination in itertools.islice(products, _MOST_CALLS):
        arguments = {
            key: value for key, value in zip(keys, combination, strict=True) if value is not _ABSENT
        }
        if all(validator.is_valid(arguments) for validator in validators):
            return arguments
    return None


_ABSENT = object()


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found = dict(schema.get("properties") or {})
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key) or ():
            if isinstance(part, dict):
                found.update(_properties(part))
    return found


def _boundary_values(schema: object) -> list[Any]:
    """Values at and around whatever the schema pins, and the property's absence."""
    if not isinstance(schema, dict):
        return [_ABSENT, 0, "", True]
    values: list[Any] = [_ABSENT]
    values += [schema["const"]] if "const" in schema else []
    values += list(schema.get("enum") or ())
    for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(bound := schema.get(key), int | float):
            values += [bound, bound + 1, bound - 1, bound + 1000]
    if len(values) == 1:
        values += [0, 1, "", "text", True, False, [], {}]
    return values


def _show(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in arguments.items()) or "no arguments"
