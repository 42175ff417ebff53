"""OpenAI Evals' data sets: lines with `input` messages and `ideal`, and the platform's `item`s."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.found import (
    Conversation,
    Format,
    Left,
    are_messages,
    dict_in,
    list_in,
    not_understood,
    one_by_one,
    text_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.importing.found import Found

_IDEALS = ("ideal", "expected", "reference_answer", "expected_output")


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the line is a sample with an ideal answer."""
    item = dict_in(document, "item") or document
    return isinstance(item, dict) and any(key in item for key in _IDEALS) and bool(_input(item))


def _input(item: Any) -> list[Any]:  # noqa: ANN401 - JSON data
    for key in ("input", "messages", "question", "prompt"):
        value = item.get(key)
        if are_messages(value):
            return list(value)
        if isinstance(value, str) and value:
            return [{"role": "user", "content": value}]
    return []


def read(place: str, document: Any) -> Iterator[Found]:  # noqa: ANN401 - JSON data
    """The sample: what should be said, or called."""
    item = dict_in(document, "item") or document
    messages = _input(item) if isinstance(item, dict) else []
    if not messages:
        yield not_understood(place, document, "a sample with input messages and an ideal answer")
        return
    expect: dict[str, Any] = {"actions": []}
    ideal = next((item[key] for key in _IDEALS if key in item), None)
    calls = list_in(item, "expected_tool_calls", "tool_calls")
    for call in calls:
        action = _action(call)
        if action is None:
            yield Left(place=place, what="an expected tool call", why="it names no tool")
        else:
            expect["actions"].append(action)
    texts = [ideal] if isinstance(ideal, str) else [t for t in ideal or () if isinstance(t, str)]
    texts = [text for text in texts if text] if isinstance(ideal, str | list) else []
    if texts:
        expect["reply"] = _reply(texts)
    elif not calls:
        yield Left(place=place, what="an ideal answer", why="it is no text, so nothing asks for it")
    last = [i for i, m in enumerate(messages) if isinstance(m, dict) and m.get("role") == "user"]
    yield Conversation(
        id=text_in(item, "id", "sample_id") or place.rsplit("/", 1)[-1].replace(": line ", "-"),
        place=place,
        messages=messages[: last[-1] + 1] if last else messages,
        asked=len(messages),
        tools=list_in(item, "tools"),
        expect=expect,
    )


def _reply(texts: list[str]) -> dict[str, Any]:
    """One text must be in the reply; of several, any."""
    if len(texts) == 1:
        return {"contains": texts}
    return {"matches": "|".join(re.escape(text) for text in texts)}


def _action(call: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON data
    from dialgate_evals.dialects.reading import as_data  # noqa: PLC0415 - only some samples have it

    function = dict_in(call, "function") or (call if isinstance(call, dict) else {})
    name, arguments = text_in(function, "name"), as_data(function.get("arguments"))
    if not name:
        return None
    return {"name": name, "arguments": arguments} if isinstance(arguments, dict) else {"name": name}


FORMAT = Format(
    name="openai-evals",
    title="OpenAI Evals data sets (JSON Lines)",
    recognises=recognises,
    read=one_by_one(read),
)
