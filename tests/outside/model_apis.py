"""One model behind four APIs: chat completions and responses of OpenAI, Anthropic's and Gemini's.

`read_…` makes a conversation of a request, `write_…` an answer of what was decided, whole or as the
events of a stream. Leaves HTTP to `model_server`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.outside.shop_model import Call, Conversation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Events = Iterator[tuple[str, Any]]
    # name and document of each event of a stream


_TOLD_CALL = re.compile(r"Calling tools:.*?'name': '(\w+)'", re.DOTALL)
"""smolagents tells of calls and their answers in texts."""


def text_of(content: Any) -> str:
    """The text of a message's content: a text, or parts that hold some."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return text_of(content.get("text", content.get("content", content.get("output", ""))))
    return "\n".join(map(text_of, content or ()))


class _Reading:
    """Gathers a conversation, item by item."""

    def __init__(self, document: Any, tools: Iterable[str]) -> None:
        self.seen = Conversation(text=json.dumps(document, ensure_ascii=False), tools=set(tools))
        self.names: dict[str, str] = {}

    def user(self, text: str) -> None:
        self.seen.request = f"{self.seen.request}\n{text}"

    def answer(self, name: str, text: str) -> None:
        self.seen.answers[name] = text


def read_chat(document: Any) -> Conversation:
    """Of OpenAI's chat completions."""
    reading = _Reading(document, (tool["function"]["name"] for tool in document.get("tools") or ()))
    called = ""
    for message in document["messages"]:
        for call in message.get("tool_calls") or ():
            reading.names[call["id"]] = call["function"]["name"]
        text = text_of(message.get("content"))
        if message["role"] == "assistant" and (told := _TOLD_CALL.match(text)):
            called = told[1]
        elif message["role"] == "user" and called and text.startswith("Observation:"):
            reading.answer(called, text)
        elif message["role"] == "user":
            reading.user(text_of(message["content"]))
        elif message["role"] == "tool":
            name = reading.names.get(message["tool_call_id"], "")
            reading.answer(name, text_of(message["content"]))
    return reading.seen


def read_responses(document: Any) -> Conversation:
    """Of OpenAI's responses."""
    names = (tool["name"] for tool in document.get("tools") or () if "name" in tool)
    reading = _Reading(document, names)
    items = document["input"]
    for item in [{"role": "user", "content": items}] if isinstance(items, str) else items:
        if item.get("role") == "user":
            reading.user(text_of(item["content"]))
        elif item.get("type") == "function_call":
            reading.names[item["call_id"]] = item["name"]
        elif item.get("type") == "function_call_output":
            reading.answer(reading.names.get(item["call_id"], ""), text_of(item["output"]))
    return reading.seen


def read_messages(document: Any) -> Conversation:
    """Of Anthropic's messages."""
    reading = _Reading(document, (tool["name"] for tool in document.get("tools") or ()))
    for message in document["messages"]:
        parts = message["content"]
        for part in [{"type": "text", "text": parts}] if isinstance(parts, str) else parts:
            if part["type"] == "tool_use":
                reading.names[part["id"]] = part["name"].rpartition("__")[2]
            elif part["type"] == "tool_result":
                name = reading.names.get(part["tool_use_id"], "")
                reading.answer(name, text_of(part.get("content")))
            elif part["type"] == "text" and message["role"] == "user":
                reading.user(part["text"])
    return reading.seen


def read_gemini(document: Any) -> Conversation:
    """Of Gemini's generateContent."""
    groups = document.get("tools") or ()
    names = (
        tool["name"] for group in groups for tool in group.get("functionDeclarations") or ()
    )  # fmt: skip
    reading = _Reading(document, names)
    for content in document["contents"]:
        for part in content["parts"]:
            if "functionResponse" in part:
                given = part["functionResponse"]
                reading.answer(given["name"], json.dumps(given["response"]))
            elif "text" in part and content.get("role") != "model":
                reading.user(part["text"])
    return reading.seen


