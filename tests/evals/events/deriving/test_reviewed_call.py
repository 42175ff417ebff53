"""A case's context ends before the call that was reviewed, in whatever way it was logged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialgate_evals.events.deriving.claims import Fate
from tests.evals.builders import call
from tests.evals.events.deriving.derivations import ONE, TWO, an_event, derived

USER = {"role": "user", "content": "Please pay."}


def asks(made: dict[str, Any], id_: str = "c") -> dict[str, Any]:
    function = {"name": made["name"], "arguments": json.dumps(made["arguments"], indent=1)}
    calls = [{"id": id_, "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def answer(text: str, id_: str = "c", **more: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id_, "content": text, **more}


def edited(*messages: dict[str, Any], decision: str = "edited", **more: Any) -> dict[str, Any]:
    corrected = {"corrected": TWO} if decision == "edited" else {}
    return an_event(1, decision, messages=list(messages), **corrected, **more)


def context_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    found = derived([event])
    (document,) = found.added
    messages: list[dict[str, Any]] = document["messages"]
    return messages


@pytest.mark.parametrize(
    "text",
    [
        "Awaiting human approval",
        "User rejected the tool call. Use 2.",
        "pending",
        "Denied.",
        "",
        "null",
        "The user doesn't want to proceed with this tool use.",
        '{"status": "interrupted"}',
    ],
)
def test_it_is_cut_before_a_call_that_the_reviewer_answered(text: str) -> None:
    assert context_of(edited(USER, asks(ONE), answer(text))) == [USER]


def test_what_follows_the_reviewed_call_goes_too() -> None:
    told = {"role": "user", "content": "Use 2."}
    last = {"role": "assistant", "content": "I will."}
    assert context_of(edited(USER, asks(ONE), answer("rejected"), told, last)) == [USER]


def test_calls_before_it_stay() -> None:
    read = [asks(call("look", 1), "r"), answer("a row", "r")]
    assert context_of(edited(USER, *read, asks(ONE), answer("rejected"))) == [USER, *read]


def test_an_edit_that_the_framework_wrote_over_the_call_gives_nothing_away() -> None:
    assert context_of(edited(USER, asks(TWO), answer("paid"))) == [USER]


def test_a_call_without_an_answer_is_cut_wherever_it_stands() -> None:
    both = {**asks(ONE), "tool_calls": asks(call("look", 1), "r")["tool_calls"]}
    both["tool_calls"] += asks(ONE)["tool_calls"]
    assert context_of(edited(USER, both, answer("a row", "r"))) == [USER]


def test_other_dialects_are_read_too() -> None:
    use = {"type": "tool_use", "id": "c", "name": ONE["name"], "input": ONE["arguments"]}
    result = {"type": "tool_result", "tool_use_id": "c", "content": "Rejected by a human."}
    messages = [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    assert context_of(edited(USER, *messages)) == [USER]


def test_messages_without_roles_become_chat_messages() -> None:
    assert context_of(edited({"type": "human", "content": "Please pay."})) == [USER]


def test_an_overridden_call_was_carried_out_and_is_cut() -> None:
    event = edited(USER, asks(ONE), answer("paid"), decision="overridden", mode="on_the_loop")
    assert context_of(event) == [USER]


def test_a_call_like_it_before_the_last_request_is_history() -> None:
    again = {"role": "user", "content": "Once more, please."}
    done = [USER, asks(ONE), answer("paid"), again]
    assert context_of(edited(*done, decision="rejected")) == done


@pytest.mark.parametrize("decision", ["edited", "rejected", "taken_over"])
def test_a_call_like_it_that_was_answered_may_be_either_and_makes_no_case(decision: str) -> None:
    found = derived([edited(USER, asks(ONE), answer("paid"), decision=decision)])
    (fate,) = found.fates
    assert fate.fate is Fate.UNUSABLE
    assert "nothing says whether that is the reviewed call" in fate.reason
    assert not found.added


def test_what_was_said_beside_the_reviewed_call_goes_with_it_in_every_dialect() -> None:
    use = {"type": "tool_use", "id": "c", "name": ONE["name"], "input": ONE["arguments"]}
    said = {"type": "text", "text": "I pay one."}
    turn = {"role": "assistant", "content": [said, use]}
    result = {"type": "tool_result", "tool_use_id": "c", "content": "rejected", "is_error": True}
    assert context_of(edited(USER, turn, {"role": "user", "content": [result]})) == [USER]


def test_a_proposal_that_stands_there_as_text_makes_no_case() -> None:
    text = f"<tool_call>{json.dumps(ONE)}</tool_call>"
    told = {"role": "user", "content": "Reviewer: use 2."}
    found = derived([edited(USER, {"role": "assistant", "content": text}, told)])
    assert found.added == []
    assert [item.fate for item in found.fates] == [Fate.UNUSABLE]
