"""What of a case's context can be left out."""

from __future__ import annotations

from typing import Any

from dialgate_evals.fuzzing.findings.pieces import pieces_of, with_pieces
from dialgate_evals.suite.case import Case, parse_case


def a_case() -> Case:
    call = {"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "{}"},
        {"role": "user", "content": "Pay it."},
    ]
    recordings = [
        {"name": "look", "result": 1},
        {"name": "pay", "fault": "timeout", "times": 1, "result": 2},
        {"name": "pay", "fault": "error"},
    ]
    return parse_case(
        {
            "schema": 1, "id": "c", "origin": "golden", "messages": messages,
            "recordings": recordings, "expect": {"actions": []},
        }
    )  # fmt: skip


def test_a_call_goes_with_its_answers_and_the_last_request_stays() -> None:
    parts = [(piece.part, piece.places) for piece in pieces_of(a_case())]
    assert parts == [
        ("messages", (0,)), ("messages", (1, 2)), ("recordings", (0,)), ("recordings", (1,)),
        ("faults", (1,)), ("recordings", (2,)),
    ]  # fmt: skip
    least = with_pieces(a_case(), ())
    assert [message["content"] for message in least.messages] == ["Pay it."]
    assert least.recordings == ()


def test_all_pieces_are_the_case_and_a_fault_goes_alone() -> None:
    case = a_case()
    pieces = pieces_of(case)
    assert with_pieces(case, pieces).document == case.document
    mended = with_pieces(case, [piece for piece in pieces if piece.part != "faults"])
    assert mended.document["recordings"][1] == {"name": "pay", "result": 2}
