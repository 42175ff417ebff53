"""LangChain's chunks of an agent's message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.streams.chat_deltas import add_delta, add_piece

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Item = Mapping[str, Any]


def join_langchain(items: Sequence[Item]) -> list[tuple[int, Item]]:
    """The messages, each with the place of its first chunk; its chunks share an id or have none."""
    found: list[tuple[int, dict[str, Any]]] = []
    for place, item in enumerate(items):
        if not found or (item.get("id") and item["id"] != found[-1][1].get("id")):
            begun: dict[str, Any] = (
                {"type": "ai", "id": item.get("id"), "content": [], "tool_calls": [],
                 "additional_kwargs": {}, "response_metadata": {}}
            )  # fmt: skip
            found.append((place, begun))
        _add_chunk(found[-1][1], item)
    return [*found]


def _add_chunk(message: dict[str, Any], chunk: Item) -> None:
    pieces = chunk.get("tool_call_chunks")
    pieces = pieces if isinstance(pieces, list) else []
    content = chunk.get("content")
    parts = content if isinstance(content, list) else [content] if content else []
    # What the chunks of calls say once more is left out.
    message["content"] += [part for part in parts if not (pieces and _is_piece_of_call(part))]
    for piece in pieces:
        if isinstance(piece, dict):
            inner = {"name": piece.get("name"), "arguments": piece.get("args")}
            wrapped = {"id": piece.get("id"), "index": piece.get("index"), "function": inner}
            add_piece(message["tool_calls"], wrapped)
        else:
            message["tool_calls"].append(piece)
    if not pieces:
        message["tool_calls"] += [call for call in chunk.get("tool_calls") or () if call]
    if isinstance(chunk.get("additional_kwargs"), dict):
        add_delta(message["additional_kwargs"], chunk["additional_kwargs"])
    if isinstance(chunk.get("response_metadata"), dict):
        message["response_metadata"] |= chunk["response_metadata"]
    used = ("type", "id", "content", "tool_call_chunks", "tool_calls", "additional_kwargs",
            "response_metadata", "invalid_tool_calls")  # fmt: skip
    message |= {key: value for key, value in chunk.items() if key not in used}


def _is_piece_of_call(part: object) -> bool:
    kinds = {"tool_use", "input_json_delta", "tool_call", "tool_call_chunk", "function_call"}
    return isinstance(part, dict) and part.get("type") in kinds
