"""OpenTelemetry's GenAI messages: a role, and `parts` with types; also events with a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.openai_chat import arguments_of, read_message
from dialgate_evals.dialects.reading import role_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.dialects.reading import Contents, Part, PartReader, Path, Reading, Role

NAME = "OpenTelemetry GenAI"

HARMLESS = frozenset(
    "blob uri file reasoning thinking binary image-url audio-url video-url document-url "
    "server_tool_call_response compaction".split()
)
_EVENTS = {
    "gen_ai.system.message": "system", "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant", "gen_ai.tool.message": "tool",
    "gen_ai.choice": "assistant",
}  # fmt: skip
_ON_THE_SERVER = frozenset(
    "web_search web_fetch code_interpreter code_execution file_search image_generation".split()
)


def _server_call(reading: Reading, role: Role, part: Part, path: Path) -> None:
    """A tool that the provider runs, also LangChain's: an action but for those in its sandbox."""
    del role
    body = part.get("server_tool_call")
    inner = body if isinstance(body, dict) else {}
    kind = inner.get("type") or part.get("name")
    if kind not in _ON_THE_SERVER:
        name = part.get("name") or inner.get("name") or kind
        beside = {key: value for key, value in inner.items() if key not in {"type", "name"}}
        arguments = inner.get("arguments", beside) if inner else arguments_of(part)
        made = reading.call(name, arguments, call_id=part.get("id"), path=path)
        if made is not None:
            made.answer = ""


def is_part(part: object) -> bool:
    """Whether a part of a message is in the conventions' words, not in Vercel's or Gemini's."""
    if not isinstance(part, dict):
        return False
    kind = part.get("type")
    return (kind in {"text", "reasoning"} and "content" in part) or kind in {
        "tool_call", "tool_call_response",
    }  # fmt: skip


PARTS: Mapping[str, PartReader] = {"server_tool_call": _server_call}


def read_item(reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents) -> bool:
    """An event of a message or choice, as spans and logs hold it; whether it is one."""
    name = item.get("event.name") or item.get("event_name") or item.get("name")
    role = _EVENTS.get(name) if isinstance(name, str) else None
    body = next((item[key] for key in ("body", "attributes") if isinstance(item.get(key), dict)),
                item)  # fmt: skip
    if role is None or role_of(role) is None:
        return False
    reading.dialects.add(NAME)
    inner = body.get("message") if isinstance(body.get("message"), dict) else None
    message = {**(body if inner is None else inner), "role": role}
    if role == "tool":
        message["tool_call_id"] = message.pop("id", None)
    if inner is not None:
        message.setdefault("finish_reason", body.get("finish_reason"))
    for key in ("event.name", "event_name", "gen_ai.system", "index"):
        message.pop(key, None)
    return read_message(reading, message, path, contents)
