"""LangChain's and LangGraph's messages, in each of the ways in which they are written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.openai_chat import is_error, read_call, read_calls
from dialgate_evals.dialects.reading import as_data
from dialgate_evals.dialects.unknown import could_hold_action, describe, nearest_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.dialects.reading import Contents, Part, PartReader, Path, Reading, Role

NAME = "LangChain"

HARMLESS = frozenset(
    "reasoning image audio video file text-plain non_standard_text server_tool_result "
    "server_tool_call_result image_url".split()
)

_ROLES: Mapping[str, Role] = {
    "human": "user", "HumanMessage": "user", "HumanMessageChunk": "user",
    "ai": "assistant", "AIMessage": "assistant", "AIMessageChunk": "assistant",
    "system": "system", "SystemMessage": "system", "SystemMessageChunk": "system",
    "tool": "tool", "ToolMessage": "tool", "ToolMessageChunk": "tool",
    "function": "tool", "FunctionMessage": "tool", "FunctionMessageChunk": "tool",
}  # fmt: skip

_PASSED_OVER = frozenset({"remove", "RemoveMessage"})

_KNOWN = frozenset(
    "type role content name id tool_calls invalid_tool_calls additional_kwargs response_metadata "
    "usage_metadata example tool_call_chunks chunk_position status artifact tool_call_id error "
    "is_error lc lc_id lc_kwargs lc_namespace metadata lc_direct_tool_output".split()
)


def _call(reading: Reading, role: Role, part: Part, path: Path) -> None:
    del role
    read_call(reading, part, path, source="content")


def _answer(reading: Reading, role: Role, part: Part, path: Path) -> None:
    """Also OpenTelemetry's `tool_call_response`."""
    del role
    reading.answer(
        next((part[key] for key in ("response", "result", "content") if key in part), None),
        call_id=part.get("id") or part.get("tool_call_id"),
        name=part.get("name"),
        failed=is_error(part),
        path=path,
    )


PARTS: Mapping[str, PartReader] = {
    "tool_call": _call, "invalid_tool_call": _call, "tool_call_response": _answer,
}  # fmt: skip


def read_item(reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents) -> bool:
    """A message by its type, whole, in an envelope, or as a constructor; whether it is one."""
    kind = item.get("type")
    if kind == "constructor" and isinstance(item.get("kwargs"), dict):
        names = item.get("id")
        name = names[-1] if isinstance(names, list) and names else None
        inner, place = {**item["kwargs"], "type": name}, (*path, "kwargs")
        return read_item(reading, inner, place, contents)
    if kind in _ROLES and isinstance(item.get("data"), dict):
        inner = {**item["data"], "type": kind}
        return read_item(reading, inner, (*path, "data"), contents)
    if kind in _PASSED_OVER:
        return True
    if not isinstance(kind, str) or kind not in _ROLES or "role" in item:
        return False
    reading.dialects.add(NAME)
    _read(reading, _ROLES[kind], item, path, contents)
    return True


def _read(
    reading: Reading, role: Role, item: Mapping[str, Any], path: Path, contents: Contents
) -> None:
    if role == "tool":
        reading.answer(
            item.get("content"),
            call_id=item.get("tool_call_id"),
            name=item.get("name"),
            failed=is_error(item),
            path=path,
        )
        return
    if role == "assistant":
        reading.say(role, "")
        read_calls(reading, item, path)
        read_other_places(reading, item, path)
    contents(reading, role, item.get("content"), (*path, "content"))
    for key, value in item.items() if role == "assistant" else ():
        if key not in _KNOWN and could_hold_action(key, value):
            found = f'the key "{key}" with {describe(value)}'
            reading.gap((*path, key), found, nearest_form({key: value}))


def read_other_places(reading: Reading, item: Mapping[str, Any], path: Path) -> None:
    """Calls where only LangChain keeps them; the same call may stand in several places."""
    invalid = item.get("invalid_tool_calls")
    for index, call in enumerate(invalid if isinstance(invalid, list) else ()):
        if isinstance(call, dict):
            # Its "error" says why the arguments can't be read, not that the tool failed.
            plain = {key: value for key, value in call.items() if key != "error"}
            read_call(reading, plain, (*path, "invalid_tool_calls", index), "invalid_tool_calls")
    others = item.get("additional_kwargs")
    if isinstance(others, dict):
        _read_kwargs(reading, others, (*path, "additional_kwargs"))
    said = item.get("response_metadata")
    if isinstance(said, dict):
        reading.end_for(
            said.get("finish_reason") or said.get("stop_reason") or said.get("stopReason")
        )


def _read_kwargs(reading: Reading, others: Mapping[str, Any], path: Path) -> None:
    """What the provider's own message held; its calls, where LangChain's list lacks them."""
    calls = others.get("tool_calls")
    for index, call in enumerate(calls if isinstance(calls, list) else ()):
        read_call(reading, call, (*path, "tool_calls", index), "additional_kwargs")
    legacy = others.get("function_call")
    if isinstance(legacy, dict):
        reading.call(
            legacy.get("name"), as_data(legacy.get("arguments")), source="function_call",
            path=(*path, "function_call"),
        )  # fmt: skip
    if isinstance(others.get("refusal"), str) and others["refusal"]:
        reading.refuse(others["refusal"])
