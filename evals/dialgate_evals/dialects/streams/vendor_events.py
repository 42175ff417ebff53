"""Events of Anthropic's and of Bedrock's streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.streams.chat_deltas import append

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Item = Mapping[str, Any]


def join_anthropic(items: Sequence[Item]) -> list[tuple[int, Item]]:
    """The messages of Anthropic's events, each with the place of its first."""
    found: list[dict[str, Any]] = []
    places: list[int] = []
    blocks: dict[Any, dict[str, Any]] = {}
    for place, item in enumerate(items):
        kind = item["type"]
        if kind == "message_start" or not found:
            blocks = {}
            found.append({**_begun(item.get("message")), "role": "assistant"})
            places.append(place)
        if kind == "content_block_start" and isinstance(item.get("content_block"), dict):
            block = blocks[item.get("index")] = dict(item["content_block"])
            found[-1]["content"].append(block)
        elif kind == "content_block_delta" and isinstance(item.get("delta"), dict):
            # A block whose begin is missing: a call without a name is not understood.
            lost = "tool_use" if "partial_json" in item["delta"] else "text"
            block = blocks.setdefault(item.get("index"), {"type": lost})
            if not any(block is known for known in found[-1]["content"]):
                found[-1]["content"].append(block)
            _add_block(block, item["delta"])
        elif kind == "message_delta" and isinstance(item.get("delta"), dict):
            found[-1]["stop_reason"] = item["delta"].get("stop_reason")
    return list(zip(places, found, strict=True))


def _begun(message: object) -> dict[str, Any]:
    """What a stream's first event holds of the message already."""
    content = message.get("content") if isinstance(message, dict) else None
    return {"content": list(content) if isinstance(content, list) else []}


def _add_block(block: dict[str, Any], delta: Mapping[str, Any]) -> None:
    if isinstance(delta.get("text"), str):
        block["text"] = str(block.get("text") or "") + delta["text"]
    if isinstance(delta.get("partial_json"), str):
        begun = block.get("input")
        block["input"] = (begun if isinstance(begun, str) else "") + delta["partial_json"]


def join_bedrock(items: Sequence[Item]) -> list[tuple[int, Item]]:
    """The messages of Converse's events, each with the place of its first."""
    found: list[dict[str, Any]] = []
    places: list[int] = []
    blocks: dict[Any, dict[str, Any]] = {}
    for place, item in enumerate(items):
        kind, body = next(iter(item.items()))
        if kind == "messageStart" or not found:
            blocks = {}
            found.append({"role": body.get("role", "assistant"), "content": []})
            places.append(place)
        index = body.get("contentBlockIndex")
        if kind in {"contentBlockStart", "contentBlockDelta"} and index not in blocks:
            blocks[index] = {}
            found[-1]["content"].append(blocks[index])
        if kind == "contentBlockStart":
            begun = body.get("start") or {}
            blocks[index] |= {k: dict(v) if isinstance(v, dict) else v for k, v in begun.items()}
        elif kind == "contentBlockDelta":
            _add_bedrock(blocks[index], body.get("delta") or {})
        elif kind == "messageStop":
            found[-1]["stop_reason"] = body.get("stopReason")
    return [(place, _without_empty(made)) for place, made in zip(places, found, strict=True)]


def _add_bedrock(block: dict[str, Any], delta: Mapping[str, Any]) -> None:
    for key, value in delta.items():
        if key == "toolUse" and isinstance(value, dict):
            append(block.setdefault("toolUse", {}), value, ("input",))
        elif isinstance(value, str):
            block[key] = str(block.get(key) or "") + value
        else:
            block[key] = value


def _without_empty(message: dict[str, Any]) -> Item:
    return {**message, "content": [block for block in message["content"] if block]}
