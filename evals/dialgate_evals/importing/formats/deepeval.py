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
    return isinstance(document.get("input"), str) and bool(_KEYS & document.keys())


def read(place: str, document: Any) -> Iterator[Found]:  # noqa: ANN401 - JSON data
    """Every golden that says which tools are expected."""
    goldens = list_in(document, "goldens", "test_cases", "testCases") or [document]
    for number, golden in enumerate(goldens, 1):
        where = place if len(goldens) == 1 else f"{place} {number}"
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
        yield Conversation(
            id=text_in(golden, "name", "id") or f"golden-{number}",
            place=where,
            messages=[{"role": "user", "content": asked}],
            asked=1,
            expect={"actions": [_action(tool) for tool in expected if text_in(tool, "name")]},
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
