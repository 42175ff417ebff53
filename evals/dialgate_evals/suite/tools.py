"""The tool registry: schemas of the tools an agent may call, compared as data.

Knows when arguments break a schema, and which defaults it gives. Leaves the forms of tool lists
to `suite.tool_reading.forms` and what a call means to `dialgate_evals.actions.action_classes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.schema_validation import DocumentValidator
from dialgate_evals.suite.tool_reading.forms import ToolEntry, read_tool_list
from dialgate_evals.suite.tool_reading.refused_texts import parse_refused_texts, read_text_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_DEEPEST_DEFAULT = 5
"""Levels of the schema down to which the gaps of a default are filled."""

_EMPTY: Mapping[str, Any] = {"type": "object"}


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool as the release offers it to the agent."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: dict(_EMPTY))
    # JSON Schema 2020-12 over the arguments
    document: Mapping[str, Any]
    # the JSON object it was read from, unwrapped from the OpenAI shape

    def __post_init__(self) -> None:
        object.__setattr__(self, "_validator", None)
        object.__setattr__(self, "_filling", None)
        object.__setattr__(self, "_has_defaults", _mentions_default(self.parameters))
        pointer = self.parameters.get("x-idempotency-key") or self.document.get("x-idempotency-key")
        found = pointer if isinstance(pointer, str) else None
        object.__setattr__(self, "idempotency_pointer", found)

    _validator: DocumentValidator | None = field(init=False, repr=False, compare=False)
    _filling: Mapping[str, Any] | None = field(init=False, repr=False, compare=False)
    # the schema whose defaults are filled in; made when first needed, after it was checked
    _has_defaults: bool = field(init=False, repr=False, compare=False)
    idempotency_pointer: str | None = field(init=False, repr=False, compare=False)
    # JSON Pointer of the argument that makes a repeated call harmless, where declared

    @property
    def validator(self) -> DocumentValidator:
        """The reused validator of the arguments."""
        if self._validator is None:
            what = f"the parameters of the tool {self.name}"
            object.__setattr__(self, "_validator", DocumentValidator(self.parameters, what=what))
        assert self._validator is not None
        return self._validator

    def accepts(self, arguments: object) -> bool:
        """Whether the arguments are an object that satisfies the schema.

        A required argument with a default may be left out: real servers fill it in.
        """
        if not isinstance(arguments, dict):
            return False
        if self.validator.is_valid(arguments):
            return True
        return self._has_defaults and self.validator.is_valid(self.with_defaults(arguments))

    def as_read(self, written: object) -> Mapping[str, Any]:
        """The arguments as the tool must have read them, where it answered a call that breaks it.

        A text that the schema refuses is parsed where the schema takes its value; what is no
        object stands for none.
        """
        found = read_text_value(written)
        arguments = found if isinstance(found, dict) else {}
        return parse_refused_texts(self.validator, arguments)

    def with_defaults(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arguments with every missing key that has a default in the schema."""
        if not self._has_defaults:
            return arguments
        if self._filling is None:
            filling = _without_broken_defaults(self.parameters, self.parameters)
            object.__setattr__(self, "_filling", filling)
        assert self._filling is not None
        filled: Mapping[str, Any] = _fill(self._filling, arguments, self._filling, 0)
        return filled


@dataclass(frozen=True, kw_only=True)
class ToolRegistry:
    """All tools of a release, by name."""

    tools: Mapping[str, Tool]
    listed: tuple[str, ...] = ()
    # the order in which an agent is told of them; empty: by name

    def __contains__(self, name: object) -> bool:
        return name in self.tools

    def __iter__(self) -> Iterator[Tool]:
        return iter(self.tools.values())

    def get(self, name: str) -> Tool | None:
        """The tool of that name, or None."""
        return self.tools.get(name)

    def under(self, others: ToolRegistry) -> ToolRegistry:
        """The same tools, but those of `others` where both know one."""
        return ToolRegistry(tools={**self.tools, **others.tools})

    def as_json(self) -> list[dict[str, Any]]:
        """Name, description and parameters of each tool, in the order of an agent's list."""
        place = {name: number for number, name in enumerate(self.listed)}
        return [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in sorted(self, key=lambda tool: (place.get(tool.name, 0), tool.name))
        ]


def parse_tools(documents: Iterable[Mapping[str, Any]]) -> tuple[Tool, ...]:
    """The tools of a list in any provider's form; what can't be read is left out."""
    entries = read_tool_list(list(documents))
    return tuple(make_tool(entry) for entry in entries if isinstance(entry, ToolEntry))


def make_tool(entry: ToolEntry) -> Tool:
    """The tool that an entry of tools.json describes; without parameters it takes none."""
    return Tool(
        name=entry.name,
        description=entry.description,
        parameters=entry.parameters or dict(_EMPTY),
        document=entry.document,
    )


def _without_broken_defaults(schema: Any, root: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any data
    """The schema without defaults that break it (`"false"` for a boolean): nobody means those."""
    if isinstance(schema, list):
        return [_without_broken_defaults(item, root) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _without_broken_defaults(item, root) for key, item in schema.items()}
    if "default" in schema and not _is_own_default(schema, root):
        del kept["default"]
    return kept


def _is_own_default(schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    if "$ref" in schema or not isinstance(schema.get("type", ""), str | list):
        return True
    standalone = {**{key: root[key] for key in ("$defs", "definitions") if key in root}, **schema}
    return DocumentValidator(standalone).is_valid(schema["default"])


def _mentions_default(schema: object) -> bool:
    if isinstance(schema, dict):
        return "default" in schema or any(_mentions_default(item) for item in schema.values())
    return isinstance(schema, list) and any(_mentions_default(item) for item in schema)


def _fill(schema: object, value: Any, root: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401 - any data
    """`value` with defaults, through properties, items, allOf and local references."""
    schema = _resolve(schema, root)
    if not isinstance(schema, dict) or depth > 50:
        return value
    for part in schema.get("allOf", ()):
        value = _fill(part, value, root, depth + 1)
    if isinstance(value, dict):
        return _fill_object(schema, value, root, depth)
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        return [_fill(items, item, root, depth + 1) for item in value]
    return value


def _fill_object(
    schema: Mapping[str, Any], value: Mapping[str, Any], root: Mapping[str, Any], depth: int
) -> dict[str, Any]:
    filled = dict(value)
    for key, raw in (schema.get("properties") or {}).items():
        property_schema = _resolve(raw, root)
        if key in filled:
            filled[key] = _fill(property_schema, filled[key], root, depth + 1)
        elif isinstance(property_schema, dict) and "default" in property_schema:
            # A default is data as the agent would have sent it, so its own gaps are filled too;
            # not where a schema goes on without end.
            default = property_schema["default"]
            ends = depth < _DEEPEST_DEFAULT
            filled[key] = _fill(property_schema, default, root, depth + 1) if ends else default
    return filled


def _resolve(schema: object, root: Mapping[str, Any]) -> object:
    """The schema behind local references; keywords beside a reference (a default) stay."""
    seen = 0
    while isinstance(schema, dict) and isinstance(reference := schema.get("$ref"), str):
        if reference != "#" and not reference.startswith("#/"):
            return schema
        target: object = root
        for part in reference.removeprefix("#").split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            target = target.get(key) if isinstance(target, dict) else None
        seen += 1
        if not isinstance(target, dict) or seen > 20:
            return schema
        beside = {key: item for key, item in schema.items() if key != "$ref"}
        schema = {**target, **beside}
    return schema
