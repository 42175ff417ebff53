"""What OpenTelemetry's attributes hold: typed values, and messages flattened into dotted keys.

OTLP's JSON writes `stringValue`, Phoenix' pages `string_value`. OpenInference numbers the parts of
a list in the key, Phoenix' data frames keep the list and dot the keys inside.
"""

from __future__ import annotations

import re
from typing import Any

from dialgate_evals.importing.exchanges import as_parsed
from dialgate_evals.importing.found import list_in

_LISTS = ("llm.input_messages", "llm.output_messages", "llm.tools", "gen_ai.prompt",
          "gen_ai.completion", "llm.request.functions")  # fmt: skip
_PART = re.compile(rf"({'|'.join(map(re.escape, _LISTS))})\.(\d{{1,4}})\.(.+)")
_MOST_KEYS = 20_000
_MOST_STEPS = 12


def attributes_of(span: dict[str, Any]) -> dict[str, Any]:
    """The attributes by name; OTLP writes them as a list of keys and typed values."""
    raw = span.get("attributes")
    if isinstance(raw, list):
        return {
            item["key"]: plain_value(item.get("value"))
            for item in raw
            if isinstance(item, dict) and isinstance(item.get("key"), str)
        }
    found = dict(raw) if isinstance(raw, dict) else {}
    prefix = "attributes."
    found.update(
        (key.removeprefix(prefix), item) for key, item in span.items() if key.startswith(prefix)
    )
    return found


def plain_value(value: Any) -> Any:  # noqa: ANN401 - JSON data
    """OTLP's typed value as plain data."""
    if not isinstance(value, dict):
        return value
    for key in ("arrayValue", "array_value"):
        if value.get(key) is not None:
            return [plain_value(item) for item in list_in(value[key], "values")]
    for key in ("kvlistValue", "kvlist_value"):
        if value.get(key) is not None:
            return {
                str(pair.get("key")): plain_value(pair.get("value"))
                for pair in list_in(value[key], "values")
                if isinstance(pair, dict)
            }
    for key in ("intValue", "int_value"):
        if value.get(key) is not None:
            number = str(value[key])
            return int(number) if re.fullmatch(r"-?\d{1,20}", number, re.ASCII) else number
    kinds = ("stringValue", "boolValue", "doubleValue", "string_value", "bool_value",
             "double_value")  # fmt: skip
    return next((value[kind] for kind in kinds if value.get(kind) is not None), None)


def nested_lists(values: dict[str, Any]) -> dict[str, list[Any]]:
    """Flattened attributes (`llm.input_messages.0.message.role`) as lists of objects."""
    found: dict[str, dict[int, Any]] = {}
    for key, value in list(values.items())[:_MOST_KEYS]:
        match = _PART.fullmatch(key)
        if match:
            item = found.setdefault(match[1], {}).setdefault(int(match[2]), {})
            _put(item, match[3].split(".")[:_MOST_STEPS], value)
    lists = {
        name: [_as_lists(items[index]) for index in sorted(items)] for name, items in found.items()
    }
    for name in _LISTS:
        if isinstance(values.get(name), list):
            lists.setdefault(name, [_undotted(item) for item in values[name]])
    return lists


def _undotted(value: Any) -> Any:  # noqa: ANN401 - JSON data
    """An object whose keys are paths (`message.role`) as objects in objects."""
    if isinstance(value, list):
        return [_undotted(item) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, item in value.items():
        _put(found, key.split(".")[:_MOST_STEPS], _undotted(item))
    return found


def _put(target: dict[str, Any], path: list[str], value: object) -> None:
    for step in path[:-1]:
        inner = target.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        target = inner
    target.setdefault(path[-1], value)


def _as_lists(value: Any) -> Any:  # noqa: ANN401 - JSON data
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_as_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _as_lists(item) for key, item in value.items()}


def tools_of(values: dict[str, Any], nested: dict[str, list[Any]]) -> list[Any]:
    """The tools that a model was offered, in any provider's form."""
    defined = as_parsed(values.get("gen_ai.tool.definitions"))
    if isinstance(defined, list):
        return defined
    found = []
    for item in nested.get("llm.tools", ()):
        inner = item.get("tool", item) if isinstance(item, dict) else {}
        schema = as_parsed(inner.get("json_schema")) if isinstance(inner, dict) else None
        if isinstance(schema, dict):
            found.append(schema)
    functions = [item for item in nested.get("llm.request.functions", ()) if isinstance(item, dict)]
    return found + [{**item, "parameters": as_parsed(item.get("parameters"))} for item in functions]
