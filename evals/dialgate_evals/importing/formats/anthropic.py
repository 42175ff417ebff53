"""Anthropic's messages: requests with their answers, also streamed ones; message batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.exchanges import as_parsed, exchange, longest, request_of
from dialgate_evals.importing.found import Format, are_messages, not_understood

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dialgate_evals.importing.found import Document, Found

_PARTS = frozenset({"tool_use", "tool_result", "thinking", "redacted_thinking"})


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether requests or answers have what only Anthropic's have."""
    request = request_of(document)
    if not are_messages(request.get("messages")):
        return False
    if "system" in request or any("input_schema" in _dict(t) for t in _list(request.get("tools"))):
        return True
    answer = as_parsed(document.get("response")) if isinstance(document, dict) else None
    if _dict(answer).get("type") == "message" or _dict(_first(answer)).get("type") == (
        "message_start"
    ):
        return True
    return any(
        _dict(part).get("type") in _PARTS
        for message in request["messages"]
        for part in _list(_dict(message).get("content"))
    )


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def read(documents: Iterable[Document]) -> Iterator[Found]:
    """Every conversation once, with its system prompt in front."""
    yield from longest(_read(documents))


def _read(documents: Iterable[Document]) -> Iterator[Found]:
    for place, document in documents:
        found = exchange(place, document, system=_system(request_of(document).get("system")))
        yield found or not_understood(place, document, "messages of Anthropic's format")


def _system(value: object) -> str:
    if isinstance(value, str):
        return value
    return "\n".join(
        str(part["text"]) for part in _list(value) if isinstance(_dict(part).get("text"), str)
    )


FORMAT = Format(
    name="anthropic",
    title="Anthropic messages logs",
    recognises=recognises,
    read=read,
)
