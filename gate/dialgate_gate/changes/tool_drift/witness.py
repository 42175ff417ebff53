"""A value that one schema takes and another refuses: what shows that a change breaks.

Tries a bounded number of values made from what both schemas say, in a fixed order. Finding none
shows nothing.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_parsed
from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_gate.changes.tool_drift.facts import possible_types
from dialgate_gate.changes.tool_drift.normal_form import conjuncts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_gate.changes.tool_drift.keywords import Schema

_MOST_TRIED = 200
_MOST_INSIDE = 8
_DEEPEST = 3

_TEXTS = (
    "", "a", "A", "ab", "text", "two words", "A1", "a-b", "a_b", "0", "12", "123456", "3.14",
    "2026-11-28", "2026-11-28T12:00:00Z", "https://example.com/a", "a@example.com", "/a/b.txt",
    "Europe/Berlin", "00000000-0000-4000-8000-000000000000", "é", "a" * 40,
)  # fmt: skip


_ANYTHING: tuple[Any, ...] = ("a", 1, None, True, [], {}, 0.5)


def find_witness(*, baseline: Schema, candidate: Schema) -> list[Any]:
    """A list with one value that only the baseline takes; empty where none was found."""
    takes, refuses = DocumentValidator(baseline), DocumentValidator(candidate)
    tried = itertools.chain(sample_values(baseline), sample_values(candidate))
    for value in itertools.islice(_distinct(tried), _MOST_TRIED):
        if takes.is_valid(value) and not refuses.is_valid(value):
            return [value]
    return []


def _distinct(values: Iterator[Any]) -> Iterator[Any]:
    seen: set[str] = set()
    for value in values:
        text = canonical_parsed(value)
        if text not in seen:
            seen.add(text)
            yield value


def sample_values(schema: Schema, depth: int = 0) -> Iterator[Any]:
    """Values at and around what the schema says; not all of them satisfy it."""
    facts = conjuncts(schema)
    for fact in facts:
        yield from (fact[key] for key in ("const", "default") if key in fact)
        yield from (*fact.get("enum", ()), *fact.get("examples", ()))
    for fact in facts if depth < _DEEPEST else ():
        for keyword in ("anyOf", "oneOf"):
            for part in fact.get(keyword, ()):
                left = {key: value for key, value in fact.items() if key != keyword}
                whole = {"allOf": [left, part]}
                yield from itertools.islice(sample_values(whole, depth + 1), _MOST_INSIDE)
    merged = facts[0] if len(facts) == 1 else _laid_over(facts)
    for kind in sorted(possible_types(facts) - {"fraction"}):
        yield from _of_type(kind, merged, depth)
    if "fraction" in possible_types(facts):
        yield from (0.5, -1.5)


def _laid_over(facts: tuple[Schema, ...]) -> Schema:
    laid: Schema = {}
    for fact in facts:
        for key, value in fact.items():
            both = key == "properties" and key in laid
            laid[key] = {**laid[key], **value} if both else value
    return laid


def _of_type(kind: str, schema: Schema, depth: int) -> Iterator[Any]:
    match kind:
        case "null":
            yield None
        case "boolean":
            yield from (True, False)
        case "integer":
            yield from _numbers(schema)
        case "string":
            yield from _strings(schema)
        case "array":
            yield from _lists(schema, depth)
        case _:
            yield from _objects(schema, depth)


def _numbers(schema: Schema) -> Iterator[float]:
    yield from (0, 1, 2, 10, -1, 1000)
    for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        if keyword in schema:
            yield from (schema[keyword], schema[keyword] + 1, schema[keyword] - 1)


def _strings(schema: Schema) -> Iterator[str]:
    yield from _TEXTS
    for keyword in ("minLength", "maxLength"):
        if schema.get(keyword, 10_000) < 1_000:
            yield "a" * int(schema[keyword])
            yield "a" * (int(schema[keyword]) + 1)


def _inside(schema: Any, depth: int) -> list[Any]:  # noqa: ANN401 - schema data
    """A few values of a schema inside another, those that satisfy it first."""
    if depth >= _DEEPEST or not schema:
        return list(_ANYTHING)
    check = DocumentValidator(schema)
    values = list(itertools.islice(_distinct(sample_values(schema, depth + 1)), 4 * _MOST_INSIDE))
    values.sort(key=lambda value: not check.is_valid(value))
    return values[:_MOST_INSIDE]


def _lists(schema: Schema, depth: int) -> Iterator[list[Any]]:
    yield []
    prefix = [_inside(part, depth)[:1] for part in schema.get("prefixItems", ())]
    start = [values[0] for values in prefix if values]
    yield start
    values = _inside(schema.get("items", {}), depth)
    least = min(int(schema.get("minItems", 0)), 50)
    for value in values:
        yield [*start, value]
        yield ([*start, *([value] * least)])[: max(least, 1)]
    yield [*start, *values[: max(least, 3)]]
    yield [*start, *values[:2], *values[:2]]


def _objects(schema: Schema, depth: int) -> Iterator[dict[str, Any]]:
    """What is required alone, everything, and each property once with other values."""
    properties = schema.get("properties", {})
    values = {name: _inside(part, depth) for name, part in properties.items()}
    needed = {name: [*values.get(name, ()), "a"][0] for name in schema.get("required", ())}
    yield needed
    yield {**{name: some[0] for name, some in values.items() if some}, **needed}
    for name, some in values.items():
        for value in some:
            yield {**needed, name: value}
    for one, other in itertools.islice(itertools.combinations(values, 2), 20):
        for pair in itertools.islice(itertools.product(values[one][:3], values[other][:3]), 9):
            yield {**needed, one: pair[0], other: pair[1]}
    others = schema.get("additionalProperties", {})
    for value in _inside(others, depth)[:4]:
        yield {**needed, "another": value}
