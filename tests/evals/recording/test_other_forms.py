"""A framework that tells calls back as text, as smolagents does, is read as one that calls."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evals.recording.exchanged import calls, chat, found_in, result, says, user

TASK = [user("Refund O-1.")]


def told(*named: str, observed: str = "Observation:\nok") -> list[dict[str, Any]]:
    """The calls and what they gave, as the client writes both to the model."""
    written = [
        {"id": f"call_{name}", "function": {"name": name, "arguments": {}}} for name in named
    ]
    return [
        {"role": "assistant", "content": [{"type": "text", "text": f"Calling tools:\n{written}"}]},
        {"role": "user", "content": [{"type": "text", "text": observed}]},
    ]


def test_a_run_of_several_steps_is_one_conversation_with_its_calls_and_answers() -> None:
    second = [*TASK, *told("look")]
    third = [*second, *told("refund", observed="Observation:\npaid")]
    found, left = found_in(
        chat(TASK, calls("look")), chat(second, calls("refund"), 1), chat(third, says("Done."), 2)
    )
    paid = {**result("refund"), "content": "paid"}
    whole = [*TASK, calls("look"), result("look"), calls("refund"), paid, says("Done.")]
    assert (found, left) == ([whole], [])


def test_a_user_who_follows_a_text_that_names_no_call_stays_a_user() -> None:
    history = [*TASK, says("I would call look."), user("Then do.")]
    found, _ = found_in(chat(TASK, calls("look")), chat(history, says("Done."), 1))
    assert found == [[*TASK, calls("look")], [*history, says("Done.")]]


def test_one_text_for_two_calls_answers_none_but_the_last() -> None:
    history = [*TASK, *told("look", "refund")]
    found, _ = found_in(chat(TASK, calls("look", "refund")), chat(history, says("Done."), 1))
    assert found == [[*TASK, calls("look", "refund"), result("refund"), says("Done.")]]


def test_an_answer_to_another_history_is_not_taken_for_this_one() -> None:
    history = [user("Refund O-2."), *told("look")]
    found, _ = found_in(chat(TASK, calls("look")), chat(history, says("Done."), 1))
    assert [*history, says("Done.")] in found


def reply(name: str, arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    made = [{"id": "call_end", "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": made}


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (reply("final_answer", '{"answer": "Done."}'), "Done."),
        (reply("final_answer", '{"answer": {"paid": 20}}'), '{"answer":{"paid":20}}'),
        (reply("final_result", '{"answer": "Done."}'), '{"answer":"Done."}'),
        (reply("final_answer", "no JSON"), '"no JSON"'),
    ],
)
def test_a_call_that_only_gives_the_reply_is_the_reply(answer: dict[str, Any], text: str) -> None:
    assert found_in(chat(TASK, answer)) == ([[*TASK, says(text)]], [])


def test_a_reply_beside_another_call_stays_a_call() -> None:
    both = reply("final_answer", "{}")
    both["tool_calls"] += calls("refund")["tool_calls"]
    assert found_in(chat(TASK, both)) == ([[*TASK, both]], [])
