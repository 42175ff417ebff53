"""OpenTelemetry's spans and log records: `gen_ai.*` in old and new names, OpenInference (Phoenix).

Each trace gives the span that saw most of a conversation; a subagent's is one of its own. The
tools' own spans say what became of calls that no later span answers. Spans of a trace may come in
any order and from several lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.importing.apart import Apart
from dialgate_evals.importing.exchanges import as_parsed
from dialgate_evals.importing.found import (
    Conversation,
    Format,
    Left,
    dict_in,
    list_in,
    not_understood,
)
from dialgate_evals.importing.span_values import (
    attributes_of,
    nested_lists,
    plain_value,
    tools_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate_evals.importing.found import Document, Found

_MOST_TRACES = 2000
_MOST_EVENTS = 2000
# of one request, in log records
_RESOURCES = ("resourceSpans", "resource_spans", "resourceLogs", "resource_logs")
_SCOPES = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans", "scopeLogs", "scope_logs")


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the document holds spans, or is one with attributes of a model's call."""
    if isinstance(document, dict) and any(key in document for key in _RESOURCES):
        return True
    if not isinstance(document, dict):
        return False
    page = list_in(document, "data")
    return _is_span(page[0] if page else document) or any(
        key.startswith(("gen_ai.", "llm.", "openinference.")) for key in attributes_of(document)
    )


def _is_span(value: object) -> bool:
    """Whether a trace and a span are named, as a page of OTLP and Phoenix' frames name them."""
    return isinstance(value, dict) and (
        {"trace_id", "span_id"} <= value.keys()
        or {"context.trace_id", "context.span_id"} <= value.keys()
        or {"trace_id", "span_id"} <= dict_in(value, "context").keys()
    )


def read(documents: Iterable[Document]) -> Iterator[Found]:
    """A conversation for each trace, once nothing more of it is expected."""
    traces: dict[str, _Trace] = {}
    for place, document in documents:
        spans = list(_spans(document))
        if not spans:
            yield not_understood(place, document, "resourceSpans or resourceLogs of OTLP, or spans")
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
    if not resources and isinstance(document, dict):
        listed = list_in(document, "data") or [document]
        yield from (s for s in listed if isinstance(s, dict) and (attributes_of(s) or _is_span(s)))
    for resource in resources:
        for scope in list_in(resource, *_SCOPES):
            found = list_in(scope, "spans", "logRecords", "log_records")
            yield from (span for span in found if isinstance(span, dict))


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
        self.apart = Apart(place)
        self.tools: list[Any] = []
        self.results: dict[str, Any] = {}
        self.count = 0
        self.events: dict[str, list[dict[str, Any]]] = {}
        # of log records that are one message each, by span

    def add(self, span: dict[str, Any]) -> None:
        """Takes what a span says of messages, tools and results."""
        values = attributes_of(span)
        self.count += 1
        event = span.get("eventName") or span.get("event_name") or values.get("event.name")
        if isinstance(event, str) and event.startswith("gen_ai.") and "body" in span:
            self._add_event(event, span)
        call_id = values.get("gen_ai.tool.call.id") or values.get("tool_call.id")
        result = values.get("gen_ai.tool.call.result", values.get("gen_ai.tool.result"))
        if isinstance(call_id, str) and result is not None:
            self.results[call_id] = result
        nested = nested_lists(values)
        asked, answered = _messages(values, nested, span)
        tools = tools_of(values, nested)
        self.tools = tools or self.tools
        self._take(asked, answered, tools)

    def _add_event(self, name: str, record: dict[str, Any]) -> None:
        body = plain_value(record["body"])
        if not isinstance(body, dict) or not body:
            return
        key = str(record.get("spanId") or record.get("span_id") or "")
        events = self.events.setdefault(key, [])
        if len(events) < _MOST_EVENTS:
            events.append({"name": name, "body": body})
        self._take(*_by_side(events), tools=[])

    def _take(self, asked: list[Any], answered: list[Any], tools: list[Any]) -> None:
        if asked or answered:
            place = f"{self.place} trace {self.id}"
            messages = [*asked, *answered]
            self.apart.add(Conversation(id=self.id, place=place, messages=messages,
                                        asked=len(asked), tools=tools))  # fmt: skip

    def found(self) -> Iterator[Found]:
        """The conversation; a trace in which no model is asked is told of."""
        conversations = list(self.apart.found())
        if not conversations:
            why = "no span of it holds messages; instrumentations leave them out unless asked"
            yield Left(place=self.place, what=f"the trace {self.id}, {self.count} spans", why=why)
        for one in conversations:
            later = [
                {"role": "tool", "tool_call_id": call_id, "content": result}
                for call_id, result in self.results.items()
                if _calls(one.messages[one.asked :], call_id)
            ]
            tools = one.tools or self.tools
            yield replace(one, messages=[*one.messages, *later], tools=tools)


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
    return _by_side(kept)


def _by_side(events: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """What was asked and what was answered, of events that are a message each."""
    return [e for e in events if e["name"] != "gen_ai.choice"], [
        e for e in events if e["name"] == "gen_ai.choice"
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
    body = {key: as_parsed(value) for key, value in attributes_of(event).items()}
    return {"name": name, "body": body}


FORMAT = Format(
    name="otlp",
    title="OpenTelemetry spans and logs (OTLP): gen_ai.*, OpenInference as Phoenix exports it",
    recognises=recognises,
    read=read,
)
