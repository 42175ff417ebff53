"""A tool's arguments as fields of a form, and what was typed there back into a call.

Every value goes through the form as text and is read strictly, so that 1.0 stays 1.0 and a long
number keeps its digits. Leaves checking the call against its schema to the caller.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.accepting.decisions import UnfitError
from dialgate_evals.files.json_text import JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.events.deriving.calls import Call
    from dialgate_evals.suite.tools import Tool

MOST_FIELDS = 300
"""Fields of one call; a call with more is edited as one piece of JSON."""
WHOLE = "all arguments"
"""The one field of such a call, and of one with an argument of that name."""


class FieldKind(StrEnum):
    """How a value is typed."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    # one of a few, as JSON
    JSON = "json"


Field = dict[str, Any]


def form_of(tool: Tool | None, arguments: Mapping[str, Any] | None = None) -> list[Field]:
    """The fields of a call: those of the schema first, then what the call has beside them.

    Each is `{"name", "kind", "value", "given", "required", "note"}`, a choice has `choices` too;
    `given` is false where the call leaves an argument out.
    """
    schema = {} if tool is None else tool.parameters
    properties = _mapping(schema.get("properties"))
    given = {} if arguments is None else dict(arguments)
    names = [*properties, *(name for name in given if name not in properties)]
    if len(names) > MOST_FIELDS or WHOLE in names:
        return [_field(WHOLE, {}, {WHOLE: given}, is_required=True)]
    required = schema.get("required")
    needed = set(required) if isinstance(required, list) else set()
    return [_field(name, properties.get(name), given, is_required=name in needed) for name in names]


def _field(name: str, schema: Any, given: Mapping[str, Any], *, is_required: bool) -> Field:  # noqa: ANN401 - schema data
    schema = _mapping(schema)
    value = given.get(name, schema.get("default"))
    kind, choices = _kind(schema, value, is_given=name in given)
    text = value if kind is FieldKind.TEXT else _json(value)
    if value is None and name not in given:
        text = choices[0] if choices else ""
    field: Field = {
        "name": name, "kind": kind.value, "value": text, "required": is_required,
        "given": name in given or is_required, "note": _note(schema),
    }  # fmt: skip
    return {**field, "choices": choices} if kind is FieldKind.CHOICE else field


def _kind(
    schema: Mapping[str, Any], value: object, *, is_given: bool
) -> tuple[FieldKind, list[str]]:
    words = schema.get("enum")
    if schema.get("type") == "boolean":
        words = [True, False]
    if isinstance(words, list) and 0 < len(words) <= MOST_FIELDS:
        choices = [_json(word) for word in words]
        # A value outside of the schema stays to be seen, and to be put right.
        return FieldKind.CHOICE, choices if not is_given or _json(value) in choices else [
            _json(value), *choices,
        ]  # fmt: skip
    kind = schema.get("type")
    if kind == "string" and (not is_given or isinstance(value, str)):
        return FieldKind.TEXT, []
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind in {"number", "integer"} and (not is_given or is_number):
        return FieldKind.NUMBER, []
    if not schema and isinstance(value, str):
        return FieldKind.TEXT, []
    return FieldKind.JSON, []


def _note(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    words = [" or ".join(map(str, kind)) if isinstance(kind, list) else str(kind or "any value")]
    description = schema.get("description")
    if isinstance(description, str):
        words.append(description[:300])
    return ": ".join(words)


def call_of(document: Any) -> Call:  # noqa: ANN401 - unchecked JSON
    """The call that a form holds. Raises UnfitError that names the field."""
    if not isinstance(document, dict) or not isinstance(document.get("name"), str):
        raise UnfitError("a call without a name")
    fields = document.get("fields")
    if not isinstance(fields, list) or len(fields) > MOST_FIELDS:
        raise UnfitError("a call without its fields")
    arguments: dict[str, Any] = {}
    for field in fields:
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            raise UnfitError("a field without a name")
        if field.get("given") is not True:
            continue
        arguments[field["name"]] = _value(field)
    if list(arguments) == [WHOLE] and isinstance(arguments[WHOLE], dict):
        arguments = arguments[WHOLE]
    return {"name": document["name"], "arguments": arguments}


def _value(field: Field) -> Any:  # noqa: ANN401 - JSON data
    text, name = field.get("value"), field["name"]
    if not isinstance(text, str):
        raise UnfitError(f"{name}: no text")
    if field.get("kind") == FieldKind.TEXT:
        return text
    try:
        return parse_json(text.encode("utf-8", "surrogatepass"))
    except JsonTextError as error:
        what = "a number" if field.get("kind") == FieldKind.NUMBER else "JSON"
        raise UnfitError(f"{name}: found {error}; expected {what}") from None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
