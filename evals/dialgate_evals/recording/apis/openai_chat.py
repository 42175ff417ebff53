"""OpenAI's chat completions, as OpenAI and everybody who is compatible with it speak them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.streams.put_together import put_together as joined
from dialgate_evals.recording.apis.api import Api, data_of, event_of, openai_error
from dialgate_evals.recording.event_stream import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DONE = "[DONE]"
_ENVELOPE = ("id", "created", "model", "system_fingerprint", "service_tier")


def is_last(event: Event) -> bool:
    """Whether the stream is over."""
    return event.data.strip() == _DONE


def put_together(events: Sequence[Event]) -> dict[str, Any] | None:
    """The completion of a stream's chunks; None where not every choice came to its end."""
    chunks = [data_of(event) for event in events if not is_last(event)]
    if not any(map(is_last, events)) or any("error" in chunk for chunk in chunks):
        return None
    made: dict[str, Any] = {"object": "chat.completion"}
    for chunk in chunks:
        for key in (*_ENVELOPE, "usage"):
            if chunk.get(key) is not None:
                made[key] = chunk[key]
    indices = sorted({choice["index"] for chunk in chunks for choice in _choices(chunk)})
    made["choices"] = [_choice(chunks, index) for index in indices]
    ended = [choice["finish_reason"] for choice in made["choices"]]
    return made if ended and all(ended) else None


def _choices(chunk: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = chunk.get("choices")
    found = found if isinstance(found, list) else []
    made = [{"index": 0, **choice} for choice in found if isinstance(choice, dict)]
    return [choice for choice in made if isinstance(choice["index"], int)]


def _choice(chunks: Sequence[Mapping[str, Any]], index: int) -> dict[str, Any]:
    own = [choice for chunk in chunks for choice in _choices(chunk) if choice["index"] == index]
    pieces = [
        {
            "object": "chat.completion.chunk",
            "choices": [{**choice, "index": 0, "finish_reason": None}],
        }
        for choice in own
    ]
    found: Mapping[str, Any] = next((item for _, item in joined(pieces)), {})
    message: dict[str, Any] = {"role": "assistant", **found}
    message.setdefault("content", None)
    message.pop("finish_reason", None)
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        message["tool_calls"] = [
            {key: value for key, value in call.items() if key != "index"} for call in calls
        ]
    reason = next((c["finish_reason"] for c in own if c.get("finish_reason")), None)
    return {"index": index, "message": message, "finish_reason": reason}


def take_apart(document: dict[str, Any], body: Mapping[str, Any]) -> list[Event]:
    """Chunks that stream the completion."""
    return [event_of(chunk) for chunk in _chunks(document, body)] + [Event(data=_DONE)]


def _chunks(document: dict[str, Any], body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    envelope = {key: document[key] for key in _ENVELOPE if key in document}
    envelope["object"] = "chat.completion.chunk"
    for choice in document.get("choices") or []:
        index, message = choice.get("index", 0), choice.get("message") or {}
        calls = message.get("tool_calls") or []
        delta = {k: v for k, v in message.items() if k != "tool_calls" and v is not None}
        delta.setdefault("content", None if calls else "")
        deltas = [{"role": "assistant", **delta}]
        deltas += [{"tool_calls": [{"index": number, **call}]} for number, call in enumerate(calls)]
        for piece in deltas:
            yield {
                **envelope, "choices": [{"index": index, "delta": piece, "finish_reason": None}],
            }  # fmt: skip
        last = {"index": index, "delta": {}, "finish_reason": choice.get("finish_reason")}
        yield {**envelope, "choices": [last]}
    options = body.get("stream_options")
    if isinstance(options, dict) and options.get("include_usage") and document.get("usage"):
        yield {**envelope, "choices": [], "usage": document["usage"]}


def said(document: dict[str, Any]) -> list[Any]:
    """The message of the first choice."""
    choices = document.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    return [message] if isinstance(message, dict) else []


API = Api(
    name="openai-chat",
    ends_with="/chat/completions",
    history="messages",
    is_last=is_last,
    put_together=put_together,
    take_apart=take_apart,
    said=said,
    system=lambda _: "",
    error=openai_error,
)
