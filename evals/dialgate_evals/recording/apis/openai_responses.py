"""OpenAI's Responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.recording.apis.api import Api, data_of, event_of, openai_error, texts_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_evals.recording.event_stream import Event

_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed", "error"})
_EMPTY: dict[str, dict[str, Any]] = {
    "function_call": {"arguments": ""}, "message": {"content": []},
}  # fmt: skip
"""What an item begins with, before its pieces come."""


def is_last(event: Event) -> bool:
    """Whether the stream is over."""
    return _kind(event) in _ENDS or event.data.strip() == "[DONE]"


def _kind(event: Event) -> str:
    return event.name or str(data_of(event).get("type"))


def put_together(events: Sequence[Event]) -> dict[str, Any] | None:
    """The response that the last event holds whole; None where none does."""
    for event in reversed(events):
        if _kind(event) in {"response.completed", "response.incomplete"}:
            response = data_of(event).get("response")
            return dict(response) if isinstance(response, dict) else None
    return None


def take_apart(document: dict[str, Any], body: Mapping[str, Any]) -> list[Event]:
    """Events that stream the response."""
    del body
    return [
        event_of({**data, "sequence_number": number}, name=data["type"])
        for number, data in enumerate(_events(document))
    ]


def _events(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    begun = {**document, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(document.get("output") or []):
        if isinstance(item, dict):
            yield from _item_events(item, index)
    status = document.get("status")
    end = "response.incomplete" if status == "incomplete" else "response.completed"
    yield {"type": end, "response": document}


def _item_events(item: dict[str, Any], index: int) -> Iterator[dict[str, Any]]:
    place = {"output_index": index, "item_id": item.get("id", f"item_{index}")}
    kind = item.get("type")
    empty = _EMPTY.get(str(kind), {})
    added = {**item, **empty, **({"status": "in_progress"} if empty else {})}
    yield {"type": "response.output_item.added", "output_index": index, "item": added}
    if kind == "function_call":
        text = item.get("arguments", "")
        named = {"name": item.get("name", "")}
        yield {"type": "response.function_call_arguments.delta", **place, "delta": text}
        yield {"type": "response.function_call_arguments.done", **place, **named, "arguments": text}
    elif kind == "message":
        for number, part in enumerate(item.get("content") or []):
            if isinstance(part, dict):
                yield from _part_events(part, {**place, "content_index": number})
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _part_events(part: dict[str, Any], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    key = "refusal" if part.get("type") == "refusal" else "text"
    kind = "response.refusal" if key == "refusal" else "response.output_text"
    text = part.get(key, "")
    more: dict[str, Any] = {} if key == "refusal" else {"logprobs": []}
    yield {"type": "response.content_part.added", **place, "part": {**part, key: ""}}
    yield {"type": f"{kind}.delta", **place, **more, "delta": text}
    yield {"type": f"{kind}.done", **place, **more, key: text}
    yield {"type": "response.content_part.done", **place, "part": part}


def said(document: dict[str, Any]) -> list[Any]:
    """The items of an answer's output; empty where it holds none."""
    output = document.get("output")
    return list(output) if isinstance(output, list) else []


API = Api(
    name="openai-responses",
    ends_with="/responses",
    history="input",
    is_last=is_last,
    put_together=put_together,
    take_apart=take_apart,
    said=said,
    system=lambda body: texts_in(body.get("instructions")),
    error=openai_error,
)
