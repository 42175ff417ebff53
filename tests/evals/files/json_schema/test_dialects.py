"""The dialect that `$schema` names is the one that counts, for validating and for comparing."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.files.json_schema.dialects import as_newest
from dialgate_evals.files.schema_validation import DocumentValidator, schema_defects

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"

# What a schema of that dialect says of "x", a value that it takes and one that it refuses.
ROWS: list[tuple[str, dict[str, Any], Any, Any]] = [
    (DRAFT_7, {"items": [{"type": "number"}], "additionalItems": False}, [1], [1, 2]),
    (DRAFT_7, {"items": [{"type": "number"}], "additionalItems": {"type": "string"}},
     [1, "a"], [1, 2]),
    ("http://json-schema.org/draft-07/schema", {"const": 1}, 1, 2),
    (DRAFT_4, {"minimum": 0, "exclusiveMinimum": True}, 1, 0),
    (DRAFT_4, {"maximum": 5, "exclusiveMaximum": False}, 5, 6),
    ("http://json-schema.org/draft-06/schema#", {"exclusiveMinimum": 0}, 1, 0),
    (DRAFT_7, {"dependencies": {"a": ["b"]}}, {"a": 1, "b": 2}, {"a": 1}),
    (DRAFT_7, {"dependencies": {"a": {"minProperties": 3}}}, {}, {"a": 1, "b": 2}),
    (DRAFT_7, {"$ref": "#/definitions/n", "minimum": 5}, 1, "a"),
    (DRAFT_2019, {"items": [{"type": "number"}]}, [1], ["a"]),
    (DRAFT_2019, {"dependentRequired": {"a": ["b"]}}, {}, {"a": 1}),
    ("https://json-schema.org/draft/2020-12/schema", {"prefixItems": [{"type": "number"}]},
     [1], ["a"]),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "inner", "taken", "refused"), ROWS)
def test_each_dialect_is_read_by_its_own_rules(
    dialect: str, inner: dict[str, Any], taken: Any, refused: Any
) -> None:
    schema = {
        "$schema": dialect, "type": "object", "properties": {"x": inner},
        "definitions": {"n": {"type": "number"}},
    }  # fmt: skip
    assert schema_defects(schema) == []
    newest = as_newest(schema)
    for validator in (DocumentValidator(schema), DocumentValidator(newest)):
        assert validator.is_valid({"x": taken})
        assert not validator.is_valid({"x": refused})
    assert schema_defects({**newest}) == []


def test_an_unknown_dialect_is_named() -> None:
    (defect,) = schema_defects({"$schema": "http://json-schema.org/draft-05/schema#"})
    assert "draft-05" in defect
    assert "draft-07" in defect


def test_todays_schema_is_left_as_it_is() -> None:
    schema = {"items": {"type": "number"}, "dependencies": {"a": ["b"]}}
    assert as_newest(schema) is schema
