"""DeepEval's data sets: goldens and test cases with `input` and `expected_tools`."""

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

_KEYS = frozenset({"expected_tools", "expectedTools", "expected_output", "expectedOutput",
                   "actual_output", "actualOutput"})  # fmt: skip


def recognises(document: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the document is a golden or a test case, or holds such."""
    if not isinstance(document, dict):
        return False
    if list_in(document, "goldens", "test_cases", "testCases"):
        return True
    if list_in(document, "turns") and isinstance(document.get("scenario"), str):
        return True
    return isinstance(document.get("input"), str) and bool(_KEYS & document.keys())


def read(place: str, document: Any) -> Iterator[Found]:  # noqa: ANN401 - JSON data
    """Every golden that says which tools are expected."""
    goldens = list_in(document, "goldens", "test_cases", "testCases") or [document]
    for number, golden in enumerate(goldens, 1):
        where = place if len(goldens) == 1 else f"{place} {number}"
        if list_in(golden, "turns"):
            yield from _conversation(where, golden, number)
            continue
        asked = text_in(golden, "input")
        if not asked:
            yield not_understood(where, golden, "a golden with an input")
            continue
        if text_in(golden, "expected_output", "expectedOutput"):
            yield Left(
                place=where, what="an expected output", why="a metric with a model judges it"
            )
        expected = golden.get("expected_tools", golden.get("expectedTools"))
        if not isinstance(expected, list):
            why = "it doesn't say which tools are expected, so nothing could fail"
            yield Left(place=where, what="a golden", why=why)
            continue
        done = list_in(golden, "tools_called", "toolsCalled")
        yield Conversation(
            id=text_in(golden, "name", "id") or f"golden-{number}",
            place=where,
            messages=[{"role": "user", "content": asked}, *_called("", done)],
            asked=1,
            expect={"actions": [_action(tool) for tool in expected if text_in(tool, "name")]},
        )


def _conversation(place: str, golden: dict[str, Any], number: int) -> Iterator[Found]:
    """The turns of a conversational golden, with the tools that each called."""
    if text_in(golden, "expected_outcome", "expectedOutcome"):
        yield Left(place=place, what="an expected outcome", why="a metric with a model judges it")
    messages: list[Any] = []
    for turn in list_in(golden, "turns"):
        if text_in(turn, "role") == "user":
            messages.append({"role": "user", "content": text_in(turn, "content")})
        else:
            called = [*list_in(turn, "tools_called", "toolsCalled"),
                      *list_in(turn, "mcp_tools_called", "mcpToolsCalled")]  # fmt: skip
            messages += _called(text_in(turn, "content"), called, len(messages))
    name = text_in(golden, "name", "id") or f"conversation-{number}"
    yield Conversation(id=name, place=place, messages=messages)


def _called(said: str, tools: list[Any], first: int = 0) -> list[Any]:
    """The agent's message with its calls, and the answers that the data set holds."""
    calls, answers = [], []
    for number, tool in enumerate(tools):
        id_ = f"call-{first}-{number}"
        arguments = (
            tool.get("input_parameters", tool.get("inputParameters", tool.get("args")))
            if isinstance(tool, dict)
            else None
        )
        function = {"name": text_in(tool, "name"), "arguments": arguments}
        calls.append({"id": id_, "type": "function", "function": function})
        output = tool.get("output", tool.get("result")) if isinstance(tool, dict) else None
        if output is not None:
            answers.append({"role": "tool", "tool_call_id": id_, "content": output})
    if not calls:
        return [{"role": "assistant", "content": said}] if said else []
    return [{"role": "assistant", "content": None, "tool_calls": calls}, *answers] + (
        [{"role": "assistant", "content": said}] if said else []
    )


def _action(tool: dict[str, Any]) -> dict[str, Any]:
    arguments = dict_in(tool, "input_parameters", "inputParameters")
    name = text_in(tool, "name")
    return {"name": name, "arguments": arguments} if arguments else {"name": name}


FORMAT = Format(
    name="deepeval",
    title="DeepEval data sets (goldens, test cases)",
    recognises=recognises,
    read=one_by_one(read),
)
