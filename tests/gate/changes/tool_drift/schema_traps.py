"""Changes that look harmless and are not, each with a value that only the old schema takes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gate.changes.tool_drift.schema_changes import INTEGER, NUMBER, STRING, array, takes, text

CLOSED = {"additionalProperties": False}
KIND = {"properties": {"k": {"const": 1}}}
OTHER_KIND = {"properties": {"k": {"const": 2}}}


def trap(before: Any, now: Any, value: Any, name: str) -> Any:
    """Two schemas of one argument and a value that only the first takes."""
    return pytest.param(before, now, value, id=name)


TRAPS = [
    trap(STRING, {"oneOf": [STRING, {"minLength": 3}]}, "long", "alternatives of which two can hold"),
    trap({"oneOf": [text(maxLength=3), text(minLength=5)]}, {"oneOf": [text(maxLength=6), text(minLength=5)]}, "12345", "a wider alternative that overlaps another"),
    trap({"oneOf": [{**INTEGER, "maximum": 1}, {**INTEGER, "minimum": 2}]}, {"oneOf": [{**INTEGER, "maximum": 2}, {**INTEGER, "minimum": 2}]}, 2, "ranges that touch"),
    trap(STRING, {"oneOf": [{**KIND, "required": ["k"]}, {**OTHER_KIND, "required": ["k"]}]}, "", "alternatives that only tell objects apart"),
    trap({"anyOf": [STRING, INTEGER]}, {"anyOf": [STRING, NUMBER], "not": INTEGER}, 1, "one of two alternatives is refused elsewhere"),
    trap({"not": {"minimum": 5}}, {"not": {"minimum": 3}}, 4, "more is refused by not"),
    trap({"not": text(maxLength=2)}, {"not": text(maxLength=3)}, "abc", "longer texts are refused by not"),
    trap({"type": "number", "multipleOf": 2}, {"type": "number", "multipleOf": 4}, 2, "a multiple that is no divisor"),
    trap({"type": "integer", "minimum": 0.5}, {"type": "integer", "minimum": 1.5}, 1, "bounds between whole numbers"),
    trap({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 1.5}, 1, "a bound just above a whole number"),
    trap({"type": "number", "minimum": 0}, {"type": "number", "exclusiveMinimum": 0}, 0, "the bound itself"),
    trap({"minimum": 0}, {"minimum": 0, "minLength": 1}, "", "a keyword for another type"),
    trap({"type": ["boolean", "null"]}, {"enum": [True, None]}, False, "a boolean that is not listed"),
    trap({"enum": [1]}, {"enum": [True]}, 1, "true for 1"),
    trap({"const": {"a": [0]}}, {"const": {"a": [False]}}, {"a": [0]}, "false for 0, inside"),
    trap({"allOf": [{"minimum": 1}, {"minimum": 2}]}, {"allOf": [{"minimum": 1}, {"minimum": 3}]}, 2, "the stronger of two bounds"),
    trap({"allOf": [takes(a=STRING), takes(b=STRING)]}, {"allOf": [takes(a=STRING, closed=True), takes(b=STRING)]}, {"b": ""}, "a closed object beside an open one"),
    trap(takes(a=STRING, closed=True), {**takes(b=STRING), **CLOSED}, {"a": ""}, "another name in a closed object"),
    trap(takes(a=STRING, closed=True), {"allOf": [takes(a=STRING), CLOSED]}, {"a": ""}, "a closed object that lists no name itself"),
    trap({"additionalProperties": INTEGER}, {"properties": {"a": STRING}, "additionalProperties": INTEGER}, {"a": 1}, "a name taken out of the rest"),
    trap({"patternProperties": {"^a": STRING}, **CLOSED}, {"patternProperties": {"^b": STRING}, **CLOSED}, {"a": ""}, "another pattern of names"),
    trap({"patternProperties": {"^a": STRING, "b$": INTEGER}, **CLOSED}, {"patternProperties": {"^a": STRING}, "additionalProperties": STRING}, {"b": 1}, "a pattern of names is dropped into the rest"),
    trap({"patternProperties": {"^a": {}}, "additionalProperties": STRING}, {"patternProperties": {"^a": {}, "b$": STRING}}, {"ab": 1}, "a pattern that overlaps another"),
    trap({"patternProperties": {"^a": STRING}}, {"properties": {"ab": INTEGER}}, {"ab": ""}, "a name that a pattern ruled"),
    trap({"required": ["a"]}, {"required": ["a"], "minProperties": 2}, {"a": 1}, "more names than are required"),
    trap(takes(a=STRING, b=STRING, closed=True), {"maxProperties": 1}, {"a": "", "b": ""}, "fewer names than are listed"),
    trap(takes(a=STRING), {"maxProperties": 1}, {"a": "", "b": ""}, "names that are not listed count"),
    trap({"propertyNames": {"maxLength": 3}}, {"propertyNames": {"maxLength": 2}}, {"abc": 1}, "shorter names"),
    trap({"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": ["b", "c"]}}, {"a": 1, "b": 1}, "one more dependent name"),
    trap({"dependentSchemas": {"a": {}}}, {"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, "a dependent schema"),
    trap({"prefixItems": [STRING], "items": INTEGER}, {"items": {"type": ["string", "integer"]}, "prefixItems": [STRING, STRING]}, ["", 1], "an element that moves into the tuple"),
    trap({"prefixItems": [STRING], "items": INTEGER}, {"allOf": [{"prefixItems": [STRING]}, {"items": INTEGER}]}, [""], "items that know nothing of a tuple beside them"),
    trap(array(STRING, maxItems=1), array(INTEGER, maxItems=1), [""], "another element where there is one at most"),
    trap({"prefixItems": [STRING]}, {"prefixItems": [STRING], "items": False}, ["", 1], "a tuple that ends"),
    trap(array(STRING, maxItems=2), array(STRING, maxItems=2, uniqueItems=True), ["", ""], "two that may be equal"),
    trap(array({}, minItems=1), {"type": "array", "contains": {}, "minContains": 2}, [1], "more that must be contained"),
    trap({"contains": STRING, "maxContains": 3}, {"contains": STRING, "maxContains": 2}, ["", "", ""], "fewer that may be contained"),
    trap({"contains": STRING, "maxContains": 2}, {"contains": {}, "maxContains": 2}, ["", 1, 1], "more count as contained"),
    trap({"contains": STRING, "minContains": 0}, {"contains": STRING}, [], "one must be contained"),
    trap({"if": STRING, "then": {"maxLength": 5}}, {"if": STRING, "then": {"maxLength": 3}}, "abcd", "a condition that asks for more"),
    trap({"if": INTEGER, "then": {"minimum": 0}}, {"if": NUMBER, "then": {"minimum": 0}}, -0.5, "a condition that holds more often"),
    trap({"allOf": [{"if": STRING, "then": {"minLength": 1}}, {"else": {"maximum": 3}}]}, {"if": STRING, "then": {"minLength": 1}, "else": {"maximum": 3}}, 5, "an else that belonged to no condition"),
    trap({"if": STRING, "else": {"maximum": 5}}, {"if": STRING, "else": {"maximum": 3}}, 4, "what else is asked for"),
    trap({"allOf": [{"if": STRING, "then": {"minLength": 1}}, {"if": INTEGER, "then": {"minimum": 0}}]}, {"allOf": [{"if": STRING, "then": {"minLength": 1}}, {"if": INTEGER, "then": {"minimum": 1}}]}, 0, "the second of two conditions"),
    trap({"properties": {"a": {}}, "unevaluatedProperties": False}, {"properties": {"b": {}}, "unevaluatedProperties": False}, {"a": 1}, "what is unevaluated"),
    trap({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}, {"unevaluatedProperties": False}, {"a": 1}, "what another schema evaluated"),
    trap({"oneOf": [{**KIND, "required": ["k"]}, OTHER_KIND]}, {"oneOf": [KIND, OTHER_KIND]}, {}, "alternatives told apart by a name that may be missing"),
    trap({"oneOf": [{**KIND, "required": ["k"]}, {"type": "null"}]}, {"oneOf": [{**KIND, "required": ["k"]}, {"type": ["null", "object"]}]}, {"k": 1}, "an alternative that takes all objects"),
]  # fmt: skip
