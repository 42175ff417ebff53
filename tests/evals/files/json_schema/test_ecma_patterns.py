"""Patterns of JSON Schema mean what ECMA-262 says, not what Python's `re` would make of them."""

from __future__ import annotations

import re

import pytest

from dialgate_evals.files.json_schema.ecma_patterns import compile_pattern
from dialgate_evals.files.schema_validation import DocumentValidator, schema_defects

ROWS = [
    (r"^\d+$", "12", "\u0661"),
    (r"^\w+$", "a_1", "\u00e9"),
    (r"^\p{L}+$", "\u00e4\u00df", "a1"),
    (r"^[\p{L}\d ]+$", "\u00e4 1", "-"),
    (r"^[\P{L}]$", "1", "a"),
    (r"^\p{Script=Greek}$", "\u03b1", "a"),
    (r"^(?<y>\d{4})-\k<y>$", "2020-2020", "2020-2021"),
    (r"^a$", "a", "a\n"),
    (r"^\S+$", "a", "\u00a0"),
    (r"^[^\s]+$", "ab", "\u2003"),
    (r"^[a-z&&x]$", "&", "A"),
    (r"^\u{1F600}$", "\U0001f600", "a"),
    (r"^\ud83d\ude00$", "\U0001f600", "a"),
    (r"^\/x\-y$", "/x-y", "x"),
    (r"^[^]$", "\n", ""),
    (r"[]", None, "a"),
    (r"^\cJ$", "\n", "J"),
    (r"^\e$", "e", "\\"),
    (r"^(?!foo)bar", "bar", "foobar"),
    (r"^(?P<n>a)(?P=n)$", "aa", "ab"),
]


@pytest.mark.parametrize(("pattern", "found", "refused"), ROWS, ids=[row[0] for row in ROWS])
def test_each_spelling(pattern: str, found: str | None, refused: str) -> None:
    compiled = compile_pattern(pattern)
    assert found is None or compiled.search(found)
    assert not compiled.search(refused)


@pytest.mark.parametrize("pattern", ["(", r"\p{Nonsense}", r"\u{ffffffff}", "a**"])
def test_what_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(re.error):
        compile_pattern(pattern)
    (defect,) = schema_defects({"properties": {"a": {"pattern": pattern}}})
    assert "is no regular expression" in defect


def test_names_by_pattern_are_ecmas_too() -> None:
    named = {r"^\p{L}+$": {"type": "integer"}}
    schema = {"patternProperties": named, "additionalProperties": False}
    assert schema_defects(schema) == []
    validator = DocumentValidator(schema)
    assert validator.is_valid({"\u00e4": 1})
    assert not validator.is_valid({"\u00e4": "1"})
    (error,) = validator.errors({"a1": 1})
    assert error.message == "Additional properties are not allowed ('a1' was unexpected)"
