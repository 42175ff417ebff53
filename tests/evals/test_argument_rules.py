"""When two calls' arguments are equal: as data, with the exceptions of actions.toml."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.argument_rules import parse_rules

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("aB ", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=1), inner),
    max_leaves=6,
)
json_objects = st.dictionaries(st.text("ab", min_size=1, max_size=1), json_values, max_size=2)


def equal(rules: dict[str, Any], expected: dict[str, Any], actual: dict[str, Any]) -> bool:
    parsed = parse_rules(rules)
    return parsed.are_equal(expected=parsed.normalise(expected), actual=parsed.normalise(actual))


TABLE: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], bool]] = {
    "numbers by value": ({}, {"a": 1}, {"a": 1.0}, True),
    "a text never equals a number": ({}, {"a": "1"}, {"a": 1}, False),
    "true is no number": ({}, {"a": True}, {"a": 1}, False),
    "key order is ignored": ({}, {"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
    "lists keep their order": ({}, {"a": [1, 2]}, {"a": [2, 1]}, False),
    "large whole numbers are exact": ({}, {"a": 2**60}, {"a": 2**60 + 1}, False),
    "ignored": ({"/a": "ignore"}, {"a": 1, "b": 2}, {"a": 9, "b": 2}, True),
    "ignored where it is missing": ({"/a": "ignore"}, {"b": 2}, {"a": 9, "b": 2}, True),
    "unordered": ({"/a": "unordered"}, {"a": [1, "x"]}, {"a": ["x", 1]}, True),
    "unordered counts how often": ({"/a": "unordered"}, {"a": [1, 1]}, {"a": [1, 2]}, False),
    "text is folded": ({"/a": "text"}, {"a": "Grüße  an\nAda "}, {"a": "grüsse an ada"}, True),
    "text is NFC": ({"/a": "text"}, {"a": "é"}, {"a": "e\u0301"}, True),
    "text keeps punctuation": ({"/a": "text"}, {"a": "1.5"}, {"a": "15"}, False),
    "within the tolerance": ({"/a": {"tolerance": 0.01}}, {"a": 98.7}, {"a": 98.71}, True),
    "over the tolerance": ({"/a": {"tolerance": 0.01}}, {"a": 98.7}, {"a": 98.72}, False),
    "a tolerance is for numbers": ({"/a": {"tolerance": 1}}, {"a": True}, {"a": 1}, False),
    "every element": ({"/a/*/b": "ignore"}, {"a": [{"b": 1}, {"b": 2}]}, {"a": [{}, {}]}, True),
    "every element's other keys": (
        {"/a/*/b": "ignore"}, {"a": [{"b": 1, "c": 1}]}, {"a": [{"c": 2}]}, False,
    ),
    "tolerance inside an unordered list": (
        {"/a": "unordered", "/a/*": {"tolerance": 0.1}},
        {"a": [1.0, 2.0]}, {"a": [2.05, 0.95]}, True,
    ),
    "tolerance matching is maximum, not greedy": (
        {"/a": "unordered", "/a/*": {"tolerance": 1}}, {"a": [1, 2]}, {"a": [2, 3]}, True,
    ),
    "paired lists as pairs": (
        {"paired": [["/a", "/b"]]}, {"a": [1, 2], "b": [3, 4]}, {"a": [2, 1], "b": [4, 3]}, True,
    ),
    "pairs belong together": (
        {"paired": [["/a", "/b"]]}, {"a": [1, 2], "b": [3, 4]}, {"a": [2, 1], "b": [3, 4]}, False,
    ),
    "pairs of unequal length": ({"paired": [["/a", "/b"]]}, {"a": [1]}, {"a": [1, 1]}, False),
    "an escaped pointer": ({"/a~1b": "ignore"}, {"a/b": 1}, {"a/b": 2}, True),
}  # fmt: skip


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_equality(row: tuple[dict[str, Any], dict[str, Any], dict[str, Any], bool]) -> None:
    rules, expected, actual, same = row
    assert equal(rules, expected, actual) is same
    assert equal(rules, actual, expected) is same


@given(json_objects)
def test_arguments_equal_themselves_under_any_rule(arguments: dict[str, Any]) -> None:
    for rule in ("exact", "unordered", "text", "ignore", {"tolerance": 0}):
        assert equal({"/a": rule}, arguments, arguments)


@given(json_objects, json_objects)
def test_no_rule_is_stricter_than_exact(one: dict[str, Any], other: dict[str, Any]) -> None:
    if equal({}, one, other):
        for rule in ("unordered", "text", "ignore", {"tolerance": 0.5}):
            assert equal({"/a": rule}, one, other)
