"""Two validators with one verdict, no network, and errors that say what to do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from evals.schema_validation import (
    DocumentValidator,
    check_document,
    file_schema,
    schema_defects,
    schema_names,
)

scalars = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, 1.0, -1.0, 10**25])
    | st.sampled_from(["", "a", "b", "ä", "😀", "aa"])
)  # fmt: skip
instances = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=8,
)
KINDS = ["null", "boolean", "integer", "number", "string", "array", "object"]


def schemas() -> st.SearchStrategy[Any]:
    leaf = st.one_of(
        st.booleans(),
        st.fixed_dictionaries({"type": st.sampled_from(KINDS)}),
        st.fixed_dictionaries({"type": st.lists(st.sampled_from(KINDS), min_size=1, unique=True)}),
        st.fixed_dictionaries({"const": instances}),
        st.fixed_dictionaries({"enum": st.lists(instances, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"minimum": st.integers(-1, 1), "maximum": st.just(1)}),
        st.fixed_dictionaries({"exclusiveMinimum": st.integers(-1, 1)}),
        st.fixed_dictionaries({"minLength": st.integers(0, 2), "maxLength": st.just(2)}),
        st.fixed_dictionaries({"minItems": st.integers(0, 2), "maxProperties": st.just(2)}),
        st.just({"$ref": "#/$defs/x"}),
    )

    def grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        some = st.lists(inner, min_size=1, max_size=2)
        return st.one_of(
            st.fixed_dictionaries(
                {
                    "properties": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
                    "required": st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True),
                    "additionalProperties": inner,
                }
            ),
            st.fixed_dictionaries({"items": inner}),
            st.fixed_dictionaries({"anyOf": some}),
            st.fixed_dictionaries({"oneOf": some}),
            st.fixed_dictionaries({"allOf": some}),
            st.fixed_dictionaries({"not": inner}),
        )

    return st.recursive(leaf, grow, max_leaves=6)


@given(schemas(), instances)
@settings(max_examples=600)
def test_the_fast_validator_agrees_with_the_authority(schema: Any, instance: Any) -> None:
    whole = {"$defs": {"x": {"type": "integer"}}, "allOf": [schema]}
    validator = DocumentValidator(whole)
    assert validator._fast is not None
    assert validator.is_valid(instance) == Draft202012Validator(whole).is_valid(instance)


@pytest.mark.parametrize(
    "schema", [{"multipleOf": 2}, {"pattern": "a"}, {"properties": {"a": {"format": "date"}}}]
)
def test_keywords_on_which_they_differ_go_to_the_authority(schema: Any) -> None:
    assert DocumentValidator(schema)._fast is None


@pytest.mark.parametrize(
    ("value", "valid"), [(19.99, True), (0.1, True), (0.105, False), (True, True), (3, True)]
)
def test_multiples_are_decimal(value: float, valid: bool) -> None:
    assert DocumentValidator({"multipleOf": 0.01}).is_valid(value) is valid


def test_a_lone_surrogate_is_validated_all_the_same() -> None:
    assert DocumentValidator({"type": "string"}).is_valid("\ud800")
    assert not DocumentValidator({"maxLength": 0}).is_valid("\ud800")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "objec"},
        {"$ref": "https://example.com/x"},
        {"$ref": "file:///etc/passwd"},
        {"properties": {"a": {"$ref": "#/$defs/none"}}},
        {"$ref": "#"},
        [],
        "x",
    ],
)
def test_a_schema_that_cannot_be_used_is_said_to_be(schema: Any) -> None:
    assert schema_defects(schema)


def test_a_usable_schema_has_no_defect() -> None:
    schema = {"$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}}}}
    assert schema_defects({**schema, "$ref": "#/$defs/n"}) == []


@pytest.mark.parametrize("name", schema_names())
def test_the_schemas_that_ship_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(file_schema(name))
    assert file_schema(name)["title"]


def test_every_error_is_reported_with_what_to_do() -> None:
    document = {"schema": 1, "gate": {"default": {"margni": 0.1, "min_cases": 0}, "alpha": 2}}
    found = [str(p) for p in check_document(document, "policy", "policy.toml", str)]
    assert len(found) == 3
    assert any(
        'unknown key "margni"' in text and 'Did you mean "margin"?' in text for text in found
    )
    assert any("expected at least 1" in text for text in found)
    assert any("expected less than 0.5" in text for text in found)
