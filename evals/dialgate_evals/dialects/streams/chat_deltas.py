"""Deltas of OpenAI's chat completions, and of all who write like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Item = Mapping[str, Any]


def delta_of(item: Item) -> Mapping[str, Any] | None:
    """The delta of a chunk, in its envelope or alone; None where the item is none."""
    choices = item.get("choices")
    if isinstance(choices, list) and "role" not in item:
        first = choices[0] if choices else {}
        if not isinstance(first, dict) or "message" in first:
            return None  # some clients put a stream together and leave its name
        delta = first.get("delta")
        if isinstance(delta, dict):
            return {**delta, "finish_reason": first.get("finish_reason")}
        return {} if item.get("object") == "chat.completion.chunk" else None
    if isinstance(item.get("delta"), dict) and "type" not in item:
        return {**item["delta"], "finish_reason": item.get("finish_reason")}
    calls = item.get("tool_calls")
    if isinstance(calls, list) and any(_is_piece(call) for call in calls):
        return item
    is_bare = "role" not in item and item.keys() <= {"content", "finish_reason", "refusal", "id"}
    return item if is_bare and "content" in item else None


def _is_piece(call: object) -> bool:
    """Whether an entry of `tool_calls` only goes on with an earlier one."""
    if not isinstance(call, dict) or not isinstance(call.get("index"), int):
        return False
    function = call.get("function")
    return isinstance(function, dict)


def join_chat(items: Sequence[Item]) -> list[tuple[int, Item]]:
    """The messages, each with the place of its first piece.

    Answers beside the first one come in the envelope that a completion has for them.
    """
    by_answer: dict[int, list[tuple[int, Mapping[str, Any]]]] = {}
    for place, item in enumerate(items):
        for answer, delta in _numbered(item):
            by_answer.setdefault(answer, []).append((place, delta))
    found: list[tuple[int, Item]] = [*_messages(by_answer.pop(0, ()))]
    empty = {"message": {"role": "assistant", "content": None}}
    for answer in sorted(by_answer):
        for place, made in _messages(by_answer[answer]):
            found.append((place, {"choices": [empty, {"message": made}]}))
    return sorted(found, key=lambda pair: pair[0])


def _numbered(item: Item) -> list[tuple[int, Mapping[str, Any]]]:
    """The deltas of a chunk, each with the number of the answer that it is a piece of."""
    choices = item.get("choices")
    several = choices if isinstance(choices, list) and "role" not in item else []
    found = []
    for choice in several:
        number = choice.get("index") if isinstance(choice, dict) else None
        delta = delta_of({"choices": [choice]})
        if delta is not None:
            found.append((number if isinstance(number, int) else 0, delta))
    return found or [(0, delta_of(item) or {})]


def _messages(deltas: Iterable[tuple[int, Mapping[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    found: list[tuple[int, dict[str, Any]]] = []
    is_closed = True
    for place, delta in deltas:
        if is_closed or (delta.get("role") and found and _has_begun(found[-1][1])):
            found.append((place, {"role": "assistant", "content": None}))
            is_closed = False
        add_delta(found[-1][1], delta)
        is_closed = bool(delta.get("finish_reason"))
    return [(place, made) for place, made in found if _has_begun(made)]


def _has_begun(message: Mapping[str, Any]) -> bool:
    return message["content"] is not None or len(message) > 2


def add_delta(message: dict[str, Any], delta: Mapping[str, Any]) -> None:
    """Goes on with a message: texts with texts, calls with the calls that they belong to."""
    for key, value in delta.items():
        if value is None or key == "role":
            continue
        if key == "tool_calls" and isinstance(value, list):
            for piece in value:
                add_piece(message.setdefault("tool_calls", []), piece)
        elif key == "function_call" and isinstance(value, dict):
            append(message.setdefault("function_call", {}), value, ("name", "arguments"))
        elif isinstance(value, str) and isinstance(message.get(key), str | None):
            message[key] = (message.get(key) or "") + value
        else:
            message[key] = value


def add_piece(calls: list[Any], piece: Any) -> None:  # noqa: ANN401 - hostile input
    """Goes on with the call that a piece belongs to, or begins one."""
    if not isinstance(piece, dict):
        calls.append(piece)
        return
    function = piece.get("function")
    inner = function if isinstance(function, dict) else {}
    # A name with an id begins a call, whatever its index: some servers number each one 0.
    begins = bool(piece.get("id") and inner.get("name"))
    known = next((c for c in reversed(calls) if _goes_on(c, piece)), None)
    if known is None or (begins and known.get("id") != piece["id"]):
        calls.append({**piece, "function": dict(inner)})
        return
    known["id"] = known.get("id") or piece.get("id")
    if inner.get("name") == known["function"].get("name"):
        # Some servers say the whole name with every piece.
        inner = {key: value for key, value in inner.items() if key != "name"}
    append(known["function"], inner, ("name", "arguments"))


def _goes_on(call: object, piece: Mapping[str, Any]) -> bool:
    if not isinstance(call, dict) or not isinstance(call.get("function"), dict):
        return False
    return bool(call.get("index") == piece.get("index"))


def append(target: dict[str, Any], piece: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Goes on with the texts under these keys; what is no text takes the place."""
    for key in keys:
        value = piece.get(key)
        if isinstance(value, str) and isinstance(target.get(key), str | None):
            target[key] = (target.get(key) or "") + value
        elif value is not None:
            target[key] = value
