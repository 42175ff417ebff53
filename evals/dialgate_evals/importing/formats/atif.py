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
    """The conversation of a trajectory, and of each that a subagent made for it."""
    waiting = [document]
    while waiting:
        found = waiting.pop()
        yield from _trajectory(place, found)
        waiting += reversed(list_in(found, "subagent_trajectories"))


def _trajectory(place: str, document: Any) -> Iterator[Found]:  # noqa: ANN401 - JSON data
    messages: list[Any] = []
    for step in list_in(document, "steps"):
        source = text_in(step, "source")
        if source not in _ROLES:
            yield Left(place=place, what=f'a step of the source "{source}"', why="nobody known")
            continue
        messages += _messages(step, _ROLES[source])
        if _has_loose(step):
            why = "it names no call, and its step makes several or none"
            yield Left(place=place, what="a result of a step", why=why)
    if not messages:
        yield not_understood(place, document, "an ATIF trajectory with steps")
        return
    if "continued_trajectory_ref" in document:
        what = "a trajectory that goes on in another file"
        yield Left(place=place, what=what, why="only what stands here is read")
    yield Conversation(
        id=text_in(document, "trajectory_id", "session_id") or "trajectory",
        place=place,
        messages=messages,
        tools=list_in(dict_in(document, "agent"), "tool_definitions"),
    )


def _messages(step: dict[str, Any], role: str) -> list[Any]:
    said: dict[str, Any] = {"role": role, "content": step.get("message")}
    calls: list[dict[str, Any]] = [
        {"id": text_in(call, "tool_call_id"), "type": "function", "function": {
            "name": text_in(call, "function_name"), "arguments": call.get("arguments")}}
        for call in list_in(step, "tool_calls")
        if isinstance(call, dict)
    ]  # fmt: skip
    if calls:
        said["tool_calls"] = calls
    answers = [
        {"role": "tool", "tool_call_id": id_, "content": result.get("content")}
        for id_, result in _results(step, [call["id"] for call in calls])
        if id_
    ]
    return [said, *answers]


def _results(step: dict[str, Any], ids: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Each result with the call that it answers: in their order, where none names one."""
    results = [r for r in list_in(dict_in(step, "observation"), "results") if isinstance(r, dict)]
    named = [text_in(result, "source_call_id") for result in results]
    if not any(named) and len(ids) == len(results):
        named = ids
    return list(zip(named, results, strict=True))


def _has_loose(step: dict[str, Any]) -> bool:
    ids = [text_in(call, "tool_call_id") for call in list_in(step, "tool_calls")]
    return any(not id_ for id_, _ in _results(step, ids))


FORMAT = Format(
    name="atif",
    title="ATIF trajectories (Harbor)",
    recognises=recognises,
    read=one_by_one(read),
)
