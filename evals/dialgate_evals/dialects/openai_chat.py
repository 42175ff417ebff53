"""OpenAI's chat completions, with the legacy `function_call`, as all kinds of servers write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.reading import role_of
from dialgate_evals.dialects.texts.answers import answer_text
from dialgate_evals.dialects.unknown import could_hold_action, describe, nearest_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.dialects.reading import Contents, Part, PartReader, Path, Reading, Role

NAME = "OpenAI chat"

_ENDINGS = ("finish_reason", "stop_reason", "finishReason")

HARMLESS = frozenset(
    "image_url input_audio audio image file video video_url input_image input_file input_video "
    "document thinking reasoning redacted_thinking cache_control".split()
)
"""Parts that hold no action: media, thoughts."""

_KNOWN = frozenset(
    "role content name id tool_calls toolCalls function_call tool_call_id refusal error unmatched "
    "fault at_ms finish_reason finishReason stop_reason status is_error isError type object "
    "created created_at timestamp index model audio annotations citations logprobs reasoning "
    "reasoning_content reasoning_details thinking thinking_blocks images provider_specific_fields "
    "usage metadata tool_plan tool_name tool_choice prefix weight cost latency_ms turn_idx "
    "raw_data extra_content parsed system_fingerprint service_tier phase recipient cache_control "
    "tool_error tool_call_error text parts toolInvocations experimental_attachments artifact "
    "additional_kwargs response_metadata usage_metadata invalid_tool_calls tool_call_chunks "
    "example failed success".split()
)
"""Keys of messages that are read, or that say nothing of actions."""


def _text(reading: Reading, role: Role, part: Part, path: Path) -> None:
    del path
    text = part.get("text", part.get("content"))
    reading.say(role, text if isinstance(text, str) else "")


def _refusal(reading: Reading, role: Role, part: Part, path: Path) -> None:
    del role, path
    reading.refuse(str(part.get("refusal") or part.get("text") or ""))


PARTS: Mapping[str, PartReader] = {"text": _text, "refusal": _refusal}


def read_message(reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents) -> bool:
    """A message with a role; whether it is one."""
    role = role_of(item.get("role"))
    if role is None:
        return False
    if role == "tool":
        _read_answer(reading, item, path, contents)
        return True
    if role == "assistant":
        reading.say(role, "")
    read_calls(reading, item, path)
    contents(reading, role, item.get("content"), (*path, "content"))
    if isinstance(item.get("refusal"), str) and item["refusal"]:
        reading.refuse(item["refusal"])
    sound = item.get("audio")
    if not item.get("content") and isinstance(sound, dict):
        # Who answers in sound writes what is heard beside it.
        contents(reading, role, sound.get("transcript"), (*path, "audio", "transcript"))
    reading.end_for(next((item[key] for key in _ENDINGS if item.get(key)), None))
    if role == "assistant":
        _look_at_others(reading, item, path)
    return True


def read_calls(reading: Reading, item: Mapping[str, Any], path: Path) -> None:
    """The calls of a message: `tool_calls`, and the legacy `function_call`."""
    for key in ("tool_calls", "toolCalls"):  # the latter in SDKs of JavaScript
        calls = item.get(key)
        if isinstance(calls, list):
            for index, call in enumerate(calls):
                read_call(reading, call, (*path, key, index), key)
        elif calls:
            reading.gap((*path, key), describe(calls), f"{NAME}, a list of tool_calls")
    legacy = item.get("function_call")
    if isinstance(legacy, dict):
        reading.dialects.add(f"{NAME} (legacy)")
        reading.call(
            legacy.get("name"), legacy.get("arguments"), source="function_call",
            failed=is_error(legacy), path=(*path, "function_call"),
        )  # fmt: skip
    elif legacy:
        reading.gap((*path, "function_call"), describe(legacy), f"{NAME}, function_call (legacy)")


def read_call(reading: Reading, call: object, path: Path, source: str = "tool_calls") -> None:
    """One entry of `tool_calls`: OpenAI's, or a flat one as frameworks write it."""
    if not isinstance(call, dict):
        reading.gap(path, describe(call), f"{NAME}, tool_calls")
        return
    inner = call.get("function") if isinstance(call.get("function"), dict) else None
    if inner is None and isinstance(call.get("custom"), dict):
        inner = call["custom"]
    body = call if inner is None else inner
    name = body.get("name") or call.get("name") or body.get("tool_name") or body.get("toolName")
    if inner is None and isinstance(call.get("function"), str):
        name = name or call["function"]
    made = reading.call(
        name,
        arguments_of(body),
        call_id=call.get("id") or call.get("tool_call_id") or call.get("toolCallId"),
        failed=is_error(call) or is_error(body),
        source=source,
        path=path,
    )
    if made is not None and made.answer is None:
        for key in ("result", "output"):
            if isinstance(call.get(key), str | dict | list):
                made.answer = answer_text(call[key])


def arguments_of(body: Mapping[str, Any]) -> object:
    """The arguments under the name that a dialect gives them; None where there are none."""
    for key in ("arguments", "args", "input", "parameters"):
        if key in body:
            return body[key]
    return None


_UNMARKED = frozenset(
    "role content tool_call_id name arguments id type function at_ms index".split()
)


def is_error(item: Mapping[str, Any]) -> bool:
    """Whether a call or an answer is marked as failed, in any framework's way.

    After a timeout nobody knows whether the call took effect, so it counts as made.
    """
    if item.keys() <= _UNMARKED or item.get("fault") == "timeout":
        return False
    marks = ("error", "is_error", "isError", "tool_error", "tool_call_error", "failed")
    return (
        any(_is_set(item.get(key)) for key in marks)
        or str(item.get("status", "")).lower() in {"error", "failed"}
        or item.get("success") is False
    )


def _is_set(mark: object) -> bool:
    return bool(mark) and mark not in {"false", "False"} if isinstance(mark, str) else bool(mark)


def _read_answer(reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents) -> None:
    """A tool's message: one answer, or the parts of several."""
    content = item.get("content")
    if isinstance(content, list) and any(_is_result(part) for part in content):
        contents(reading, "tool", content, (*path, "content"))
        return
    reading.answer(
        content,
        call_id=item.get("tool_call_id") or item.get("tool_use_id") or item.get("toolCallId"),
        name=item.get("name") or item.get("tool_name"),
        failed=is_error(item),
        unmatched=bool(item.get("unmatched")),
        path=path,
    )


def _is_result(part: object) -> bool:
    """Whether a part is an answer of its own, with the id of its call."""
    return isinstance(part, dict) and (
        part.get("type") in {"tool_result", "tool-result", "tool_call_response"}
        or "toolResult" in part
        or "functionResponse" in part
    )


def _look_at_others(reading: Reading, item: Mapping[str, Any], path: Path) -> None:
    """Keys of an agent's message that nothing here reads."""
    for key, value in item.items():
        if key not in _KNOWN and could_hold_action(key, value):
            found = f'the key "{key}" with {describe(value)}'
            reading.gap((*path, key), found, nearest_form({key: value}))
