"""The tool registry: both shapes, what a tool accepts, which defaults it fills in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.suite.tools import Tool, ToolRegistry, parse_tools


def tool(parameters: dict[str, Any], **more: Any) -> Tool:
    return parse_tools([{"name": "t", "parameters": parameters, **more}])[0]


def properties(**schemas: Any) -> Tool:
    return tool({"type": "object", "properties": schemas})


@pytest.mark.parametrize(
    "document",
    [
        {"name": "t", "description": "d", "parameters": {"required": ["a"]}},
        {"name": "t", "description": "d", "inputSchema": {"required": ["a"]}},
        {
            "type": "function",
            "function": {"name": "t", "description": "d", "parameters": {"required": ["a"]}},
        },
    ],
    ids=["plain", "MCP", "OpenAI"],
)
def test_every_shape_says_the_same(document: dict[str, Any]) -> None:
    found = parse_tools([document])[0]
    assert (found.name, found.description) == ("t", "d")
    assert found.parameters == {"required": ["a"]}
    assert not found.accepts({})


def test_a_tool_without_parameters_takes_any_object() -> None:
    (found,) = parse_tools([{"name": "t"}])
    assert found.accepts({"a": 1})
    assert found.description == ""


@pytest.mark.parametrize("arguments", [None, [], "{}", 1, True])
def test_arguments_that_are_no_object_are_not_accepted(arguments: object) -> None:
    assert not tool({"description": "anything"}).accepts(arguments)


def test_a_registry_is_sorted_and_knows_its_names() -> None:
    registry = ToolRegistry(tools={name: properties() for name in ("b", "a")})
    assert "a" in registry
    assert "c" not in registry
    assert registry.get("c") is None
    listed = parse_tools([{"name": "b"}, {"name": "a"}])
    shown = ToolRegistry(tools={item.name: item for item in listed}).as_json()
    assert [item["name"] for item in shown] == ["a", "b"]


DEFAULTS: dict[str, tuple[Tool, dict[str, Any], dict[str, Any]]] = {
    "a missing key": (properties(a={"default": 1}), {}, {"a": 1}),
    "a key that is there stays": (properties(a={"default": 1}), {"a": None}, {"a": None}),
    "no default, no key": (properties(a={"type": "integer"}), {}, {}),
    "null is a default": (properties(a={"default": None}), {}, {"a": None}),
    "inside an object": (
        properties(a={"properties": {"b": {"default": 1}}}), {"a": {}}, {"a": {"b": 1}},
    ),
    "not inside an object that is missing": (
        properties(a={"properties": {"b": {"default": 1}}}), {}, {},
    ),
    "inside a default": (
        properties(a={"default": {}, "properties": {"b": {"default": 1}}}), {}, {"a": {"b": 1}},
    ),
    "inside a list": (
        properties(a={"items": {"properties": {"b": {"default": 1}}}}),
        {"a": [{}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 2}]},
    ),
    "through allOf": (
        tool({"allOf": [{"properties": {"a": {"default": 1}}}]}), {}, {"a": 1},
    ),
    "through a reference": (
        tool({"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"default": 1}}}),
        {}, {"a": 1},
    ),
    "beside a reference": (
        tool(
            {
                "properties": {"a": {"$ref": "#/$defs/x", "default": 2}},
                "$defs": {"x": {"default": 1}},
            }
        ),
        {}, {"a": 2},
    ),
    "an anchor is not the root": (
        tool(
            {
                "properties": {"a": {"$ref": "#x"}, "b": {"default": 1}},
                "$defs": {"x": {"$anchor": "x"}},
            }
        ),
        {"a": {}}, {"a": {}, "b": 1},
    ),
    "a default that breaks its own schema is nobody's": (
        properties(a={"type": "boolean", "default": "false"}), {}, {},
    ),
    "what anyOf may mean is not guessed": (
        tool({"anyOf": [{"properties": {"a": {"default": 1}}}]}), {}, {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", DEFAULTS.values(), ids=DEFAULTS)
def test_defaults_are_filled_in(row: tuple[Tool, dict[str, Any], dict[str, Any]]) -> None:
    found, arguments, expected = row
    before = repr(arguments)
    assert found.with_defaults(arguments) == expected
    assert repr(arguments) == before


def test_a_schema_that_goes_on_without_end_is_filled_to_an_end() -> None:
    node = {"default": {}, "properties": {"next": {"$ref": "#/$defs/n"}}}
    found = tool({"properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": node}})
    assert "next" in found.with_defaults({})["a"]


values = st.integers(0, 2) | st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(0, 2)))
leaf = st.fixed_dictionaries({}, optional={"default": values})
some_schemas: st.SearchStrategy[Any] = st.recursive(
    leaf,
    lambda inner: (
        st.fixed_dictionaries(
            {"properties": st.dictionaries(st.sampled_from("ab"), inner)},
            optional={"default": st.just({})},
        )
        | st.fixed_dictionaries({"items": inner})
    ),
    max_leaves=4,
)


@given(
    st.dictionaries(st.sampled_from("ab"), some_schemas, max_size=2),
    st.dictionaries(st.sampled_from("ab"), values | st.just({}), max_size=2),
)
def test_filling_in_twice_changes_nothing(schemas: Any, arguments: dict[str, Any]) -> None:
    found = properties(**schemas)
    once = found.with_defaults(arguments)
    assert found.with_defaults(once) == once
    assert arguments.keys() <= once.keys()


@pytest.mark.parametrize(
    ("parameters", "more", "expected"),
    [
        ({"x-idempotency-key": "/key"}, {}, "/key"),
        ({}, {"x-idempotency-key": "/key"}, "/key"),
        ({}, {}, None),
        ({"x-idempotency-key": 1}, {}, None),
    ],
)
def test_the_idempotency_key_is_declared(
    parameters: dict[str, Any], more: dict[str, Any], expected: str | None
) -> None:
    assert tool({"type": "object", **parameters}, **more).idempotency_pointer == expected
