"""One story in every dialect: writers of the same turns, as each framework writes them out.

A story is a list of turns: {"user": text}, {"text": text}, or {"calls": [...], "text"?}, where a
call is {"name", "arguments", "answer", "failed"?}; answers follow their calls.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Turn = dict[str, Any]
Message = dict[str, Any]


def numbered(story: list[Turn]) -> list[Turn]:
    """The story with an id for every call."""
    found = []
    for index, turn in enumerate(story):
        calls = [
            {**call, "id": call.get("id", f"c{index}-{number}")}
            for number, call in enumerate(turn.get("calls", ()))
        ]
        found.append({**turn, "calls": calls} if calls else turn)
    return found


def openai_chat(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for turn in numbered(story):
        if "user" in turn:
            found.append({"role": "user", "content": turn["user"]})
            continue
        calls = [
            {"id": call["id"], "type": "function", "function": {
                "name": call["name"], "arguments": json.dumps(call["arguments"])}}
            for call in turn.get("calls", ())
        ]  # fmt: skip
        message: Message = {"role": "assistant", "content": turn.get("text")}
        found.append({**message, "tool_calls": calls} if calls else message)
        for call in turn.get("calls", ()):
            answer = {"role": "tool", "tool_call_id": call["id"], "content": call["answer"]}
            found.append({**answer, "error": True} if call.get("failed") else answer)
    return found


def openai_legacy(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for turn in numbered(story):
        if "user" in turn:
            found.append({"role": "user", "content": turn["user"]})
            continue
        text = turn.get("text")
        if not turn.get("calls"):
            found.append({"role": "assistant", "content": text})
        for call in turn.get("calls", ()):
            made = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
            found.append({"role": "assistant", "content": text, "function_call": made})
            text = None
            answer = {"role": "function", "name": call["name"], "content": call["answer"]}
            found.append({**answer, "error": True} if call.get("failed") else answer)
    return found


def openai_stream(story: list[Turn]) -> list[Message]:
    """Chat completions whose answers stand on record as chunks."""
    found: list[Message] = []

    def chunk(delta: Message, reason: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        found.append({"object": "chat.completion.chunk", "choices": [choice]})

    for message in openai_chat(story):
        if message["role"] != "assistant":
            found.append(message)
            continue
        chunk({"role": "assistant", "content": message["content"] and ""})
        for piece in message["content"] or "":
            chunk({"content": piece})
        for index, call in enumerate(message.get("tool_calls", ())):
            text = call["function"]["arguments"]
            head = {"index": index, "id": call["id"], "type": "function"}
            name = {"name": call["function"]["name"], "arguments": ""}
            chunk({"tool_calls": [{**head, "function": name}]})
            for start in range(0, len(text), 4):
                part = {"arguments": text[start : start + 4]}
                chunk({"tool_calls": [{"index": index, "function": part}]})
        chunk({}, "tool_calls" if message.get("tool_calls") else "stop")
    return found


def openai_responses(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for turn in numbered(story):
        if "user" in turn:
            found.append({"role": "user", "content": turn["user"]})
            continue
        if turn.get("text"):
            part = {"type": "output_text", "text": turn["text"], "annotations": []}
            found.append({"type": "message", "role": "assistant", "content": [part]})
        found.append({"type": "reasoning", "id": "rs", "summary": []})
        for call in turn.get("calls", ()):
            found.append(
                {"type": "function_call", "call_id": call["id"], "name": call["name"],
                 "arguments": json.dumps(call["arguments"])}
            )  # fmt: skip
        for call in turn.get("calls", ()):
            answer = {"type": "function_call_output", "call_id": call["id"]}
            # The format has no mark of failure of its own.
            more = {"error": True} if call.get("failed") else {}
            found.append({**answer, "output": call["answer"], **more})
    return found


def anthropic(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for turn in numbered(story):
        if "user" in turn:
            found.append({"role": "user", "content": [{"type": "text", "text": turn["user"]}]})
            continue
        blocks: list[Message] = [{"type": "thinking", "thinking": "hm", "signature": "x"}]
        if turn.get("text"):
            blocks.append({"type": "text", "text": turn["text"]})
        results = []
        for call in turn.get("calls", ()):
            made = {"id": call["id"], "name": call["name"], "input": call["arguments"]}
            blocks.append({"type": "tool_use", **made})
            result = {"type": "tool_result", "tool_use_id": call["id"], "content": call["answer"]}
            results.append({**result, "is_error": True} if call.get("failed") else result)
        found.append({"role": "assistant", "content": blocks})
        if results:
            found.append({"role": "user", "content": results})
    return found


def gemini(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for turn in numbered(story):
        if "user" in turn:
            found.append({"role": "user", "parts": [{"text": turn["user"]}]})
            continue
        parts: list[Message] = [{"text": "hm", "thought": True}]
        if turn.get("text"):
            parts.append({"text": turn["text"]})
        answers = []
        for call in turn.get("calls", ()):
            parts.append({"functionCall": {"name": call["name"], "args": call["arguments"]}})
            key = "error" if call.get("failed") else "output"
            response = {"name": call["name"], "response": {key: call["answer"]}}
            answers.append({"functionResponse": response})
        found.append({"role": "model", "parts": parts})
        if answers:
            found.append({"role": "user", "parts": answers})
    return found


def bedrock(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for turn in numbered(story):
        if "user" in turn:
            found.append({"role": "user", "content": [{"text": turn["user"]}]})
            continue
        blocks: list[Message] = [{"reasoningContent": {"reasoningText": {"text": "hm"}}}]
        if turn.get("text"):
            blocks.append({"text": turn["text"]})
        results = []
        for call in turn.get("calls", ()):
            made = {"toolUseId": call["id"], "name": call["name"], "input": call["arguments"]}
            blocks.append({"toolUse": made})
            status = "error" if call.get("failed") else "success"
            content = [{"text": call["answer"]}]
            result = {"toolUseId": call["id"], "content": content, "status": status}
            results.append({"toolResult": result})
        found.append({"role": "assistant", "content": blocks})
        if results:
            found.append({"role": "user", "content": results})
    return found


def vercel(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for turn in numbered(story):
        if "user" in turn:
            found.append({"role": "user", "content": [{"type": "text", "text": turn["user"]}]})
            continue
        parts: list[Message] = [{"type": "reasoning", "text": "hm"}]
        if turn.get("text"):
            parts.append({"type": "text", "text": turn["text"]})
        results = []
        for call in turn.get("calls", ()):
            named = {"toolCallId": call["id"], "toolName": call["name"]}
            parts.append({"type": "tool-call", **named, "input": call["arguments"]})
            kind = "error-text" if call.get("failed") else "text"
            output = {"type": kind, "value": call["answer"]}
            results.append({"type": "tool-result", **named, "output": output})
        found.append({"role": "assistant", "content": parts})
        if results:
            found.append({"role": "tool", "content": results})
    return found


def vercel_ui(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for index, turn in enumerate(numbered(story)):
        if "user" in turn:
            part = {"type": "text", "text": turn["user"]}
            found.append({"id": f"m{index}", "role": "user", "parts": [part]})
            continue
        parts: list[Message] = [{"type": "step-start"}]
        if turn.get("text"):
            parts.append({"type": "text", "text": turn["text"], "state": "done"})
        for call in turn.get("calls", ()):
            kind = {"type": f"tool-{call['name']}", "toolCallId": call["id"]}
            state = (
                {"state": "output-error", "errorText": call["answer"]}
                if call.get("failed")
                else {"state": "output-available", "output": call["answer"]}
            )
            parts.append({**kind, "input": call["arguments"], **state})
        found.append({"id": f"m{index}", "role": "assistant", "parts": parts})
    return found


def langchain(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for turn in numbered(story):
        if "user" in turn:
            found.append({"type": "human", "content": turn["user"], "additional_kwargs": {}})
            continue
        calls = [
            {"name": call["name"], "args": call["arguments"], "id": call["id"], "type": "tool_call"}
            for call in turn.get("calls", ())
        ]
        # What the provider's own message held stands beside it once more.
        kept = [
            {"id": call["id"], "type": "function", "function": {
                "name": call["name"], "arguments": json.dumps(call["args"])}}
            for call in calls
        ]  # fmt: skip
        found.append(
            {"type": "ai", "content": turn.get("text") or "", "tool_calls": calls,
             "invalid_tool_calls": [], "additional_kwargs": {"tool_calls": kept} if kept else {},
             "response_metadata": {"finish_reason": "stop"}}
        )  # fmt: skip
        for call in turn.get("calls", ()):
            status = "error" if call.get("failed") else "success"
            answer = {"type": "tool", "content": call["answer"], "tool_call_id": call["id"]}
            found.append({**answer, "status": status, "name": call["name"], "artifact": None})
    return found


def langchain_dumped(story: list[Turn]) -> list[Message]:
    names = {"human": "HumanMessage", "ai": "AIMessage", "tool": "ToolMessage"}
    return [
        {"lc": 1, "type": "constructor", "kwargs": m,
         "id": ["langchain", "schema", "messages", names[m["type"]]]}
        for m in langchain(story)
    ]  # fmt: skip


def pydantic_ai(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for turn in numbered(story):
        if "user" in turn:
            part = {"part_kind": "user-prompt", "content": turn["user"]}
            found.append({"kind": "request", "parts": [part]})
            continue
        parts: list[Message] = [{"part_kind": "thinking", "content": "hm"}]
        if turn.get("text"):
            parts.append({"part_kind": "text", "content": turn["text"]})
        answers = []
        for call in turn.get("calls", ()):
            named = {"tool_name": call["name"], "tool_call_id": call["id"]}
            parts.append({"part_kind": "tool-call", **named, "args": call["arguments"]})
            outcome = "failed" if call.get("failed") else "success"
            answer = {"part_kind": "tool-return", **named, "content": call["answer"]}
            answers.append({**answer, "outcome": outcome})
        found.append({"kind": "response", "parts": parts, "finish_reason": None})
        if answers:
            found.append({"kind": "request", "parts": answers})
    return found


def opentelemetry(story: list[Turn]) -> list[Message]:
    found: list[Message] = []
    for turn in numbered(story):
        if "user" in turn:
            part = {"type": "text", "content": turn["user"]}
            found.append({"role": "user", "parts": [part]})
            continue
        parts: list[Message] = [{"type": "reasoning", "content": "hm"}]
        if turn.get("text"):
            parts.append({"type": "text", "content": turn["text"]})
        answers = []
        for call in turn.get("calls", ()):
            made = {"id": call["id"], "name": call["name"], "arguments": call["arguments"]}
            parts.append({"type": "tool_call", **made})
            answer = {"type": "tool_call_response", "id": call["id"], "response": call["answer"]}
            # The conventions have no mark of failure; instrumentations add MCP's.
            answers.append({**answer, "isError": True} if call.get("failed") else answer)
        found.append({"role": "assistant", "parts": parts, "finish_reason": "stop"})
        if answers:
            found.append({"role": "tool", "parts": answers})
    return found


WRITERS: Mapping[str, Callable[[list[Turn]], list[Message]]] = {
    "OpenAI chat": openai_chat,
    "OpenAI chat, legacy function_call": openai_legacy,
    "OpenAI chat, streamed chunks": openai_stream,
    "OpenAI Responses": openai_responses,
    "Anthropic": anthropic,
    "Gemini": gemini,
    "Bedrock Converse": bedrock,
    "Vercel AI SDK, model messages": vercel,
    "Vercel AI SDK, UI messages": vercel_ui,
    "LangChain": langchain,
    "LangChain, dumped": langchain_dumped,
    "pydantic-ai": pydantic_ai,
    "OpenTelemetry GenAI": opentelemetry,
}
"""Every dialect by its name in docs/reference/dialects.md."""
