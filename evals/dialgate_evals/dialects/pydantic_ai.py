"""pydantic-ai's messages: requests and responses with parts of their own kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.reading import as_data
from dialgate_evals.dialects.unknown import describe, names_call, nearest_form
from dialgate_evals.files.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.dialects.reading import Contents, Path, Reading

NAME = "pydantic-ai"

_HARMLESS = frozenset(
    "thinking compaction file speech tool-search-call tool-search-return "
    "builtin-tool-search-call builtin-tool-search-return capability-load-call "
    "capability-load-return builtin-tool-return tool-availability-delta capability-load-delta "
    "model-settings-delta instruction-delta instruction-baseline".split()
)
_ON_THE_SERVER = frozenset(
    "web_search web_fetch code_execution url_context image_generation memory file_search "
    "tool_search".split()
)
_FAILED = frozenset({"failed", "denied", "retried"})
_OUTPUT_TOOL = "final_result"
"""The tool under which the framework asks for a typed reply: no action."""

_INNER_CALL = "mcp_server"


def read_item(reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents) -> bool:
    """A request or a response; whether it is one."""
    parts = item.get("parts")
    if item.get("kind") not in {"request", "response"} or not isinstance(parts, list):
        return False
    reading.dialects.add(NAME)
    if item["kind"] == "response":
        reading.say("assistant", "")
    for index, part in enumerate(parts):
        place = (*path, "parts", index)
        if not isinstance(part, dict):
            reading.gap(place, describe(part), f"{NAME}, tool-call")
        elif not _read_part(reading, part, place, contents):
            kind = part.get("part_kind")
            if item["kind"] == "response" or names_call(kind):
                reading.gap(place, describe({"type": kind, **part}), nearest_form(part))
    reading.end_for(item.get("finish_reason"))
    return True


def _read_part(reading: Reading, part: Mapping[str, Any], path: Path, contents: Contents) -> bool:
    kind, content = part.get("part_kind"), part.get("content")
    match kind:
        case "system-prompt":
            contents(reading, "system", content, (*path, "content"))
        case "user-prompt" | "retry-feedback":
            _read_prompt(reading, content)
        case "text":
            reading.say("assistant", content if isinstance(content, str) else "")
        case "tool-call" | "builtin-tool-call":
            _read_call(reading, part, path)
        case "tool-return":
            _read_return(reading, part, path)
        case "retry-prompt":
            if part.get("tool_name"):
                _read_return(reading, {**part, "outcome": "retried"}, path)
            else:
                _read_prompt(reading, content)
        case _:
            return isinstance(kind, str) and kind in _HARMLESS
    return True


def _read_prompt(reading: Reading, content: object) -> None:
    """Text, or a list of texts and media; what a validator says is data."""
    for piece in content if isinstance(content, list) else [content]:
        if isinstance(piece, str):
            reading.say("user", piece)
        elif isinstance(piece, dict) and isinstance(piece.get("content"), str):
            is_text = piece.get("kind") in {"text", "text-content"}
            reading.say("user", piece["content"] if is_text else "")


def _read_call(reading: Reading, part: Mapping[str, Any], path: Path) -> None:
    name, arguments = part.get("tool_name"), part.get("args")
    if part["part_kind"] == "builtin-tool-call":
        if name in _ON_THE_SERVER:
            return
        inner = as_data(arguments)
        if str(name).startswith(_INNER_CALL) and isinstance(inner, dict):
            # The call of a tool on a server that the provider reaches.
            if inner.get("action") == "list_tools":
                return
            name, arguments = inner.get("tool_name", name), inner.get("tool_args", inner)
    made = reading.call(name, arguments, call_id=part.get("tool_call_id"), path=path)
    if made is not None and part["part_kind"] == "builtin-tool-call":
        made.answer = ""


def _read_return(reading: Reading, part: Mapping[str, Any], path: Path) -> None:
    name = str(part.get("tool_name"))
    is_output = name.startswith(_OUTPUT_TOOL) and part.get("outcome") not in _FAILED
    if is_output and str(part.get("content")).startswith("Final result processed"):
        _take_reply(reading, part.get("tool_call_id"))
        return
    reading.answer(
        part.get("content"),
        call_id=part.get("tool_call_id"),
        name=name,
        failed=part.get("outcome") in _FAILED,
        path=path,
    )


def _take_reply(reading: Reading, call_id: object) -> None:
    """The arguments of the output tool are what the agent says."""
    made = next((m for m in reversed(reading.calls) if m.id == call_id), None)
    if made is None:
        return
    index = next(i for i, step in enumerate(reading.steps) if step is made)
    del reading.steps[index]
    message, reading.message = reading.message, made.message
    reading.say("assistant", json_text(as_data(made.arguments)))
    reading.message = message
