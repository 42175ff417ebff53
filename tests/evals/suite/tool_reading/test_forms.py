"""Tool lists in every provider's form are the same tools; what can't be read is named."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.suite.tool_reading.forms import ToolDefect, ToolEntry, read_tool_list
from dialgate_evals.suite.tools import make_tool
from tests.evals.dialects.test_parts import rows

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
NAMED = {"name": "pay", "description": "Pays."}
GEMINI = {"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}, "required": ["n"]}

FORMS: dict[str, Any] = {
    "OpenAI chat": [{"type": "function", "function": {**NAMED, "parameters": SCHEMA}}],
    "OpenAI Responses": [{"type": "function", **NAMED, "parameters": SCHEMA, "strict": True}],
    "OpenAI legacy": {"functions": [{**NAMED, "parameters": SCHEMA}]},
    "Anthropic": [{**NAMED, "input_schema": SCHEMA, "cache_control": {"type": "ephemeral"}}],
    "Anthropic, custom": {"tools": [{"type": "custom", **NAMED, "input_schema": SCHEMA}]},
    "Gemini": [{"functionDeclarations": [{**NAMED, "parameters": GEMINI}]}],
    "Gemini, Python": {"function_declarations": [{**NAMED, "parameters_json_schema": SCHEMA}]},
    "Bedrock": {"tools": [{"toolSpec": {**NAMED, "inputSchema": {"json": SCHEMA}}}]},
    "Bedrock, whole": {
        "toolConfig": {"tools": [{"toolSpec": {**NAMED, "inputSchema": {"json": SCHEMA}}},
                                 {"cachePoint": {"type": "default"}}]},
    },
    "Vercel AI SDK": [{**NAMED, "inputSchema": {"jsonSchema": SCHEMA}}],
    "OpenAI, a namespace": [
        {"type": "namespace", "name": "bank", "description": "A bank.",
         "tools": [{"type": "function", **NAMED, "parameters": SCHEMA}]},
    ],
    "pydantic-ai": [
        {**NAMED, "parameters_json_schema": SCHEMA, "kind": "function", "strict": None,
         "outer_typed_dict_key": None, "sequential": False, "metadata": None},
    ],
    "MCP": {"schema": 1, "tools": [{**NAMED, "inputSchema": SCHEMA, "annotations": {}}]},
    "MCP, answered": {"jsonrpc": "2.0", "result": {"tools": [{**NAMED, "inputSchema": SCHEMA}]}},
}  # fmt: skip


ROWS = {
    "OpenAI chat, nested in `function`; Responses, flat; `functions`": [
        "OpenAI chat", "OpenAI Responses", "OpenAI legacy",
    ],
    "MCP": ["MCP", "MCP, answered"],
    "Anthropic": ["Anthropic", "Anthropic, custom"],
    "Gemini, `functionDeclarations`": ["Gemini", "Gemini, Python"],
    "Bedrock, `toolSpec`": ["Bedrock", "Bedrock, whole"],
    "Vercel AI SDK": ["Vercel AI SDK"],
}  # fmt: skip


def test_every_row_of_the_page_has_a_test() -> None:
    assert rows("Tool lists") == list(ROWS)
    assert {name for names in ROWS.values() for name in names} <= FORMS.keys()


@pytest.mark.parametrize("document", FORMS.values(), ids=FORMS)
def test_each_form_says_the_same(document: Any) -> None:
    (entry,) = read_tool_list(document)
    assert isinstance(entry, ToolEntry)
    tool = make_tool(entry)
    assert (tool.name, tool.description, tool.parameters) == ("pay", "Pays.", SCHEMA)
    assert tool.accepts({"n": 1})
    assert not tool.accepts({"n": "1"})


BROKEN: dict[str, tuple[Any, str, tuple[str | int, ...]]] = {
    "a schema under an unknown key": (
        [{**NAMED, "argsSchema": SCHEMA}], 'the key "argsSchema" of pay', (0, "argsSchema"),
    ),
    "a schema under a key that says nothing": (
        [{**NAMED, "shape": SCHEMA}], 'the key "shape" of pay', (0, "shape"),
    ),
    "an unknown key inside": (
        [{"type": "function", "function": {**NAMED, "Parameters": SCHEMA}}],
        'the key "Parameters"', (0, "function", "Parameters"),
    ),
    "two schemas": (
        [{**NAMED, "parameters": SCHEMA, "inputSchema": {"type": "object"}}],
        "two schemas for pay: parameters and inputSchema differ", (0,),
    ),
    "a schema that is text": (
        [{**NAMED, "parameters": "{}"}], "in parameters of pay", (0, "parameters"),
    ),
    "properties in the place of the schema": (
        [{**NAMED, "parameters": {"n": {"type": "integer"}}}],
        "a schema of pay whose keys n say nothing", (0, "parameters"),
    ),
    "Cohere's old form": (
        [{**NAMED, "parameter_definitions": {"n": {"type": "int", "required": True}}}],
        'the key "parameter_definitions"', (0, "parameter_definitions"),
    ),
    "Semantic Kernel's list": (
        [{**NAMED, "parameters": [{"name": "n", "type": "integer"}]}],
        "a list of 1 in parameters of pay", (0, "parameters"),
    ),
    "LangChain's model": ([{**NAMED, "args_schema": SCHEMA}], "args_schema", (0, "args_schema")),
    "smolagents' inputs": (
        [{**NAMED, "inputs": {"n": {"type": "integer"}}}], "inputs", (0, "inputs"),
    ),
    "tools by their name": ({"tools": {"pay": {"inputSchema": SCHEMA}}}, "tools", ()),
    "a grammar": (
        [{"type": "custom", **NAMED, "format": {"type": "grammar", "syntax": "lark"}}],
        'the key "format"', (0, "format"),
    ),
    "no name": ([{"parameters": SCHEMA}], 'no key "name"', (0,)),
    "a name that is a number": ([{"name": 7}], "the name 7", (0,)),
    "a tool that is text": (["pay"], '"pay"', (0,)),
    "no list": ({"pay": SCHEMA}, "pay", ()),
}  # fmt: skip


@pytest.mark.parametrize(("document", "words", "path"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_named(
    document: Any, words: str, path: tuple[str | int, ...]
) -> None:
    (defect,) = read_tool_list(document)
    assert isinstance(defect, ToolDefect)
    assert words in defect.found
    assert defect.path == path


def test_the_same_schema_twice_is_one() -> None:
    (entry,) = read_tool_list([{**NAMED, "parameters": SCHEMA, "input_schema": SCHEMA}])
    assert isinstance(entry, ToolEntry)


def test_what_a_provider_runs_itself_is_no_tool_of_the_release() -> None:
    listed = list(read_tool_list([{"googleSearch": {}}, {"type": "web_search"}]))
    assert [entry.name for entry in listed if isinstance(entry, ToolEntry)] == ["web_search"]


def test_geminis_dialect_becomes_json_schema() -> None:
    written = {
        "type": "OBJECT",
        "properties": {
            "kind": {"type": "STRING", "nullable": True, "enum": ["a"]},
            "list": {"type": "ARRAY", "items": {"type": "NUMBER"}, "minItems": "1"},
        },
    }
    (entry,) = read_tool_list([{"functionDeclarations": [{**NAMED, "parameters": written}]}])
    assert isinstance(entry, ToolEntry)
    tool = make_tool(entry)
    assert tool.accepts({"kind": None, "list": [1.5]})
    assert not tool.accepts({"kind": "b"})
    assert not tool.accepts({"list": []})
