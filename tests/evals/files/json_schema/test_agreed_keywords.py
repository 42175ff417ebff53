"""What is seen at once to be usable is what the authority finds no defect in."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.files.json_schema.agreed_keywords import is_plainly_usable
from dialgate_evals.files.json_schema.defects import _defects
from dialgate_evals.files.schema_validation import DocumentValidator
from tests.example_counts import up_to

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = (
    "$schema $comment $defs definitions $ref title default examples deprecated type properties "
    "required additionalProperties items enum const anyOf not minimum exclusiveMaximum minLength "
    "maxItems minProperties format pattern prefixItems if then propertyNames dependentRequired "
    "$id $anchor multipleOf uniqueItems x-idempotency-key"
).split()
leaves = (
    st.none() | st.booleans() | st.integers(-1, 3) | st.sampled_from([1.0, 1.5, -0.0, 1e300, 2**70])
    | st.sampled_from(["", "string", "a", "a", "^a", "(", "#", "^a*$", "a\n", "\ud800"])
    | st.sampled_from(["https://json-schema.org/draft/2020-12/schema", "http://x/2020-12"])
)  # fmt: skip
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
    ),
    max_leaves=10,
)
RIGHT = {
    "type": "string", "required": ["a"], "minLength": 1, "enum": [1, "a"], "properties": {"a": {}},
    "pattern": "^a", "anyOf": [{"const": 1}], "dependentRequired": {"a": ["b"]}, "title": "x",
}  # fmt: skip


@given(
    st.lists(st.sampled_from(sorted(RIGHT)), unique=True),
    st.dictionaries(st.sampled_from(WORDS), anything, max_size=2),
)
@up_to(200)
def test_a_plainly_usable_schema_has_no_defect(right: list[str], some: dict[str, Any]) -> None:
    schema = {**{key: RIGHT[key] for key in right}, **some}
    if is_plainly_usable(schema):
        assert _defects(schema) == []


def test_a_common_schema_is_plainly_usable() -> None:
    schema = {"properties": {"id": {"const": "A-1"}, "day": {"format": "date"}}, "required": ["id"]}
    assert is_plainly_usable(schema)
    assert is_plainly_usable(RIGHT)


@pytest.mark.parametrize(
    "schema",
    [
        [],
        {"type": "objec"},
        {"required": ["a", "a"]},
        {"$ref": "#/$defs/a", "$defs": {"a": {}}},
        {"$schema": "http://localhost/draft2020-12/other.json"},
        {"properties": {f"a{number}": {} for number in range(64)}},
        {"pattern": "(a+)+"},
    ],
    ids=str,
)
def test_everything_else_is_looked_at_closely(schema: Any) -> None:
    assert not is_plainly_usable(schema)


SUITE = Path(__file__).parents[4] / ".venv" / "outside" / "schema-suite"


def official_groups() -> Iterator[dict[str, Any]]:
    """The groups of the official test suite, as the sources of Python's jsonschema hold them."""
    with tarfile.open(next(SUITE.glob("jsonschema-*.tar.gz"))) as packed:
        for member in packed:
            if "/json/tests/draft2020-12/" in member.name and member.name.endswith(".json"):
                file = packed.extractfile(member)
                assert file is not None
                yield from json.load(file)


@pytest.mark.skipif(not SUITE.is_dir(), reason="`make schema-suite` fetches the official tests")
def test_the_official_suite_finds_both_validators_agreed() -> None:
    asked = 0
    for group in official_groups():
        schema = group["schema"]
        assert not is_plainly_usable(schema) or _defects(schema) == []
        validator = DocumentValidator(schema)
        for test in group["tests"] if validator._fast is not None else ():
            asked += 1
            found = validator._fast.is_valid(test["data"])  # type: ignore[union-attr]  # just seen
            assert found == validator._slow.is_valid(test["data"]), (group, test)
    assert asked > 500
