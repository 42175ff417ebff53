"""ATIF, the trajectories that Harbor's agents write: steps of a system, a user and an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.importing.found import (
    Conversation,
    Format,
    Left,
    dict_in,
    list_in,
    not_understood,
    one_by_one,
    text_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.importing.found import Found

_ROLES = {"system": "system", "user": "user", "agent": "assistant"}


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the document is a trajectory with steps."""
    return text_in(document, "schema_version").startswith("ATIF") and "steps" in document


def read(place: str, document: Any) -> Iterator[Found]:  # noqa: ANN401 - JSON data
    """The conversation of one trajectory."""
    messages: list[Any] = []
    for step in list_in(document, "steps"):
        source = text_in(step, "source")
        if source not in _ROLES:
            yield Left(place=place, what=f'a step of the source "{source}"', why="nobody known")
            continue
        messages += _messages(step, _ROLES[source])
    if not messages:
        yield not_understood(place, document, "an ATIF trajectory with steps")
        return
    if "continued_trajectory_ref" in document:
        what = "a trajectory that goes on in another file"
        yield Left(place=place, what=what, why="only what stands here is read")
    yield Conversation(
        id=text_in(document, "session_id", "trajectory_id") or "trajectory",
        place=place,
        messages=messages,
        tools=list_in(dict_in(document, "agent"), "tool_definitions"),
    )


def _messages(step: dict[str, Any], role: str) -> list[Any]:
    said: dict[str, Any] = {"role": role, "content": step.get("message")}
    calls = [
        {"id": text_in(call, "tool_call_id"), "type": "function", "function": {
            "name": text_in(call, "function_name"), "arguments": call.get("arguments")}}
        for call in list_in(step, "tool_calls")
        if isinstance(call, dict)
    ]  # fmt: skip
    if calls:
        said["tool_calls"] = calls
    answers = [
        {
            "role": "tool",
            "tool_call_id": text_in(result, "source_call_id"),
            "content": result.get("content"),
        }
        for result in list_in(dict_in(step, "observation"), "results")
        if isinstance(result, dict) and text_in(result, "source_call_id")
    ]
    return [said, *answers]


FORMAT = Format(
    name="atif",
    title="ATIF trajectories (Harbor)",
    recognises=recognises,
    read=one_by_one(read),
)
