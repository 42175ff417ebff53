"""The one door for trajectories: messages in any dialect, or several, become texts and calls.

Each part is scored (calls, answers, texts), understood and harmless, or not understood; what isn't
and could hold an action is a gap. Leaves each dialect to its file.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects import (
    anthropic,
    bedrock,
    gemini,
    langchain,
    openai_chat,
    openai_responses,
    opentelemetry,
    pydantic_ai,
    vercel,
)
from dialgate_evals.dialects.reading import FoundCall, Reading, Role, Said, as_data, role_of
from dialgate_evals.dialects.streams.put_together import put_together
from dialgate_evals.dialects.unknown import (
    could_hold_action,
    describe,
    looks_like_call,
    names_call,
    nearest_form,
    part_could_hold_action,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.dialects.reading import PartReader, Path, Step

_PARTS: Mapping[str, PartReader] = {
    **openai_chat.PARTS, **openai_responses.PARTS, **anthropic.PARTS, **vercel.PARTS,
    **langchain.PARTS, **opentelemetry.PARTS,
}  # fmt: skip

_HARMLESS = frozenset().union(
    openai_chat.HARMLESS, openai_responses.HARMLESS, anthropic.HARMLESS, vercel.HARMLESS,
    langchain.HARMLESS, opentelemetry.HARMLESS,
)  # fmt: skip

_WHOLE = (
    pydantic_ai.read_item,
    openai_responses.read_item,
    bedrock.read_item,
    gemini.read_item,
    langchain.read_item,
    opentelemetry.read_item,
)
_CHAT_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_PLAIN_KEYS = frozenset(
    "role content tool_calls tool_call_id name error unmatched fault at_ms finish_reason".split()
)
_CHAT_PARTS = frozenset({"text", "image_url", "input_audio", "file", "refusal"})
_PIECES = frozenset("tool-input-start tool-input-delta tool-input-end start finish".split())
# of Vercel's stream, which the whole call follows


def read_messages(messages: Sequence[Any]) -> Reading:
    """What the messages say, in order; never raises for what they hold."""
    reading = Reading()
    for index, item in put_together(messages):
        reading.message = index
        try:
            _read_item(reading, item, (index,))
        except RecursionError:
            reading.gap((index,), "data nested too deeply", "OpenAI chat, a message")
    return reading


def _read_item(reading: Reading, item: object, path: Path) -> None:
    if not isinstance(item, dict):
        reading.gap(path, describe(item), "OpenAI chat, a message")
        return
    if item.keys() <= _PLAIN_KEYS and item.get("role") in _CHAT_ROLES:
        # Most messages, and the harness's own: nothing of another dialect can be in them.
        openai_chat.read_message(reading, item, path, read_contents)
        return
    if any(read(reading, item, path, read_contents) for read in _WHOLE):
        return
    inner = _unwrapped(reading, item, path)
    if inner is not None:
        _read_item(reading, inner, path)
    elif isinstance(item.get("parts"), list) and role_of(item.get("role", "user")) is not None:
        _read_parts_message(reading, item, path)
    elif openai_chat.read_message(reading, item, path, read_contents):
        vercel.read_invocations(reading, item, path)
        if role_of(item.get("role")) == "assistant":
            langchain.read_other_places(reading, item, path)
    elif item.get("type") in _PARTS:
        _read_part(reading, "assistant", item, path)
    elif item.get("type") not in _PIECES:
        reading.gap(path, describe(item), nearest_form(item))


def _unwrapped(reading: Reading, item: Mapping[str, Any], path: Path) -> dict[str, Any] | None:
    """The message of a whole completion, or of any envelope with one; None where there is none."""
    choices = item.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        message = choices[0].get("message")
        if isinstance(message, dict):
            reading.only_first((*path, "choices"), choices)
            return {"finish_reason": choices[0].get("finish_reason"), **message}
    message = item.get("message")
    if isinstance(message, dict) and "role" not in item:
        return {"finish_reason": item.get("done_reason") or item.get("finish_reason"), **message}
    return None


def _read_parts_message(reading: Reading, item: Mapping[str, Any], path: Path) -> None:
    """A message with `parts`: Gemini's, OpenTelemetry's, or one of Vercel's user interface."""
    role = role_of(item.get("role", "user"))
    assert role is not None
    if item.get("role") == "model":
        reading.dialects.add(gemini.NAME)
    elif any(opentelemetry.is_part(part) for part in item["parts"]):
        reading.dialects.add(opentelemetry.NAME)
    if role == "assistant":
        reading.say(role, "")
    read_contents(reading, role, item["parts"], (*path, "parts"))
    vercel.read_invocations(reading, item, path)
    openai_chat.read_calls(reading, item, path)
    reading.end_for(item.get("finish_reason") or item.get("finishReason"))


