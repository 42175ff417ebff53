"""Tool lists as providers write them: OpenAI, Anthropic, Gemini, Bedrock, MCP, as one form.

Knows where each of them keeps a tool's name and the schema of its arguments, and says which key
can't be read. Leaves what a schema means to `dialgate_evals.suite.tools`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.files.json_text import canonical_parsed
from dialgate_evals.files.problems import join_words, show_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Path = tuple[str | int, ...]

SCHEMA_KEYS = (
    "parameters", "inputSchema", "input_schema", "parametersJsonSchema", "parameters_json_schema",
)  # fmt: skip
"""Where a tool keeps the schema of its arguments: OpenAI, MCP, Anthropic, Gemini (twice)."""

_LISTS = ("tools", "functions", "functionDeclarations", "function_declarations")
_ENVELOPES = ("toolConfig", "tool_config", "result")
_DECLARED = ("functionDeclarations", "function_declarations")
_PROVIDERS_OWN = frozenset(
    "googleSearch google_search googleSearchRetrieval google_search_retrieval codeExecution "
    "code_execution urlContext url_context retrieval googleMaps google_maps computerUse "
    "computer_use fileSearch file_search enterpriseWebSearch enterprise_web_search cachePoint "
    "mcpServers mcp_servers systemTool".split()
)
"""Entries that are no tools of the release: what a provider runs by itself, marks of caching."""

_OUTPUTS = frozenset(
    "outputSchema output_schema response responseJsonSchema response_json_schema annotations "
    "_meta metadata icons execution cache_control strict input_examples inputExamples".split()
)
_SCHEMA_WORD = re.compile(r"schema|param|arg|input|propert", re.IGNORECASE)
_SCHEMA_SIGNS = frozenset({"type", "properties", "$ref", "anyOf", "oneOf", "allOf", "required"})

_KEYWORDS = frozenset(
    "type properties required additionalProperties patternProperties propertyNames anyOf oneOf "
    "allOf not if then else enum const items prefixItems additionalItems contains minContains "
    "maxContains minItems maxItems uniqueItems minProperties maxProperties minLength maxLength "
    "pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf dependencies "
    "dependentSchemas dependentRequired unevaluatedItems unevaluatedProperties definitions id "
    "title description default example examples deprecated readOnly writeOnly contentEncoding "
    "contentMediaType contentSchema nullable propertyOrdering strict".split()
)
"""A schema without any of them takes whatever it is given."""

_COUNTS = frozenset("minItems maxItems minLength maxLength minProperties maxProperties".split())
_TYPES = frozenset("OBJECT STRING NUMBER INTEGER BOOLEAN ARRAY NULL".split())


class ToolEntry(Struct, frozen=True, kw_only=True):
    """One tool of a list, whatever the list's form."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    # empty: any object
    document: Mapping[str, Any]
    path: Path


class ToolDefect(Struct, frozen=True, kw_only=True):
    """Why an entry of a list can't be read."""

    path: Path
    found: str
    expected: str


def read_tool_list(document: object, path: Path = ()) -> Iterator[ToolEntry | ToolDefect]:
    """Every tool of a list, or of an object that holds one under a provider's key."""
    if isinstance(document, list):
        for index, item in enumerate(document):
            yield from _read_entry(item, (*path, index))
        return
    holder = document if isinstance(document, dict) else {}
    for key in _LISTS:
        if isinstance(holder.get(key), list):
            yield from read_tool_list(holder[key], (*path, key))
            return
    for key in _ENVELOPES:
        if isinstance(holder.get(key), dict):
            yield from read_tool_list(holder[key], (*path, key))
            return
    expected = f"a list of tools, or an object with one under {join_words(list(_LISTS))}"
    yield ToolDefect(path=path, found=show_value(document), expected=expected)


def _read_entry(item: object, path: Path) -> Iterator[ToolEntry | ToolDefect]:
    if not isinstance(item, dict):
        yield ToolDefect(path=path, found=show_value(item), expected="a tool, which is an object")
        return
    for key in (*_DECLARED, "tools"):  # the last: a namespace of OpenAI's
        if isinstance(item.get(key), list):
            yield from read_tool_list(item[key], (*path, key))
            return
    for key in ("function", "toolSpec", "tool_spec", "custom"):
        if isinstance(item.get(key), dict):
            yield _read_tool(item[key], (*path, key))
            return
    if item and item.keys() <= _PROVIDERS_OWN:
        return
    if "name" not in item and item.get("type") not in {None, "function", "custom"}:
        # A tool that the provider defines, such as OpenAI's web_search.
        item = {**item, "name": item["type"]}
    yield _read_tool({key: value for key, value in item.items() if key != "type"}, path)


