"""A tool's name, description and schema from the Python object that an agent is given.

Knows functions, pydantic models and the tool objects of frameworks by what they have, and imports
none of them; leaves loading a module to `python_pull`.
"""

from __future__ import annotations

import inspect
import typing
from typing import TYPE_CHECKING, Any

from dialgate_evals.suite.tool_reading.forms import ToolEntry, read_tool_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_CONTAINERS = ("tools", "toolsets", "_function_toolset")
"""Where agents and sets of tools keep them."""

_DEEPEST = 6


class UnreadableToolError(Exception):
    """No schema can be had of the object; the message says why."""


def tools_of(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any object of the user's
    """Every tool of an object: itself, or what a list, a set of tools or an agent holds."""
    if depth > _DEEPEST:
        raise UnreadableToolError("it holds itself")
    made = _as_tool(value)
    if made is not None:
        yield made
        return
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from tools_of(item, depth + 1)
        return
    for name in _CONTAINERS:
        inner = getattr(value, name, None)
        if isinstance(inner, dict):
            inner = list(inner.values())
        if isinstance(inner, list | tuple) or (name == "_function_toolset" and inner is not None):
            yield from tools_of(inner, depth + 1)
            return
    raise UnreadableToolError(
        f"a {type(value).__name__}, which is no function, no pydantic model, and no tool object "
        "that is known here"
    )


def _as_tool(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - see tools_of
    for read in _READERS:
        made = read(value)
        if made is not None:
            return {key: item for key, item in made.items() if item not in (None, "")}
    return None


def _document(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - see tools_of
    """A tool as data, in any provider's form."""
    if not isinstance(value, dict):
        return None
    found = [entry for entry in read_tool_list([value]) if isinstance(entry, ToolEntry)]
    if not found:
        raise UnreadableToolError(f"a table with {', '.join(map(str, list(value)[:8]))}")
    return _tool(found[0].name, found[0].description, found[0].parameters)


def _tool(name: object, description: object, schema: Mapping[str, Any]) -> dict[str, Any]:
    text = inspect.cleandoc(description) if isinstance(description, str) else None
    return {"name": str(name), "description": text, "inputSchema": dict(schema)}


def _model(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - see tools_of
    """A pydantic model: what a call's arguments are."""
    if not (isinstance(value, type) and hasattr(value, "model_json_schema")):
        return None
    schema = _schema_of(value)
    return _tool(value.__name__, schema.pop("description", None), schema)


def _schema_of(model: Any) -> dict[str, Any]:  # noqa: ANN401 - see tools_of
    if isinstance(model, dict):
        return dict(model)
    try:
        return dict(model.model_json_schema())
    except Exception as error:  # noqa: BLE001 - the model is the user's
        raise UnreadableToolError(f"a model without a JSON Schema: {error}") from None


def _pydantic_ai(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - see tools_of
    schema = getattr(getattr(value, "function_schema", None), "json_schema", None)
    return _tool(value.name, value.description, schema) if isinstance(schema, dict) else None


def _openai_agents(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - see tools_of
    schema = getattr(value, "params_json_schema", None)
    return _tool(value.name, value.description, schema) if isinstance(schema, dict) else None


def _google_adk(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - see tools_of
    declare = getattr(value, "_get_declaration", None)
    if isinstance(value, type) or not callable(declare):
        return None
    declared = declare()
    if declared is None:
        raise UnreadableToolError("a tool that declares no function")
    return _document(declared.model_dump(mode="json", exclude_none=True))


def _langchain(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - see tools_of
    """LangChain's tools and CrewAI's; what is injected is not the model's to give."""
    if isinstance(value, type) or not hasattr(value, "args_schema"):
        return None
    model = getattr(value, "tool_call_schema", None) or value.args_schema
    if model is None:
        raise UnreadableToolError("a tool without args_schema")
    schema = _schema_of(model)
    schema.pop("description", None)
    return _tool(value.name, value.description, schema)


def _smolagents(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - see tools_of
    inputs = getattr(value, "inputs", None)
    if isinstance(value, type) or not isinstance(inputs, dict) or not hasattr(value, "output_type"):
        return None
    properties = {
        name: {key: item for key, item in given.items() if key != "nullable"}
        for name, given in inputs.items()
    }
    for given in properties.values():
        if given.get("type") == "any":
            del given["type"]
    required = [name for name, given in inputs.items() if not given.get("nullable")]
    schema = {"type": "object", "properties": properties, "required": required}
    return _tool(value.name, value.description, schema)


def _with_input_schema(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - see tools_of
    """The Claude Agent SDK's tools and MCP's own."""
    for key in ("input_schema", "inputSchema"):
        given = getattr(value, key, None)
        if given is None or isinstance(value, type) or not hasattr(value, "name"):
            continue
        if isinstance(given, dict) and not isinstance(given.get("type"), str):
            given = _typed({name: (kind, ...) for name, kind in given.items()}, value.name)
        elif isinstance(given, type) and not hasattr(given, "model_json_schema"):
            given = _adapted(given)
        return _tool(value.name, getattr(value, "description", None), _schema_of(given))
    return None


def _function(value: Any) -> dict[str, Any] | None:  # noqa: ANN401 - see tools_of
    if not (inspect.isroutine(value) or inspect.ismethod(value)):
        return None
    try:
        signature = inspect.signature(value)
        hints = typing.get_type_hints(value, include_extras=True)
    except (TypeError, ValueError, NameError) as error:
        raise UnreadableToolError(f"a function whose signature can't be read: {error}") from None
    fields: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.POSITIONAL_ONLY}:
            raise UnreadableToolError(f"a function whose parameter {name} has no name in a call")
        if parameter.kind is parameter.VAR_KEYWORD:
            raise UnreadableToolError(f"a function that takes any name (**{name})")
        if name not in hints:
            raise UnreadableToolError(f"a function whose parameter {name} has no type")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[name] = (hints[name], default)
    return _tool(value.__name__, inspect.getdoc(value), _typed(fields, value.__name__))


def _typed(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """The schema of named, typed arguments."""
    create_model: Callable[..., Any] = _pydantic().create_model
    try:
        schema = _schema_of(create_model(name, **fields))
    except UnreadableToolError:
        raise
    except Exception as error:  # noqa: BLE001 - pydantic has many, and types their own
        said = str(error).splitlines()[0]
        found = f"a function with a type that no schema describes: {said}"
        raise UnreadableToolError(found) from None
    return schema


def _adapted(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a type
    return dict(_pydantic().TypeAdapter(kind).json_schema())


def _pydantic() -> Any:  # noqa: ANN401 - a module
    try:
        import pydantic  # noqa: PLC0415 - comes with most frameworks
    except ImportError:
        raise UnreadableToolError(
            "a function, whose types need pydantic: pip install pydantic"
        ) from None
    return pydantic


_READERS: tuple[Callable[[Any], dict[str, Any] | None], ...] = (
    _document, _model, _pydantic_ai, _openai_agents, _google_adk, _langchain, _smolagents,
    _with_input_schema, _function,
)  # fmt: skip
