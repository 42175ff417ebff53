"""Builders of exchanges: what an agent asked a model and what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.found import Conversation, Left
from dialgate_evals.recording.conversations import conversations
from dialgate_evals.recording.exchanges import Exchange

if TYPE_CHECKING:
    from collections.abc import Sequence

TOOLS = [{"type": "function", "function": {"name": "refund", "parameters": {"type": "object"}}}]


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def says(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def calls(*named: str) -> dict[str, Any]:
    made = [
        {"id": f"call_{name}", "type": "function", "function": {"name": name, "arguments": "{}"}}
        for name in named
    ]
    return {"role": "assistant", "content": None, "tool_calls": made}


def result(name: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"call_{name}", "content": "ok"}


def completion(message: dict[str, Any]) -> dict[str, Any]:
    return {"id": "c1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def chat(
    messages: Sequence[Any], answer: dict[str, Any] | None, at: float = 0.0, **more: Any
) -> Exchange:
    body = {"model": "m", "messages": list(messages), "tools": TOOLS, **more.pop("body", {})}
    return Exchange(**{
        "api": "openai-chat", "path": "/v1/chat/completions", "at": at, "body": body,
        "status": 200 if answer else None, "answer": completion(answer) if answer else None,
        "error": "" if answer else "the client went away", "place": f"line {at:g}", **more,
    })  # fmt: skip


def found_in(*exchanges: Exchange) -> tuple[list[list[Any]], list[str]]:
    """The messages of each conversation, and why something is none."""
    found = list(conversations(exchanges))
    whole = [item.messages for item in found if isinstance(item, Conversation)]
    return whole, [item.why for item in found if isinstance(item, Left)]