def _read_tool(inner: Mapping[str, Any], path: Path) -> ToolEntry | ToolDefect:
    name = inner.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= 200:
        found = f"the name {show_value(name)}" if "name" in inner else 'no key "name"'
        return ToolDefect(path=path, found=found, expected="a tool's name of 1 to 200 characters")
    given = [key for key in SCHEMA_KEYS if inner.get(key) is not None]
    for key in given:
        if not isinstance(inner[key], dict):
            found = f"{show_value(inner[key])} in {key} of {name}"
            return ToolDefect(path=(*path, key), found=found, expected="a JSON Schema, an object")
    unread = next((key for key in inner if _may_be_schema(key, inner[key])), None)
    if unread is not None:
        found = f'the key "{unread}" of {name}, which is not read and looks like a schema'
        expected = f"the schema of the arguments under one of {join_words(list(SCHEMA_KEYS))}"
        return ToolDefect(path=(*path, unread), found=found, expected=expected)
    schemas = [_in_json_schema(_unwrapped(inner[key])) for key in given]
    if len({canonical_parsed(schema) for schema in schemas}) > 1:
        found = f"two schemas for {name}: {join_words(given)} differ"
        return ToolDefect(path=path, found=found, expected="one schema for each tool")
    parameters = schemas[0] if schemas else {}
    if parameters and not any(_is_keyword(key) for key in parameters):
        found = f"a schema of {name} whose keys {join_words([*parameters][:5])} say nothing"
        expected = 'keywords of JSON Schema, such as "type" and "properties"'
        return ToolDefect(path=(*path, given[0]), found=found, expected=expected)
    return ToolEntry(
        name=name,
        description=str(inner.get("description") or ""),
        parameters=parameters,
        document=_plain_document(inner, given, parameters),
        path=path,
    )


def _may_be_schema(key: str, value: object) -> bool:
    """Whether a key that nothing here reads seems to hold the schema of the arguments."""
    if key in SCHEMA_KEYS or key in _OUTPUTS or not isinstance(value, dict) or not value:
        return False
    return bool(_SCHEMA_WORD.search(key)) or bool(_SCHEMA_SIGNS & value.keys())


def _is_keyword(key: str) -> bool:
    return key in _KEYWORDS or key.startswith(("$", "x-"))


def _unwrapped(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bedrock keeps the schema under `json`, Vercel's SDK under `jsonSchema`."""
    for key in ("json", "jsonSchema"):
        if schema.keys() <= {key, "validate"} and isinstance(schema.get(key), dict):
            return schema[key]  # type: ignore[no-any-return]  # JSON data
    return schema


def _plain_document(
    inner: Mapping[str, Any], given: list[str], parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """What is compared and digested of a tool: as it is written where a reader knows its form."""
    if set(given) <= {"parameters", "inputSchema"} and all(
        inner[key] == parameters for key in given
    ):
        return dict(inner)
    beside = {key: value for key, value in inner.items() if key not in SCHEMA_KEYS}
    return {**beside, "parameters": parameters}


def _in_json_schema(schema: Any) -> Any:  # noqa: ANN401 - schema data
    """Gemini's dialect as JSON Schema: types in capitals, `nullable`, counts as text."""
    if isinstance(schema, list):
        return [_in_json_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _in_keyword(key, value) for key, value in schema.items()}
    kind = schema.get("type")
    if kind == "TYPE_UNSPECIFIED":
        del found["type"]
    elif isinstance(kind, str) and kind in _TYPES:
        found["type"] = kind.lower()
        if found.pop("nullable", None) is True:
            found["type"] = [kind.lower(), "null"]
            if isinstance(found.get("enum"), list) and None not in found["enum"]:
                found["enum"] = [*found["enum"], None]
    return found


def _in_keyword(key: str, value: Any) -> Any:  # noqa: ANN401 - schema data
    if key in _COUNTS and isinstance(value, str) and value.isdecimal():
        return int(value)
    if key in {"const", "enum", "default", "example", "examples"}:
        return value
    if key in {"properties", "$defs", "definitions"} and isinstance(value, dict):
        return {name: _in_json_schema(item) for name, item in value.items()}
    return _in_json_schema(value)
