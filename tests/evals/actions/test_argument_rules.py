"""When two calls' arguments are equal: as data, with the exceptions of actions.toml."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.argument_rules import fold_text, parse_pointer, parse_rules

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


MORE: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], bool]] = {
    "a named key goes before *": (
        {"/a/*": "ignore", "/a/x": "exact"}, {"a": {"x": 1, "y": 1}}, {"a": {"x": 2}}, False,
    ),
    "one element of a list": ({"/a/1": "ignore"}, {"a": [1, 2]}, {"a": [1, 9]}, True),
    "the other elements of the list": ({"/a/1": "ignore"}, {"a": [1, 2]}, {"a": [9, 2]}, False),
    "unordered is for lists": ({"/a": "unordered"}, {"a": "ab"}, {"a": "ba"}, False),
    "unordered does not reach inside": (
        {"/a": "unordered"}, {"a": [[1, 2], [3]]}, {"a": [[3], [2, 1]]}, False,
    ),
    "unordered in every element": (
        {"/a/*": "unordered"}, {"a": [[1, 2], [3]]}, {"a": [[2, 1], [3]]}, True,
    ),
    "text is for text": ({"/a": "text"}, {"a": 1}, {"a": "1"}, False),
    "text in every element": ({"/a/*": "text"}, {"a": ["A", "b"]}, {"a": ["a", "B"]}, True),
    "folded texts without order": (
        {"/a": "unordered", "/a/*": "text"}, {"a": ["A", "b"]}, {"a": ["B", "a"]}, True,
    ),
    "a folded capital with a dot": ({"/a": "text"}, {"a": "İ"}, {"a": "i\u0307"}, True),
    "a tolerance in decimal": (
        {"/a": {"tolerance": 0.1}}, {"a": 0.3}, {"a": 0.2}, True,
    ),
    "a tolerance of zero is by value": ({"/a": {"tolerance": 0}}, {"a": 1}, {"a": 1.0}, True),
    "a tolerance between large numbers": (
        {"/a": {"tolerance": 1}}, {"a": 10**40}, {"a": 10**40 + 2}, False,
    ),
    "a tolerance excuses no other key": (
        {"/a": {"tolerance": 1}}, {"a": 1, "b": 1}, {"a": 2, "b": 2}, False,
    ),
    "a tolerance excuses no missing key": ({"/a": {"tolerance": 1}}, {"a": 1}, {}, False),
    "a list that is longer": ({"/a/*": {"tolerance": 1}}, {"a": [1]}, {"a": [1, 1]}, False),
    "paired lists deep inside": (
        {"paired": [["/x/a", "/x/b"]]},
        {"x": {"a": [1, 2], "b": [3, 4]}}, {"x": {"a": [2, 1], "b": [4, 3]}}, True,
    ),
    "pairs count how often": (
        {"paired": [["/a", "/b"]]}, {"a": [1, 1], "b": [2, 3]}, {"a": [1, 1], "b": [3, 3]}, False,
    ),
    "a list of pairs is no pair of lists": (
        {"paired": [["/a", "/b"]]}, {"a": [1], "b": [3]}, {"a": [[1, 3]], "b": []}, False,
    ),
    "three lists that belong together": (
        {"paired": [["/a", "/b"], ["/c", "/b"]]},
        {"a": [1, 1], "b": [2, 3], "c": [4, 5]}, {"a": [1, 1], "b": [3, 2], "c": [5, 4]}, True,
    ),
    "three lists of which one is turned": (
        {"paired": [["/a", "/b"], ["/a", "/c"]]},
        {"a": [1, 1], "b": [2, 3], "c": [4, 5]}, {"a": [1, 1], "b": [2, 3], "c": [5, 4]}, False,
    ),
    "two pairs of lists apart from each other": (
        {"paired": [["/a", "/b"], ["/c", "/d"]]},
        {"a": [1, 2], "b": [3, 4], "c": [1, 2], "d": [3, 4]},
        {"a": [2, 1], "b": [4, 3], "c": [1, 2], "d": [3, 4]}, True,
    ),
    "pairs within a tolerance": (
        {"paired": [["/a", "/b"]], "/b/*": {"tolerance": 0.5}},
        {"a": ["x", "y"], "b": [1, 2]}, {"a": ["y", "x"], "b": [2.5, 0.5]}, True,
    ),
    "pairs over the tolerance": (
        {"paired": [["/a", "/b"]], "/b/*": {"tolerance": 0.5}},
        {"a": ["x", "y"], "b": [1, 2]}, {"a": ["x", "y"], "b": [2, 1]}, False,
    ),
    "folded texts in pairs": (
        {"paired": [["/a", "/b"]], "/a/*": "text"},
        {"a": ["X", "y"], "b": [1, 2]}, {"a": ["Y", "x"], "b": [2, 1]}, True,
    ),
    "paired goes before unordered": (
        {"paired": [["/a", "/b"]], "/a": "unordered", "/b": "unordered"},
        {"a": [1, 2], "b": [3, 4]}, {"a": [1, 2], "b": [4, 3]}, False,
    ),
    "pairs excuse no other key": (
        {"paired": [["/x/a", "/x/b"]]},
        {"x": {"a": [1], "b": [3], "c": 1}}, {"x": {"a": [1], "b": [3], "c": 2}}, False,
    ),
    "more pairs within a tolerance": (
        {"paired": [["/a", "/b"]], "/b/*": {"tolerance": 0.5}},
        {"a": ["x"], "b": [1]}, {"a": ["x", "x"], "b": [1, 1]}, False,
    ),
    "lists that fit together and lists that don't, within a tolerance": (
        {"paired": [["/a", "/b"]], "/c": {"tolerance": 1}},
        {"a": [], "b": [], "c": 1}, {"a": [], "c": 2}, False,
    ),
    "a tolerance keeps the order of a list": (
        {"/a/*": {"tolerance": 0.1}}, {"a": [1, 2]}, {"a": [2, 1]}, False,
    ),
    "a tolerance in a list without order is no matter of sorting": (
        {"/a": "unordered", "/a/*": {"tolerance": 1}}, {"a": [9, 20]}, {"a": [10, 20]}, True,
    ),
    "a tolerance makes an object no number": (
        {"/a/b": {"tolerance": 1}}, {"a": {"b": 1}}, {"a": 1}, False,
    ),
    "a tolerance makes a list no object": (
        {"/a/*": {"tolerance": 1}}, {"a": {"0": 1}}, {"a": [1]}, False,
    ),
    "pairs of which one is no list": (
        {"paired": [["/a", "/b"]]}, {"a": [1], "b": 1}, {"a": [1], "b": 1}, True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", [*TABLE.values(), *MORE.values()], ids=[*TABLE, *MORE])
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


@given(st.dictionaries(st.text("ab", min_size=1, max_size=1), st.lists(json_values, max_size=3)))
def test_paired_lists_are_equal_only_where_the_pairs_are(arguments: dict[str, Any]) -> None:
    turned = {key: value[::-1] for key, value in arguments.items()}
    lengths = {len(arguments.get(key, ())) for key in "ab"}
    if arguments.keys() == {"a", "b"} and len(lengths) == 1:
        assert equal({"paired": [["/a", "/b"]]}, arguments, turned)
    else:
        same = equal({}, arguments, turned)
        assert equal({"paired": [["/a", "/b"]]}, arguments, turned) is same


@given(st.text())
def test_folding_is_final_and_blind_to_composition(text: str) -> None:
    folded = fold_text(text)
    assert fold_text(folded) == folded
    for form in ("NFC", "NFD"):
        assert fold_text(unicodedata.normalize(form, text)) == folded


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("/a", ("a",)),
        ("/a/*/b", ("a", "*", "b")),
        ("/~01", ("~1",)),
        ("/a~1b", ("a/b",)),
        ("/", ("",)),
    ],
)
def test_a_json_pointer_is_read_as_its_rfc_says(text: str, parts: tuple[str, ...]) -> None:
    assert parse_pointer(text) == parts
