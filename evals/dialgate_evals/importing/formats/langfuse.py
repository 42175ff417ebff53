"""Langfuse's exports: traces with observations, lists of observations, or of traces.

Each trace gives the generation that saw most of a conversation; a subagent's is one of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.apart import Apart
from dialgate_evals.importing.exchanges import answer_messages, as_parsed
from dialgate_evals.importing.found import (
    Conversation,
    Format,
    Left,
    are_messages,
    dict_in,
    list_in,
    not_understood,
    text_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate_evals.importing.found import Document, Found

_MOST_TRACES = 2000


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the document is a trace with observations, or an observation."""
    if not isinstance(document, dict):
        return False
    if "observations" in document and isinstance(document["observations"], list):
        return True
    if _data(document):
        return recognises(_data(document)[0])
    is_observation = "traceId" in document and ("input" in document or "type" in document)
    return is_observation or {"input", "output", "sessionId"} <= document.keys()


def _data(document: Any) -> list[Any]:  # noqa: ANN401 - JSON data
    return list_in(document, "data")


def read(documents: Iterable[Document]) -> Iterator[Found]:
    """A conversation for each trace."""
    traces: dict[str, Apart] = {}
    for place, document in documents:
        items = list(_observations(document))
        if not items:
            yield not_understood(place, document, "a trace or an observation of Langfuse")
        for item in items:
            key = text_in(item, "traceId", "trace_id") or text_in(item, "id") or place
            trace = traces.pop(key, None) or Apart(place)
            trace.add(_conversation(trace.place, key, item))
            traces[key] = trace
            if len(traces) > _MOST_TRACES:
                oldest = next(iter(traces))
                yield from _found(oldest, traces.pop(oldest))
    for key, trace in traces.items():
        yield from _found(key, trace)


def _found(key: str, trace: Apart) -> Iterator[Found]:
    found = list(trace.found())
    if not found:
        why = "none of its inputs is a list of messages"
        what = f"the trace {key}, {trace.count} observations"
        yield Left(place=trace.place, what=what, why=why)
    yield from found


def _observations(document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON data
    for item in _data(document) or [document]:
        if not isinstance(item, dict):
            continue
        inner = dict_in(item, "trace")
        trace_id = text_in(item, "id") or text_in(inner, "id")
        if isinstance(item.get("observations"), list):
            for observation in item["observations"]:
                if isinstance(observation, dict):
                    yield {**observation, "traceId": text_in(observation, "traceId") or trace_id}
        if "input" in item or "traceId" in item:
            yield item if "traceId" in item else {**item, "traceId": trace_id}


def _conversation(place: str, key: str, item: dict[str, Any]) -> Conversation | None:
    given = as_parsed(item.get("input"))
    asked = given if isinstance(given, list) else list_in(given, "messages", "input")
    if isinstance(given, dict) and isinstance(given.get("input"), str) and "tools" in given:
        asked = [{"role": "user", "content": given["input"]}]
    if not are_messages(asked):
        return None
    output = as_parsed(item.get("output"))
    answered = list_in(output, "messages") or answer_messages({"output": output})
    if isinstance(output, str) and output:
        answered = [{"role": "assistant", "content": output}]
    if answered[: len(asked)] == asked:
        answered = answered[len(asked) :]
    tools = list_in(given, "tools") or _list(as_parsed(dict_in(item, "metadata").get("tools")))
    tools = tools or _list(as_parsed(dict_in(item, "modelParameters").get("tools")))
    return Conversation(
        id=key,
        place=f"{place} trace {key}",
        messages=[*asked, *answered],
        asked=len(asked),
        tools=tools,
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


FORMAT = Format(
    name="langfuse",
    title="Langfuse exports of traces and observations",
    recognises=recognises,
    read=read,
)