def _id(call: Call) -> str:
    return f"call_{call.name}"


def write_chat(decided: Call | str) -> Any:
    """Of OpenAI's chat completions."""
    message: dict[str, Any] = {"role": "assistant", "content": None}
    if isinstance(decided, Call):
        function = {"name": decided.name, "arguments": json.dumps(decided.arguments)}
        message["tool_calls"] = [{"id": _id(decided), "type": "function", "function": function}]
    else:
        message["content"] = decided
    reason = "tool_calls" if isinstance(decided, Call) else "stop"
    choice = {"index": 0, "message": message, "finish_reason": reason}
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    return {
        "id": "x", "object": "chat.completion", "created": 1, "model": "fake",
        "choices": [choice], "usage": usage,
    }  # fmt: skip


def stream_chat(decided: Call | str) -> Events:
    """The same in two chunks."""
    whole = write_chat(decided)
    choice = whole["choices"][0]
    delta = choice.pop("message")
    for index, call in enumerate(delta.get("tool_calls") or ()):
        call["index"] = index
    head = {**whole, "object": "chat.completion.chunk"}
    yield (
        "",
        {**head, "usage": None, "choices": [{**choice, "delta": delta, "finish_reason": None}]},
    )
    yield "", {**head, "choices": [{**choice, "delta": {}}]}
    yield "", "[DONE]"


def write_responses(decided: Call | str) -> Any:
    """Of OpenAI's responses."""
    if isinstance(decided, Call):
        item: dict[str, Any] = {
            "id": "fc_1", "type": "function_call", "status": "completed", "name": decided.name,
            "call_id": _id(decided), "arguments": json.dumps(decided.arguments),
        }  # fmt: skip
    else:
        part = {"type": "output_text", "text": decided, "annotations": [], "logprobs": []}
        item = {
            "id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
            "content": [part],
        }  # fmt: skip
    usage = {
        "input_tokens": 5, "output_tokens": 2, "total_tokens": 7,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }  # fmt: skip
    return {
        "id": "resp_1", "object": "response", "created_at": 1, "model": "fake", "error": None,
        "status": "completed", "incomplete_details": None, "instructions": None, "metadata": {},
        "output": [item], "parallel_tool_calls": True, "temperature": 1, "tool_choice": "auto",
        "tools": [], "top_p": 1, "usage": usage,
    }  # fmt: skip


def write_messages(decided: Call | str) -> Any:
    """Of Anthropic's messages."""
    if isinstance(decided, Call):
        part: dict[str, Any] = {
            "type": "tool_use", "id": _id(decided),
            "name": decided.name, "input": decided.arguments,
        }  # fmt: skip
    else:
        part = {"type": "text", "text": decided}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "fake", "content": [part],
        "stop_reason": "tool_use" if isinstance(decided, Call) else "end_turn",
        "stop_sequence": None, "usage": {"input_tokens": 5, "output_tokens": 2},
    }  # fmt: skip


def stream_messages(decided: Call | str) -> Events:
    """The same as Anthropic's events."""
    whole = write_messages(decided)
    (part,) = whole["content"]
    start = {**whole, "content": [], "stop_reason": None}
    if isinstance(decided, Call):
        empty = {**part, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(decided.arguments)}
    else:
        empty = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": decided}
    ended = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": empty},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    ]
    yield from ((document["type"], document) for document in events)


def write_gemini(decided: Call | str) -> Any:
    """Of Gemini's generateContent."""
    part: dict[str, Any] = {"text": decided}
    if isinstance(decided, Call):
        part = {"functionCall": {"name": decided.name, "args": decided.arguments}}
    content = {"role": "model", "parts": [part]}
    usage = {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}
    return {
        "candidates": [{"index": 0, "content": content, "finishReason": "STOP"}],
        "usageMetadata": usage, "modelVersion": "fake",
    }  # fmt: skip
