"""What is decided without a validator is what the authority decides."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dialgate_evals.files.json_schema.defects import _defects
from dialgate_evals.files.json_schema.pinned_values import pinned_values
from dialgate_evals.files.schema_validation import DocumentValidator

SCALARS = st.sampled_from(
    [None, True, False, 0, 1, -1, 2, 0.0, 1.0, -0.0, 0.5, 2**53, "", "a", "1", "\ud800", "e\u0301"]
)
LARGE = st.sampled_from([2**53 + 1, 2.0**54, 10**300, [], [1], {}, {"a": 1}])
NAMES = st.sampled_from(["a", "b", "c"])
VALUES = SCALARS | LARGE
PINNED = st.one_of(
    SCALARS.map(lambda value: {"const": value}),
    st.lists(SCALARS, max_size=3).map(lambda values: {"enum": values}),
)
OTHER = st.one_of(
    VALUES.map(lambda value: {"const": value}),
    st.sampled_from([True, {}, {"type": "string"}, {"minimum": 1}, {"const": 1, "type": "string"}]),
)
SCHEMAS = st.fixed_dictionaries(
    {},
    optional={
        "properties": st.dictionaries(NAMES, PINNED | OTHER, max_size=3),
        "required": st.lists(NAMES, max_size=3),
        "type": st.sampled_from(["object", "array", ["object"]]),
        "minProperties": st.just(1),
    },
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=3) | VALUES


@given(SCHEMAS, DOCUMENTS)
def test_the_authority_agrees(schema: dict[str, Any], document: Any) -> None:
    decides = pinned_values(schema)
    assume(decides is not None)
    assert decides is not None
    assert decides(document) is Draft202012Validator(schema).is_valid(document)
    assert DocumentValidator(schema).is_valid(document) is decides(document)
    assert _defects(schema) == []


@pytest.mark.parametrize("value", [None, True, 1, 1.0, "a", ""])
@pytest.mark.parametrize("found", [None, True, False, 1, 1.0, 0, "a", "", [], {}])
def test_each_kind_of_value_is_pinned(value: Any, found: Any) -> None:
    for schema in (
        {"properties": {"a": {"const": value}}},
        {"properties": {"a": {"enum": [value]}}},
    ):
        decides = pinned_values(schema)
        assert decides is not None
        assert decides({"a": found}) is Draft202012Validator(schema).is_valid({"a": found})


@pytest.mark.parametrize(
    "schema",
    [
        True, [], {"properties": {"a": True}}, {"properties": {"a": {"const": [1]}}},
        {"properties": []}, {"required": ["a", "a"]}, {"required": [1]}, {"required": "a"},
        {"properties": {"a": {"const": 2**53 + 1}}}, {"type": "array"}, {"minProperties": 1},
        {"properties": {"a": {"const": 1, "enum": [2]}}}, {"properties": {"a": {"enum": "ab"}}},
    ],
)  # fmt: skip
def test_another_form_is_left_to_the_validators(schema: Any) -> None:
    assert pinned_values(schema) is None
