"""Two validators with one verdict, no network, and errors that say what to do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dialgate_evals.files.schema_validation import (
    DocumentValidator,
    check_document,
    file_schema,
    schema_defects,
    schema_names,
)
from tests.example_counts import up_to

scalars = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, 1.0, -1.0, -0.0])
    | st.sampled_from(["", "a", "b", "a\u0308", "😀", "aa", "\0", "1"])
)  # fmt: skip
# Large numbers stand in data only: a schema that holds one goes to the authority, see below.
large = st.sampled_from([2**53 + 1, 2.0**53, 2**63, 2.0**63, 2**64, 2.0**64, 10**25, 1e25, 10**300])


def nested(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaf,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
        ),
        max_leaves=8,
    )


literals = nested(scalars)
instances = nested(scalars | large)
KINDS = ["null", "boolean", "integer", "number", "string", "array", "object"]


def schemas() -> st.SearchStrategy[Any]:
    leaf = st.one_of(
        st.booleans(),
        st.fixed_dictionaries({"type": st.sampled_from(KINDS)}),
        st.fixed_dictionaries({"type": st.lists(st.sampled_from(KINDS), min_size=1, unique=True)}),
        st.fixed_dictionaries({"const": literals}),
        st.fixed_dictionaries({"enum": st.lists(literals, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"minimum": st.integers(-1, 1), "maximum": st.just(1)}),
        st.fixed_dictionaries({"exclusiveMinimum": st.integers(-1, 1)}),
        st.fixed_dictionaries({"minLength": st.integers(0, 2), "maxLength": st.just(2)}),
        st.fixed_dictionaries({"minItems": st.integers(0, 2), "maxProperties": st.just(2)}),
        st.fixed_dictionaries({"pattern": st.sampled_from(["^a", "^[ab]{1,2}$", "^a*b?$"])}),
        st.fixed_dictionaries(
            {"dependentRequired": st.just({"a": ["b"]}), "format": st.just("date")}
        ),
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
            st.fixed_dictionaries({"prefixItems": some, "items": inner}),
            st.fixed_dictionaries({"if": inner, "then": inner, "else": inner}),
            st.fixed_dictionaries({"propertyNames": inner}),
            st.fixed_dictionaries({"anyOf": some}),
            st.fixed_dictionaries({"oneOf": some}),
            st.fixed_dictionaries({"allOf": some}),
            st.fixed_dictionaries({"not": inner}),
        )

    return st.recursive(leaf, grow, max_leaves=6)


@given(schemas(), instances)
@up_to(250)
def test_the_fast_validator_agrees_with_the_authority(schema: Any, instance: Any) -> None:
    whole = {"$defs": {"x": {"type": "integer"}}, "allOf": [schema]}
    validator = DocumentValidator(whole)
    assert validator._fast is not None
    assert validator.is_valid(instance) == Draft202012Validator(whole).is_valid(instance)


@pytest.mark.parametrize(
    "schema",
    [
        {"multipleOf": 2},
        {"pattern": "(a+)+b"},
        {"pattern": r"^\d$"},
        {"patternProperties": {"^a": True}},
        {"$schema": "https://example.com/draft/2020-12/schema"},
        {"uniqueItems": True},
        {"const": {"a": [2**53 + 1]}},
        {"enum": [2.0**64]},
        {"exclusiveMaximum": -(10**25)},
        {"$ref": "#a", "$anchor": "a"},
    ],
)
def test_keywords_on_which_they_differ_go_to_the_authority(schema: Any) -> None:
    assert DocumentValidator(schema)._fast is None


@pytest.mark.parametrize("text", ["A-1", "A-1\n", "xA-1", "A-", "A-１", "", "A-1\u2028"])
def test_a_linear_pattern_says_the_same_of_every_end_of_a_line(text: str) -> None:
    validator = DocumentValidator({"pattern": "^A-[0-9]+$"})
    assert validator._fast is not None
    assert validator._fast.is_valid(text) == validator._slow.is_valid(text) == (text == "A-1")


def test_a_pattern_too_large_for_the_fast_validator_goes_to_the_authority() -> None:
    letters = "".join(map(chr, range(97, 123)))
    pattern = "^" + f"([{letters}]{{0,9}}x){{1}}" * 3
    assert DocumentValidator({"pattern": pattern}).is_valid("xxx")


@pytest.mark.parametrize("bound", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])
@pytest.mark.parametrize("number", [2**53 + 1, 2**63, 2.0**63, 2**64 + 1, 10**25, 1e25, 10**300])
def test_numbers_that_no_double_holds_are_compared_exactly(number: float, bound: str) -> None:
    """The fast validator takes 10**25 and 1e25 for equal, which differ by 905,969,664."""
    for schema in ({bound: number}, {"const": number}, {"enum": [None, [number]]}):
        validator, authority = DocumentValidator(schema), Draft202012Validator(schema)
        for other in (number, float(number), int(number) - 1, int(number) + 1, [number], 0, True):
            assert validator.is_valid(other) == authority.is_valid(other)


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
        {"properties": {"a": {"$ref": "#nowhere"}}},
        {"properties": {"a": {"$dynamicRef": "#nowhere"}}},
        {"properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"$ref": "#/$defs/n"}}},
        {
            "items": {"$ref": "#/$defs/n"},
            "$defs": {"n": {"not": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/n"}]}}},
        },
        {"properties": {"a": {"$id": "urn:a", "$ref": "#/$defs/n"}}, "$defs": {"n": {}}},
        {"default": {"a": 1}, "$ref": "#/default"},
        {"allOf": [{"$ref": "https://example.com/x"}]},
        {
            "properties": {"a": {"$ref": "#/$defs/n"}, "b": {}, "c": {}, "d": {}},
            "$defs": {"n": {"dependentSchemas": {"x": {"$ref": "#/$defs/n"}}}},
        },
        {"patternProperties": {"(": True}},
        [],
        "x",
    ],
    ids=str,
)
def test_a_schema_that_cannot_be_used_is_said_to_be(schema: Any) -> None:
    assert schema_defects(schema)


def test_a_usable_schema_has_no_defect() -> None:
    schema = {"$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}}}}
    assert schema_defects({**schema, "$ref": "#/$defs/n"}) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"const": {"$ref": "https://example.com/data"}},
        {"properties": {"default": {"$ref": "#/$defs/n"}, "$ref": {}}, "$defs": {"n": {}}},
        {"items": {"$ref": "#n"}, "$defs": {"x": {"$anchor": "n", "items": {"$ref": "#n"}}}},
        {"properties": {"a": {"$ref": "#"}}},
        {
            "$id": "https://example.com/root",
            "items": {"$ref": "#/$defs/a~1b"},
            "$defs": {"a/b": {}},
        },
        {"items": {"$ref": "#/prefixItems/0"}, "prefixItems": [True]},
    ],
    ids=str,
)
def test_references_inside_a_schema_are_followed(schema: Any) -> None:
    assert schema_defects(schema) == []
    for instance in ({"a": {"a": 1}, "default": 1}, [[1], [[2]]], 1):
        expected = Draft202012Validator(schema).is_valid(instance)
        assert DocumentValidator(schema).is_valid(instance) == expected


@given(schemas(), instances)
@up_to(100)
def test_a_schema_without_defects_gives_a_verdict_on_anything(schema: Any, instance: Any) -> None:
    for whole in (
        {"$defs": {"x": schema}, "$ref": "#/$defs/x"},
        {"$defs": {"x": schema}, "pattern": "^a", "items": {"$ref": "#/$defs/x"}},
    ):
        if not schema_defects(whole):
            expected = Draft202012Validator(whole).is_valid(instance)
            assert DocumentValidator(whole).is_valid(instance) == expected


def test_errors_come_in_the_order_of_the_list() -> None:
    found = DocumentValidator({"items": {"type": "string"}}).errors(["a", *range(11)])
    assert [error.absolute_path[0] for error in found] == list(range(1, 12))


def test_an_unknown_kind_of_file_has_no_schema() -> None:
    with pytest.raises(KeyError):
        file_schema("../../etc/passwd")


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
