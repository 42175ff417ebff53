"""Anthropic's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.reading import as_data
from dialgate_evals.files.json_text import json_text
from dialgate_evals.recording.apis.api import Api, data_of, event_of, texts_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_evals.recording.event_stream import Event

_ERRORS = {
    400: "invalid_request_error", 403: "permission_error", 404: "not_found_error",
    413: "request_too_large",
}  # fmt: skip
_ADDED = {"text": "text", "thinking": "thinking", "signature": "signature", "partial_json": "input"}
"""What a delta adds, and where to."""


def is_last(event: Event) -> bool:
    """Whether the stream is over."""
    return _kind(event) in {"message_stop", "error"}


def _kind(event: Event) -> str:
    return event.name or str(data_of(event).get("type"))


def put_together(events: Sequence[Event]) -> dict[str, Any] | None:
    """The message that the events stream; None where they break off."""
    made: dict[str, Any] = {}
    blocks: dict[Any, dict[str, Any]] = {}
    for event in events:
        data = data_of(event)
        kind = data.get("type")
        if kind == "message_start":
            made = {**_dict(data.get("message"))}
        elif kind == "content_block_start":
            blocks[data.get("index")] = {**_dict(data.get("content_block"))}
        elif kind == "content_block_delta":
            _add(blocks.setdefault(data.get("index"), {}), _dict(data.get("delta")))
        elif kind == "message_delta":
            made |= {k: v for k, v in _dict(data.get("delta")).items() if v is not None}
            made["usage"] = {**_dict(made.get("usage")), **_dict(data.get("usage"))}
        elif kind == "message_stop" and made:
            return {**made, "content": [_closed(block) for block in blocks.values()]}
    return None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _add(block: dict[str, Any], delta: dict[str, Any]) -> None:
    if "citation" in delta:
        block["citations"] = [*(block.get("citations") or []), delta["citation"]]
    for key, into in _ADDED.items():
        if isinstance(delta.get(key), str):
            begun = block.get(into)
            block[into] = (begun if isinstance(begun, str) else "") + delta[key]


def _closed(block: dict[str, Any]) -> dict[str, Any]:
    """The block with its input as data, as a whole message has it."""
    if isinstance(block.get("input"), str):
        return {**block, "input": as_data(block["input"]) if block["input"] else {}}
    return block


def take_apart(document: dict[str, Any], body: Mapping[str, Any]) -> list[Event]:
    """Events that stream the message."""
    del body
    return [event_of(data, name=data["type"]) for data in _events(document)]


def _events(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    usage = _dict(document.get("usage"))
    ends = {key: document.get(key) for key in ("stop_reason", "stop_sequence")}
    begun = {
        **document,
        "content": [],
        **dict.fromkeys(ends),
        "usage": {**usage, "output_tokens": 0},
    }
    yield {"type": "message_start", "message": begun}
    for index, block in enumerate(document.get("content") or []):
        if isinstance(block, dict):
            yield from _block_events(block, index)
    yield {"type": "message_delta", "delta": ends, "usage": usage or {"output_tokens": 0}}
    yield {"type": "message_stop"}


def _block_events(block: dict[str, Any], index: int) -> Iterator[dict[str, Any]]:
    started, deltas = dict(block), []
    if block.get("type") == "text":
        started |= {"text": ""}
        deltas = [{"type": "text_delta", "text": block.get("text", "")}]
        for citation in started.pop("citations", None) or []:
            deltas.append({"type": "citations_delta", "citation": citation})
    elif block.get("type") == "thinking":
        started |= {"thinking": "", "signature": ""}
        deltas = [
            {"type": "thinking_delta", "thinking": block.get("thinking", "")},
            {"type": "signature_delta", "signature": block.get("signature", "")},
        ]
    elif "input" in block:
        started |= {"input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": json_text(block["input"])}]
    yield {"type": "content_block_start", "index": index, "content_block": started}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def said(document: dict[str, Any]) -> list[Any]:
    """The assistant's message of an answer, as a list; empty where it holds none."""
    content = document.get("content")
    return [{"role": "assistant", "content": content}] if isinstance(content, list) else []


def error(status: int, message: str) -> dict[str, Any]:
    """An error as Anthropic writes it."""
    return {
        "type": "error",
        "error": {"type": _ERRORS.get(status, "api_error"), "message": message},
    }


API = Api(
    name="anthropic",
    ends_with="/messages",
    history="messages",
    is_last=is_last,
    put_together=put_together,
    take_apart=take_apart,
    said=said,
    system=lambda body: texts_in(body.get("system")),
    error=error,
)
