"""OpenTelemetry spans as OTLP JSON: `gen_ai.*` in old and new names, and OpenInference (Phoenix).

Each trace gives the span that saw most of the conversation; the tools' own spans say what became of
calls that no later span answers. Spans of a trace may come in any order and from several lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.exchanges import as_parsed
from dialgate_evals.importing.found import Conversation, Format, Left, list_in, not_understood

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate_evals.importing.found import Document, Found

_MOST_TRACES = 2000
_RESOURCES = ("resourceSpans", "resource_spans")
_SCOPES = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans")
_PART = re.compile(
    r"(llm\.input_messages|llm\.output_messages|llm\.tools|gen_ai\.prompt|gen_ai\.completion|"
    r"llm\.request\.functions)\.(\d{1,4})\.(.+)"
)
_MOST_KEYS = 20_000


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the document holds spans, or is one with attributes of a model's call."""
    if isinstance(document, dict) and any(key in document for key in _RESOURCES):
        return True
    return isinstance(document, dict) and any(
        key.startswith(("gen_ai.", "llm.", "openinference.")) for key in _attributes(document)
    )


def read(documents: Iterable[Document]) -> Iterator[Found]:
    """A conversation for each trace, once nothing more of it is expected."""
    traces: dict[str, _Trace] = {}
    for place, document in documents:
        spans = list(_spans(document))
        if not spans:
            yield not_understood(place, document, "resourceSpans of OTLP JSON, or spans")
        for span in spans:
            key = _trace_id(span) or place
            trace = traces.pop(key, None) or _Trace(key, place)
            trace.add(span)
            traces[key] = trace
            if len(traces) > _MOST_TRACES:
                yield from traces.pop(next(iter(traces))).found()
    for trace in traces.values():
        yield from trace.found()


