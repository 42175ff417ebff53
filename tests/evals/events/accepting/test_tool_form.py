"""What goes into a form unchanged comes out of it unchanged, whatever the schema and the data."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialgate_evals.events.accepting.decisions import UnfitError
from dialgate_evals.events.accepting.tool_form import MOST_FIELDS, call_of, form_of
from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.suite.tools import Tool, parse_tools

SCHEMA = {
    "type": "object",
    "properties": {
        "who": {"type": "string", "description": "Whom to pay."},
        "n": {"type": "number"},
        "urgent": {"type": "boolean"},
        "kind": {"enum": ["fast", "slow", None, 3]},
        "lines": {"type": "array"},
        "note": {"type": "string", "default": "none"},
        "any": {},
    },
    "required": ["who", "n"],
}


def tool(schema: dict[str, Any]) -> Tool:
    (found,) = parse_tools([{"name": "pay", "parameters": schema}])
    return found


scalars = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.booleans()
values = st.recursive(
    st.none() | scalars | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
names = st.sampled_from([*SCHEMA["properties"], "beside", "all arguments"])


@given(st.dictionaries(names, values, max_size=8))
@example({"all arguments": {}})
def test_an_untouched_form_gives_the_call_again(arguments: dict[str, Any]) -> None:
    fields = form_of(tool(SCHEMA), arguments)
    for field in fields:
        if field["name"] not in arguments:
            field["given"] = False
    found = call_of({"name": "pay", "fields": fields})
    assert canonical_json(found["arguments"]) == canonical_json(arguments)


def test_every_kind_of_field_fits_its_schema() -> None:
    fields = {field["name"]: field for field in form_of(tool(SCHEMA), {"n": 1.5, "kind": "other"})}
    assert fields["who"] | {"value": ""} == {
        "name": "who", "kind": "text", "value": "", "required": True, "given": True,
        "note": "string: Whom to pay.",
    }  # fmt: skip
    assert (fields["n"]["kind"], fields["n"]["value"]) == ("number", "1.5")
    assert fields["urgent"]["choices"] == ["true", "false"]
    assert fields["kind"]["choices"] == ['"other"', '"fast"', '"slow"', "null", "3"]
    assert fields["lines"]["kind"] == "json"
    assert (fields["note"]["value"], fields["note"]["given"]) == ("none", False)


def test_digits_and_types_survive_the_form() -> None:
    text = "123456789012345678901234567890"
    fields = [{"name": "n", "kind": "number", "given": True, "value": text}]
    assert call_of({"name": "pay", "fields": fields})["arguments"] == {"n": int(text)}
    fields[0]["value"] = "1.0"
    assert isinstance(call_of({"name": "pay", "fields": fields})["arguments"]["n"], float)


@pytest.mark.parametrize(
    "document",
    [
        None,
        {"name": 3, "fields": []},
        {"name": "pay"},
        {"name": "pay", "fields": [{}]},
        {"name": "pay", "fields": [{"name": "n", "given": True}]},
        {"name": "pay", "fields": [{"name": "n", "given": True, "kind": "number", "value": "1,5"}]},
        {"name": "pay", "fields": [{"name": "n", "given": True, "kind": "json", "value": "{"}]},
        {"name": "pay", "fields": [{"name": "n", "given": True, "value": "NaN"}]},
        {"name": "pay", "fields": [{"name": "n"}] * (MOST_FIELDS + 1)},
    ],
    ids=str,
)
def test_what_is_no_form_is_refused(document: Any) -> None:
    with pytest.raises(UnfitError):
        call_of(document)


def test_a_call_with_very_many_arguments_is_one_piece_of_json() -> None:
    arguments = {f"a{index}": index for index in range(MOST_FIELDS + 1)}
    (field,) = form_of(tool(SCHEMA), arguments)
    assert call_of({"name": "pay", "fields": [field]})["arguments"] == arguments
