"""Streams on record: the pieces of an answer, put together into the message that they make.

Knows the events of OpenAI (both APIs), Anthropic, Bedrock and LangChain; leaves reading the whole
messages to their dialects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.streams.chat_deltas import delta_of, join_chat
from dialgate_evals.dialects.streams.langchain_chunks import join_langchain
from dialgate_evals.dialects.streams.response_events import join_responses
from dialgate_evals.dialects.streams.vendor_events import join_anthropic, join_bedrock

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
    """The items with the pieces of a message as one; beside each, the index of its first."""
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
            found += [(start + first, item) for first, item in _JOINED[kind](messages[start:end])]
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
        if kind == "AIMessageChunk":
            return "langchain"
    if len(item) == 1 and item.keys() <= _BEDROCK and isinstance(next(iter(item.values())), dict):
        return "bedrock"
    return "chat" if delta_of(item) is not None else ""


_JOINED: Mapping[str, Callable[[Sequence[Any]], list[tuple[int, Any]]]] = {
    "chat": join_chat,
    "anthropic": join_anthropic,
    "responses": join_responses,
    "bedrock": join_bedrock,
    "langchain": join_langchain,
}
