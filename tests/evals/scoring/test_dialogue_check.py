"""Acted before it asked, asked too often: what a case may expect of the conversation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from tests.evals.builders import call, score

ASKED = {"role": "assistant", "content": "I pay 1. Shall I go ahead?"}
YES = {"role": "user", "content": "Yes, please."}
NO = {"role": "user", "content": "No."}
DONE = {"role": "assistant", "content": "It is done."}
EARLY = ("pay was called before the user agreed to it",)


def pay(number: int = 0) -> list[dict[str, Any]]:
    function = {"name": "pay", "arguments": json.dumps({"n": 1})}
    made = {"id": f"c{number}", "type": "function", "function": function}
    return [
        {"role": "assistant", "content": None, "tool_calls": [made]},
        {"role": "tool", "tool_call_id": f"c{number}", "content": "{}"},
    ]


def scored(*messages: dict[str, Any], **expect: Any) -> TrialScore:
    begun = {"role": "user", "content": "Go."}
    trial = {"case_id": "c", "trial": 0, "messages": [begun, *messages]}
    return score([], [call("pay")], trial=trial, **expect)


@pytest.mark.parametrize("named", ["pay", "small"], ids=["the tool", "its class"])
def test_what_follows_a_yes_is_confirmed(named: str) -> None:
    found = scored(ASKED, YES, *pay(), DONE, confirm_before=[named])
    assert found.status is TrialStatus.PASSED


@pytest.mark.parametrize(
    "messages",
    [
        [*pay(), DONE],
        [ASKED, NO, *pay(), DONE],
        [*pay(), ASKED, YES, DONE],
        [ASKED, *pay(), YES, DONE],
        [ASKED, {"role": "user", "content": "What for?"}, *pay(), DONE],
        [DONE, YES, *pay(), DONE],
        [ASKED, YES, ASKED, NO, *pay(), DONE],
    ],
    ids=[
        "never asked", "refused", "asked afterwards", "didn't wait", "asked back",
        "a yes to nothing", "taken back",
    ],
)  # fmt: skip
def test_what_was_done_without_a_yes_fails_though_it_is_the_right_action(
    messages: list[dict[str, Any]],
) -> None:
    found = scored(*messages, confirm_before=["pay"])
    assert found.status is TrialStatus.FAILED
    assert found.reply_failures == EARLY


def test_other_tools_need_no_yes() -> None:
    assert scored(*pay(), DONE, confirm_before=["mail"]).status is TrialStatus.PASSED


def test_only_so_many_questions_may_be_asked() -> None:
    messages = [ASKED, YES, *pay(), ASKED, YES, DONE]
    assert scored(*messages, max_questions=2).status is TrialStatus.PASSED
    found = scored(*messages, max_questions=1)
    assert found.status is TrialStatus.FAILED
    assert found.reply_failures == ("the user had to answer 2 questions, at most 1 expected",)


def test_a_conversation_that_left_the_script_is_neither_passed_nor_failed_and_says_why() -> None:
    trial = {
        "case_id": "c", "trial": 0, "messages": [{"role": "user", "content": "Go."}, ASKED],
        "failure": "left_script", "labels": {"left_script": "no rule of the user answers: Why?"},
    }  # fmt: skip
    found = score([], [call("pay")], trial=trial)
    assert found.status is TrialStatus.ERRORED
    assert found.error == "left_script: no rule of the user answers: Why?"
