"""Streams on record: the pieces of an answer, put together into the message that they make.

Knows the events of OpenAI (both APIs), Anthropic, Bedrock and LangChain; leaves reading the whole
messages to their dialects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Item = Mapping[str, Any]

_ANTHROPIC = frozenset(
    "message_start content_block_start content_block_delta content_block_stop message_delta "
    "message_stop ping".split()
)
_BEDROCK = frozenset(
    "messageStart contentBlockStart contentBlockDelta contentBlockStop messageStop metadata".split()
)


def put_together(messages: Sequence[Any]) -> list[tuple[int, Any]]:
    """The items with each run of pieces as one; beside each, the index of its first."""
    kinds = [_kind(item) for item in messages]
    if not any(kinds):
        return list(enumerate(messages))
    found: list[tuple[int, Any]] = []
    start = 0
    while start < len(messages):
        end = start + 1
        kind = kinds[start]
        while kind and end < len(messages) and kinds[end] == kind:
            end += 1
        if kind:
            found += [(start, item) for item in _JOINED[kind](messages[start:end])]
        else:
            found.append((start, messages[start]))
        start = end
    return found


def _kind(item: object) -> str:
    if not isinstance(item, dict):
        return ""
    if "role" in item and "tool_calls" not in item and "delta" not in item:
        return ""
    kind = item.get("type")
    if isinstance(kind, str):
        if kind in _ANTHROPIC:
            return "anthropic"
        if kind.startswith("response."):
            return "responses"
        if kind == "AIMessageChunk" and item.get("tool_call_chunks"):
            return "langchain"
    if len(item) == 1 and item.keys() <= _BEDROCK and isinstance(next(iter(item.values())), dict):
        return "bedrock"
    return "chat" if _delta(item) is not None else ""


def _delta(item: Item) -> Mapping[str, Any] | None:
    """The delta of a chunk, in its envelope or alone; None where the item is none."""
    choices = item.get("choices")
    if isinstance(choices, list) and "role" not in item:
        first = choices[0] if choices else {}
        delta = first.get("delta") if isinstance(first, dict) else None
        if isinstance(delta, dict):
            return {**delta, "finish_reason": first.get("finish_reason")}
        return {} if item.get("object") == "chat.completion.chunk" else None
    if isinstance(item.get("delta"), dict) and "type" not in item:
        return {**item["delta"], "finish_reason": item.get("finish_reason")}
    calls = item.get("tool_calls")
    if isinstance(calls, list) and any(_is_piece(call) for call in calls):
        return item
    is_bare = "role" not in item and item.keys() <= {"content", "finish_reason", "refusal", "id"}
    return item if is_bare and "content" in item else None


def _is_piece(call: object) -> bool:
    """Whether an entry of `tool_calls` only goes on with an earlier one."""
    if not isinstance(call, dict) or not isinstance(call.get("index"), int):
        return False
    function = call.get("function")
    return isinstance(function, dict)


def _join_chat(items: Sequence[Item]) -> list[Item]:
    found: list[dict[str, Any]] = []
    is_closed = True
    for item in items:
        delta = _delta(item) or {}
        if is_closed or (delta.get("role") and found and _has_begun(found[-1])):
            found.append({"role": "assistant", "content": None})
            is_closed = False
        _add_delta(found[-1], delta)
        is_closed = bool(delta.get("finish_reason"))
    return [message for message in found if len(message) > 2 or message["content"] is not None]


def _has_begun(message: Mapping[str, Any]) -> bool:
    return message["content"] is not None or len(message) > 2


def _add_delta(message: dict[str, Any], delta: Mapping[str, Any]) -> None:
    for key, value in delta.items():
        if value is None or key == "role":
            continue
        if key == "tool_calls" and isinstance(value, list):
            for piece in value:
                _add_piece(message.setdefault("tool_calls", []), piece)
        elif key == "function_call" and isinstance(value, dict):
            _append(message.setdefault("function_call", {}), value, ("name", "arguments"))
        elif isinstance(value, str) and isinstance(message.get(key), str | None):
            message[key] = (message.get(key) or "") + value
        else:
            message[key] = value


def _add_piece(calls: list[Any], piece: Any) -> None:  # noqa: ANN401 - hostile input
    if not isinstance(piece, dict):
        calls.append(piece)
        return
    function = piece.get("function")
    inner = function if isinstance(function, dict) else {}
    # A name with an id begins a call, whatever its index: some servers number each one 0.
    begins = bool(piece.get("id") and inner.get("name"))
    known = next((c for c in reversed(calls) if _goes_on(c, piece)), None)
    if known is None or (begins and known.get("id") != piece["id"]):
        calls.append({**piece, "function": dict(inner)})
        return
    known["id"] = known.get("id") or piece.get("id")
    _append(known["function"], inner, ("name", "arguments"))


def _goes_on(call: object, piece: Mapping[str, Any]) -> bool:
    if not isinstance(call, dict) or not isinstance(call.get("function"), dict):
        return False
    return bool(call.get("index") == piece.get("index"))


def _append(target: dict[str, Any], piece: Mapping[str, Any], keys: Sequence[str]) -> None:
    for key in keys:
        value = piece.get(key)
        if isinstance(value, str) and isinstance(target.get(key), str | None):
            target[key] = (target.get(key) or "") + value
        elif value is not None:
            target[key] = value


def _join_anthropic(items: Sequence[Item]) -> list[Item]:
    found: list[dict[str, Any]] = []
    blocks: dict[Any, dict[str, Any]] = {}
    for item in items:
        kind = item["type"]
        if kind == "message_start" or not found:
            blocks = {}
            found.append({"role": "assistant", "content": []})
        if kind == "content_block_start" and isinstance(item.get("content_block"), dict):
            block = blocks[item.get("index")] = dict(item["content_block"])
            found[-1]["content"].append(block)
        elif kind == "content_block_delta" and isinstance(item.get("delta"), dict):
            block = blocks.setdefault(item.get("index"), {"type": "text", "text": ""})
            if not any(block is known for known in found[-1]["content"]):
                found[-1]["content"].append(block)
            _add_block(block, item["delta"])
        elif kind == "message_delta" and isinstance(item.get("delta"), dict):
            found[-1]["stop_reason"] = item["delta"].get("stop_reason")
    return list(found)


def _add_block(block: dict[str, Any], delta: Mapping[str, Any]) -> None:
    if isinstance(delta.get("text"), str):
        block["text"] = str(block.get("text") or "") + delta["text"]
    if isinstance(delta.get("partial_json"), str):
        begun = block.get("input")
        block["input"] = (begun if isinstance(begun, str) else "") + delta["partial_json"]


def _join_responses(items: Sequence[Item]) -> list[Item]:
    """The whole response where an event holds it, else the items that were done, else deltas."""
    found: list[Item] = []
    done: list[Item] = []
    pieces: dict[str, dict[str, Any]] = {}
    for item in items:
        kind = item["type"]
        response = item.get("response")
        is_end = kind in {"response.completed", "response.incomplete", "response.failed"}
        if is_end:
            if isinstance(response, dict) and response.get("output"):
                found.append({"object": "response", **response})
            else:
                found += done or _built(pieces)
            done, pieces = [], {}
        elif kind == "response.output_item.done" and isinstance(item.get("item"), dict):
            done.append(item["item"])
        elif kind == "response.output_item.added" and isinstance(item.get("item"), dict):
            pieces[str(item["item"].get("id"))] = dict(item["item"])
        elif kind == "response.function_call_arguments.delta":
            piece = pieces.setdefault(str(item.get("item_id")), {"type": "function_call"})
            piece["arguments"] = str(piece.get("arguments") or "") + str(item.get("delta") or "")
    return [*found, *(done or _built(pieces))]


def _built(pieces: Mapping[str, Mapping[str, Any]]) -> list[Item]:
    return list(pieces.values())


def _join_bedrock(items: Sequence[Item]) -> list[Item]:
    found: list[dict[str, Any]] = []
    blocks: dict[Any, dict[str, Any]] = {}
    for item in items:
        kind, body = next(iter(item.items()))
        if kind == "messageStart" or not found:
            blocks = {}
            found.append({"role": body.get("role", "assistant"), "content": []})
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
    return [_without_empty(message) for message in found]


def _add_bedrock(block: dict[str, Any], delta: Mapping[str, Any]) -> None:
    for key, value in delta.items():
        if key == "toolUse" and isinstance(value, dict):
            _append(block.setdefault("toolUse", {}), value, ("input",))
        elif isinstance(value, str):
            block[key] = str(block.get(key) or "") + value
        else:
            block[key] = value


def _without_empty(message: dict[str, Any]) -> Item:
    return {**message, "content": [block for block in message["content"] if block]}


def _join_langchain(items: Sequence[Item]) -> list[Item]:
    found: list[dict[str, Any]] = []
    for item in items:
        if not found or (item.get("id") and item["id"] != found[-1].get("id")):
            found.append({"type": "ai", "id": item.get("id"), "content": "", "tool_calls": []})
        if isinstance(item.get("content"), str):
            found[-1]["content"] += item["content"]
        for piece in item["tool_call_chunks"]:
            inner = {"name": piece.get("name"), "arguments": piece.get("args")}
            wrapped = {"id": piece.get("id"), "index": piece.get("index"), "function": inner}
            _add_piece(found[-1]["tool_calls"], wrapped)
    return list(found)


_JOINED: Mapping[str, Callable[[Sequence[Any]], list[Any]]] = {
    "chat": _join_chat,
    "anthropic": _join_anthropic,
    "responses": _join_responses,
    "bedrock": _join_bedrock,
    "langchain": _join_langchain,
}
