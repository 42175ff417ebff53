"""Amazon Bedrock's Converse: blocks in `content` whose only key says what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.dialects.openai_chat import is_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.dialects.reading import Contents, Part, Path, Reading, Role

NAME = "Bedrock Converse"

_HARMLESS = frozenset(
    "image document video audio reasoningContent guardContent cachePoint searchResult".split()
)
_ON_THE_SERVER = "server_tool_use"


def read_part(reading: Reading, role: Role, part: Part, path: Path) -> bool:
    """A block without a type; whether it is one of Converse's."""
    if isinstance(use := part.get("toolUse"), dict):
        reading.dialects.add(NAME)
        if use.get("type") != _ON_THE_SERVER:
            reading.call(use.get("name"), use.get("input"), call_id=use.get("toolUseId"), path=path)
        return True
    if isinstance(result := part.get("toolResult"), dict):
        reading.dialects.add(NAME)
        if not isinstance(result.get("type"), str):  # else it is the provider's own tool's
            reading.answer(
                result.get("content"),
                call_id=result.get("toolUseId"),
                failed=is_error(result),
                path=path,
            )
        return True
    cited = part.get("citationsContent")
    if isinstance(cited, dict):
        for piece in cited.get("content") or ():
            if isinstance(piece, dict):
                reading.say(role, str(piece.get("text") or ""))
        return True
    return bool(part) and part.keys() <= _HARMLESS


def read_item(reading: Reading, item: Mapping[str, Any], path: Path, contents: Contents) -> bool:
    """A whole response with `output.message`; whether it is one."""
    output = item.get("output")
    message = output.get("message") if isinstance(output, dict) else None
    if not isinstance(message, dict):
        return False
    reading.dialects.add(NAME)
    reading.say("assistant", "")
    contents(reading, "assistant", message.get("content"), (*path, "output", "message", "content"))
    reading.end_for(item.get("stopReason"))
    return True