def _spans(document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON data
    resources = list_in(document, *_RESOURCES)
    if not resources and isinstance(document, dict) and _attributes(document):
        yield document
    for resource in resources:
        for scope in list_in(resource, *_SCOPES):
            yield from (span for span in list_in(scope, "spans") if isinstance(span, dict))


def _trace_id(span: dict[str, Any]) -> str:
    context = span.get("context") if isinstance(span.get("context"), dict) else {}
    for key in ("traceId", "trace_id", "context.trace_id"):
        found = span.get(key) or (context or {}).get(key)
        if isinstance(found, str) and found:
            return found
    return ""


class _Trace:
    """What the spans of one trace said so far."""

    def __init__(self, id_: str, place: str) -> None:
        self.id, self.place = id_, place
        self.asked: list[Any] = []
        self.answered: list[Any] = []
        self.tools: list[Any] = []
        self.results: dict[str, Any] = {}
        self.count = 0

    def add(self, span: dict[str, Any]) -> None:
        """Takes what a span says of messages, tools and results."""
        values = _attributes(span)
        self.count += 1
        call_id = values.get("gen_ai.tool.call.id") or values.get("tool_call.id")
        result = values.get("gen_ai.tool.call.result", values.get("gen_ai.tool.result"))
        if isinstance(call_id, str) and result is not None:
            self.results[call_id] = result
        nested = _nested(values)
        asked, answered = _messages(values, nested, span)
        self.tools = _tools(values, nested) or self.tools
        if len(asked) + len(answered) > len(self.asked) + len(self.answered):
            self.asked, self.answered = asked, answered

    def found(self) -> Iterator[Found]:
        """The conversation; a trace in which no model is asked is told of."""
        if not self.asked and not self.answered:
            why = "no span of it holds messages; instrumentations leave them out unless asked"
            yield Left(place=self.place, what=f"the trace {self.id}, {self.count} spans", why=why)
            return
        later = [
            {"role": "tool", "tool_call_id": call_id, "content": result}
            for call_id, result in self.results.items()
            if _calls(self.answered, call_id)
        ]
        yield Conversation(
            id=self.id,
            place=f"{self.place} trace {self.id}",
            messages=[*self.asked, *self.answered, *later],
            asked=len(self.asked),
            tools=self.tools,
        )


def _calls(messages: list[Any], call_id: str) -> bool:
    """Whether one of the messages makes the call of that id."""
    for message in messages:
        parts = [*list_in(message, "tool_calls"), *list_in(message, "parts")]
        if any(isinstance(part, dict) and part.get("id") == call_id for part in parts):
            return True
    return False


def _messages(
    values: dict[str, Any], nested: dict[str, list[Any]], span: dict[str, Any]
) -> tuple[list[Any], list[Any]]:
    """What was asked and what was answered, in whichever names the span has."""
    system = as_parsed(values.get("gen_ai.system_instructions"))
    asked = as_parsed(values.get("gen_ai.input.messages", values.get("gen_ai.prompt")))
    answered = as_parsed(values.get("gen_ai.output.messages", values.get("gen_ai.completion")))
    for list_ in (asked, answered):
        if isinstance(list_, list):
            found = _list(asked), _list(answered)
            if isinstance(system, list) and system:
                return [{"role": "system", "parts": system}, *found[0]], found[1]
            return found
    for first, second in (("llm.input_messages", "llm.output_messages"),
                          ("gen_ai.prompt", "gen_ai.completion")):  # fmt: skip
        if first in nested or second in nested:
            return (
                [_plain(item, "user") for item in nested.get(first, ())],
                [_plain(item, "assistant") for item in nested.get(second, ())],
            )
    events = [_event(event) for event in list_in(span, "events") if isinstance(event, dict)]
    kept = [event for event in events if event is not None]
    return [e for e in kept if e["name"] != "gen_ai.choice"], [
        e for e in kept if e["name"] == "gen_ai.choice"
    ]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _plain(item: Any, role: str) -> dict[str, Any]:  # noqa: ANN401 - JSON data
    """A message of flattened attributes as a chat message."""
    inner = item.get("message", item) if isinstance(item, dict) else {}
    inner = inner if isinstance(inner, dict) else {}
    calls = [_plain_call(call) for call in _list(inner.get("tool_calls"))]
    texts = [
        part.get("message_content", {}).get("text")
        for part in _list(inner.get("contents"))
        if isinstance(part, dict) and isinstance(part.get("message_content"), dict)
    ]
    content = inner.get("content")
    if content is None and texts:
        content = "".join(text for text in texts if isinstance(text, str))
    made = {"role": inner.get("role") or role, "content": content}
    if calls:
        made["tool_calls"] = calls
    if isinstance(inner.get("tool_call_id"), str):
        made["tool_call_id"] = inner["tool_call_id"]
    return made


def _plain_call(call: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON data
    inner = call.get("tool_call", call) if isinstance(call, dict) else {}
    inner = inner if isinstance(inner, dict) else {}
    function = inner["function"] if isinstance(inner.get("function"), dict) else inner
    arguments = function.get("arguments", "{}")
    made = {"name": function.get("name"), "arguments": arguments}
    return {"id": inner.get("id"), "type": "function", "function": made}


def _event(event: dict[str, Any]) -> dict[str, Any] | None:
    name = event.get("name")
    if not isinstance(name, str) or not name.startswith("gen_ai.") or name.endswith(".details"):
        return None
    body = {key: as_parsed(value) for key, value in _attributes(event).items()}
    return {"name": name, "body": body}


def _tools(values: dict[str, Any], nested: dict[str, list[Any]]) -> list[Any]:
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


def _attributes(span: dict[str, Any]) -> dict[str, Any]:
    """The attributes by name; OTLP writes them as a list of keys and typed values."""
    raw = span.get("attributes")
    if isinstance(raw, list):
        return {
            item["key"]: _value(item.get("value"))
            for item in raw
            if isinstance(item, dict) and isinstance(item.get("key"), str)
        }
    found = dict(raw) if isinstance(raw, dict) else {}
    prefix = "attributes."
    found.update(
        (key.removeprefix(prefix), item) for key, item in span.items() if key.startswith(prefix)
    )
    return found


def _value(value: Any) -> Any:  # noqa: ANN401 - JSON data
    """OTLP's typed value as plain data."""
    if not isinstance(value, dict):
        return value
    if "arrayValue" in value:
        return [_value(item) for item in list_in(value["arrayValue"], "values")]
    if "kvlistValue" in value:
        pairs = list_in(value["kvlistValue"], "values")
        return {
            str(pair.get("key")): _value(pair.get("value"))
            for pair in pairs
            if isinstance(pair, dict)
        }
    if "intValue" in value:
        number = str(value["intValue"])
        return int(number) if re.fullmatch(r"-?\d{1,20}", number, re.ASCII) else number
    return next((value[k] for k in ("stringValue", "boolValue", "doubleValue") if k in value), None)


def _nested(values: dict[str, Any]) -> dict[str, list[Any]]:
    """Flattened attributes (`llm.input_messages.0.message.role`) as lists of objects."""
    found: dict[str, dict[int, Any]] = {}
    for key, value in list(values.items())[:_MOST_KEYS]:
        match = _PART.fullmatch(key)
        if match:
            item = found.setdefault(match[1], {}).setdefault(int(match[2]), {})
            _put(item, match[3].split(".")[:12], value)
    return {
        name: [_as_lists(items[index]) for index in sorted(items)] for name, items in found.items()
    }


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


FORMAT = Format(
    name="otlp",
    title="OpenTelemetry spans (OTLP JSON): gen_ai.*, OpenInference as Phoenix exports it",
    recognises=recognises,
    read=read,
)