def read_contents(reading: Reading, role: Role, content: object, path: Path) -> None:
    """A content: text, or parts of any dialect."""
    if content is None:
        return
    if isinstance(content, str):
        reading.say(role, content)
    elif isinstance(content, dict):
        _read_part(reading, role, content, path)
    elif isinstance(content, list):
        for index, part in enumerate(content):
            if isinstance(part, str):
                reading.say(role, part)
            else:
                _read_part(reading, role, part, (*path, index))
    elif role == "assistant":
        reading.gap(path, describe(content), "OpenAI chat, content as text")


def _read_part(reading: Reading, role: Role, part: object, path: Path) -> None:
    if not isinstance(part, dict):
        if role == "assistant" and part is not None:
            reading.gap(path, describe(part), "OpenAI chat, a part of type text")
        return
    kind = part.get("type")
    if isinstance(kind, str):
        reader = _PARTS.get(kind)
        if reader is not None:
            reader(reading, role, part, path)
            return
        if kind in _HARMLESS or vercel.read_part(reading, role, part, path):
            return
    elif bedrock.read_part(reading, role, part, path) or gemini.read_part(
        reading, role, part, path
    ):
        return
    if _is_dark(role, part):
        reading.gap(path, describe(part), nearest_form(part))


def _is_dark(role: Role, part: Mapping[str, Any]) -> bool:
    """Whether an unknown part could hold an action: what users send is not what the agent does."""
    kind = part.get("type")
    if role == "assistant":
        if isinstance(kind, str) and kind.startswith("data-"):
            return looks_like_call(part)
        return part_could_hold_action(part)
    return names_call(kind) or any(
        names_call(key) and could_hold_action(key, value) for key, value in part.items()
    )


def as_chat(messages: Sequence[Any]) -> list[dict[str, Any]]:
    """The messages in OpenAI's chat format, for people to read; such ones as they are."""
    if all(_is_chat(message) for message in messages):
        return list(messages)
    found: list[dict[str, Any]] = []
    for place, steps in groupby(read_messages(messages).steps, key=lambda step: step.message):
        message = messages[place]
        if _is_chat(message) and message["role"] in {"system", "developer", "user"}:
            found.append(message)  # with its pictures
        else:
            found += _chat_message(list(steps), len(found))
    return found


def _chat_message(steps: Sequence[Step], first: int) -> list[dict[str, Any]]:
    """One message and the answers to its calls; `first` makes ids for calls without one."""
    found: list[dict[str, Any]] = []
    said: str | None = None
    for step in steps:
        if isinstance(step, Said) and step.text:
            if step.role == "assistant":
                said = step.text
            else:
                found.append({"role": step.role, "content": step.text})
    made = [step for step in steps if isinstance(step, FoundCall)]
    if said is not None or made:
        found.append({"role": "assistant", "content": said})
    if not made:
        return found
    calls = found[-1]["tool_calls"] = []
    for index, step in enumerate(made):
        call_id = step.id or f"call_{first}_{index}"
        arguments = step.arguments if isinstance(step.arguments, str) else as_data(step.arguments)
        function = {"name": step.name, "arguments": arguments}
        calls.append({"id": call_id, "type": "function", "function": function})
        if step.answer is not None:
            answer = {"role": "tool", "tool_call_id": call_id, "content": step.answer}
            found.append({**answer, "error": True} if step.failed else answer)
    return found


def _is_chat(message: object) -> bool:
    """Whether a message is in OpenAI's present format, such as people's pages and files hold it."""
    if not isinstance(message, dict) or message.get("role") not in _CHAT_ROLES:
        return False
    if "function_call" in message or "parts" in message:
        return False
    content, calls = message.get("content"), message.get("tool_calls") or []
    plain = content is None or isinstance(content, str)
    if isinstance(content, list):
        plain = all(isinstance(p, dict) and p.get("type") in _CHAT_PARTS for p in content)
    return plain and isinstance(calls, list) and all(_is_chat_call(call) for call in calls)


def _is_chat_call(call: object) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    return isinstance(function, dict) and {"name", "arguments"} <= function.keys()
