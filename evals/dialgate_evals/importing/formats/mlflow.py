"""MLflow's traces: of each, the span of a model that saw most of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.importing.apart import Apart
from dialgate_evals.importing.exchanges import as_parsed, exchange
from dialgate_evals.importing.found import (
    Format,
    Left,
    dict_in,
    list_in,
    one_by_one,
    text_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.importing.found import Conversation, Found


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the document is a trace: its info, and data with spans."""
    return bool(dict_in(document, "info")) and "spans" in dict_in(document, "data")


def read(place: str, document: Any) -> Iterator[Found]:  # noqa: ANN401 - JSON data
    """The conversation of one trace."""
    key = text_in(dict_in(document, "info"), "trace_id", "request_id") or "trace"
    spans = list_in(dict_in(document, "data"), "spans")
    trace = Apart(place)
    for span in spans:
        trace.add(_conversation(place, span))
    found = [replace(one, id=key) for one in trace.found()]
    if not found:
        why = "no span of it holds messages"
        yield Left(place=place, what=f"the trace {key}, {len(spans)} spans", why=why)
    yield from found


def _conversation(place: str, span: object) -> Conversation | None:
    values = dict_in(span, "attributes")
    inputs = as_parsed(values.get("mlflow.spanInputs"))
    outputs = _pieces(span) or as_parsed(values.get("mlflow.spanOutputs"))
    if not isinstance(inputs, dict):
        return None
    found = exchange(place, {"request": inputs, "response": outputs})
    tools = as_parsed(values.get("mlflow.chat.tools"))
    if found is None or not all(isinstance(message, dict) for message in found.messages):
        return None
    if not found.tools and isinstance(tools, list):
        return replace(found, tools=tools)
    return found


def _pieces(span: object) -> list[Any]:
    """The pieces of a streamed answer; put together by the tool itself they hold no calls."""
    events = [event for event in list_in(span, "events") if isinstance(event, dict)]
    pieces = [
        as_parsed(dict_in(event, "attributes").get("mlflow.chunk.value"))
        for event in events
        if text_in(event, "name").startswith("mlflow.chunk.item.")
    ]
    return [piece for piece in pieces if isinstance(piece, dict)]


FORMAT = Format(
    name="mlflow",
    title="MLflow traces",
    recognises=recognises,
    read=one_by_one(read),
)
