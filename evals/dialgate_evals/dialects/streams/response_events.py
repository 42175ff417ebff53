"""Events of OpenAI's Responses: the whole answer, the items that were done, or their pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Item = Mapping[str, Any]

_PIECES = {
    f"response.{event}.{end}": (kind, key, "delta" if end == "delta" else key)
    for event, kind, key in (
        ("function_call_arguments", "function_call", "arguments"),
        ("mcp_call_arguments", "mcp_call", "arguments"),
        ("custom_tool_call_input", "custom_tool_call", "input"),
        ("output_text", "message", "text"),
        ("refusal", "message", "refusal"),
    )
    for end in ("delta", "done")
}
"""By an event: the item that it is a piece of, the key there, and the key in the event."""

_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})
_UNKNOWN = "without an id"
_PART_TYPES = {"text": "output_text", "refusal": "refusal"}


def join_responses(items: Sequence[Item]) -> list[tuple[int, Item]]:
    """The whole response where an event holds it, else its items, each with the place it begins.

    What was begun and never done is part of it: a stream breaks off.
    """
    found: list[tuple[int, Item]] = []
    begun: dict[str, tuple[int, dict[str, Any]]] = {}
    for place, event in enumerate(items):
        kind = event["type"]
        response, item = event.get("response"), event.get("item")
        if kind in _ENDS:
            whole = response if isinstance(response, dict) else {}
            status = {"object": "response", "status": kind.removeprefix("response."), **whole}
            if whole.get("output"):
                begun = {}
            found += begun.values()
            found.append((place, {**status, "output": whole.get("output") or []}))
            begun = {}
        elif kind in {"response.output_item.added", "response.output_item.done"}:
            if isinstance(item, dict):
                key = _key(event, item)
                if key == _UNKNOWN and kind.endswith(".done"):
                    begun.pop(key, None)
                    key = f"{key} {place}"
                begun[key] = (begun.get(key, (place, {}))[0], dict(item))
        elif kind in _PIECES:
            _add(begun, place, event)
    return [*found, *begun.values()]


def _key(event: Item, item: Item) -> str:
    """By what an item is known in the events of one answer."""
    known = event.get("output_index", event.get("item_id", item.get("id", item.get("call_id"))))
    return _UNKNOWN if known is None else str(known)


def _add(begun: dict[str, tuple[int, dict[str, Any]]], place: int, event: Item) -> None:
    kind, key, said_under = _PIECES[event["type"]]
    said = event.get(said_under)
    if not isinstance(said, str):
        return
    _, item = begun.setdefault(_key(event, {}), (place, {"type": kind}))
    if kind == "message":
        item.setdefault("role", "assistant")
        item["content"] = _with_text(item.get("content"), event, key, said)
        return
    item[key] = str(item.get(key) or "") + said if said_under == "delta" else said


def _with_text(content: object, event: Item, key: str, said: str) -> list[dict[str, Any]]:
    """The parts of a message with what an event says of one of them."""
    number = event.get("content_index")
    parts = {part.get("index"): part for part in content if isinstance(part, dict)} if isinstance(
        content, list) else {}  # fmt: skip
    part = parts.setdefault(number, {"type": _PART_TYPES[key], "index": number})
    goes_on = event["type"].endswith(".delta")
    part[key] = str(part.get(key) or "") + said if goes_on else said
    return list(parts.values())
