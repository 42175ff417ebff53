"""Asks a person for a case at a terminal: the request, the calls that should follow, the answers.

Each value is checked against the tool's schema as it is typed. Leaves what a case is to `new_case`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dialgate_evals.files.json_text import JsonTextError, json_text, parse_json
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.files.suggest import suggest_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.suite.tools import Tool, ToolRegistry

_MOST_CALLS = 100
_ANOTHER = "Another one (Enter: no)"


class _JsonValue(click.ParamType[Any]):
    """A value that the schema takes; a text needs no quotes where the schema asks for a text."""

    name = "value"

    def __init__(self, tool: Tool, name: str) -> None:
        self._tool, self._name = tool, name
        self._schema = _properties(tool).get(name, {})

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401 - click's signature
        if not isinstance(value, str):
            return value
        if value == "" and self._name not in _required(self._tool):
            return _LEFT_OUT
        read = _read_value(value, self._schema)
        found = _first_defect(self._tool, self._name, read)
        if found:
            self.fail(found, param, ctx)
        return read


_LEFT_OUT = object()
_TAKEN_OUT = object()


class _Kept(_JsonValue):
    """A value anew; `-` takes an optional one out."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401 - click's signature
        if value == "-" and self._name not in _required(self._tool):
            return _TAKEN_OUT
        return value if value is _LEFT_OUT else super().convert(value, param, ctx)


def ask_request() -> str:
    """What the user says."""
    text: str = click.prompt("What does the user say", err=True)
    return text


def ask_calls(tools: ToolRegistry, question: str) -> list[dict[str, Any]]:
    """Calls with their arguments until an empty name; at most a hundred."""
    calls: list[dict[str, Any]] = []
    while len(calls) < _MOST_CALLS:
        tool = _ask_tool(tools, question if not calls else _ANOTHER)
        if tool is None:
            break
        calls.append({"name": tool.name, "arguments": _ask_arguments(tool)})
    return calls


def ask_answers(tools: ToolRegistry, reads: Sequence[str]) -> list[dict[str, Any]]:
    """What reads answer, each with its arguments, until an empty name."""
    recordings: list[dict[str, Any]] = []
    question = f"Which read answers something here ({', '.join(reads)}; Enter: none)"
    while reads and len(recordings) < _MOST_CALLS:
        tool = _ask_tool(tools, question)
        if tool is None:
            break
        call = {"name": tool.name, "arguments": _ask_arguments(tool)}
        text = click.prompt("  its answer (JSON or text)", err=True)
        recordings.append({**call, "result": _read_value(text, {})})
        question = _ANOTHER
    return recordings


def _ask_tool(tools: ToolRegistry, question: str) -> Tool | None:
    while True:
        name = click.prompt(question, default="", show_default=False, err=True).strip()
        tool = tools.get(name)
        if tool is not None or not name:
            return tool
        hint = suggest_word(name, tools.tools) or f"The tools are {', '.join(tools.tools)}."
        click.echo(printable(f"  No tool is called {shorten(name, 80)}. {hint}"), err=True)


def _ask_arguments(tool: Tool) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for name, schema in _properties(tool).items():
        optional = "" if name in _required(tool) else ", Enter: left out"
        value = click.prompt(
            printable(f"  {name} ({_kind(schema)}{optional})"),
            default=None if name in _required(tool) else "",
            show_default=False,
            type=_JsonValue(tool, name),
            err=True,
        )
        if value is not _LEFT_OUT:
            arguments[name] = value
    return arguments


def ask_again(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """The call's arguments anew: Enter keeps each as it is, and those beside the schema stay."""
    arguments: dict[str, Any] = {}
    for name, schema in _properties(tool).items():
        if name not in given and name not in _required(tool):
            continue
        kept = given.get(name)
        shown = kept if isinstance(kept, str) else json_text(kept)
        optional = "" if name in _required(tool) else ", -: left out"
        typed = click.prompt(
            printable(f"  {name} ({_kind(schema)}{optional}) [{shorten(shown, 200)}]"),
            default=_LEFT_OUT if name in given else None,
            show_default=False,
            type=_Kept(tool, name),
            err=True,
        )
        if typed is _LEFT_OUT:
            arguments[name] = kept
        elif typed is not _TAKEN_OUT:
            arguments[name] = typed
    beside = {key: value for key, value in given.items() if key not in _properties(tool)}
    return {**arguments, **beside}


def _properties(tool: Tool) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = tool.parameters.get("properties") or {}
    return properties


def _required(tool: Tool) -> Sequence[str]:
    required: Sequence[str] = tool.parameters.get("required") or ()
    return required


def _kind(schema: Any) -> str:  # noqa: ANN401 - schema data
    """What to type, in a word or two."""
    if not isinstance(schema, dict):
        return "JSON"
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = schema.get("type", "JSON")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _read_value(text: str, schema: Any) -> Any:  # noqa: ANN401 - JSON data
    """As JSON where it is some and a text is not asked for, else the text itself."""
    kinds = schema.get("type") if isinstance(schema, dict) else None
    if kinds == "string":
        return text
    try:
        return parse_json(text.encode("utf-8"))
    except JsonTextError:
        return text


def _first_defect(tool: Tool, name: str, value: Any) -> str | None:  # noqa: ANN401 - JSON data
    """What the tool's schema has against this argument by itself; None where it takes it."""
    for error in tool.validator.errors({name: value}):
        if tuple(error.absolute_path)[:1] == (name,):
            return printable(shorten(str(error.message), 200))
    return None
