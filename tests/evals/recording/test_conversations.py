"""Requests that each repeat the history become conversations, each once."""

from __future__ import annotations

from typing import Any

from dialgate_evals.recording.exchanges import Exchange
from tests.evals.recording.exchanged import calls, chat, completion, found_in, result, says, user

HELLO = [user("Refund O-1.")]
AFTER = [*HELLO, calls("refund"), result("refund")]


def test_requests_that_go_on_are_one_conversation() -> None:
    found, left = found_in(chat(HELLO, calls("refund")), chat(AFTER, says("Done."), 1))
    assert (found, left) == ([[*AFTER, says("Done.")]], [])


def test_conversations_that_begin_alike_and_pass_at_once_stay_apart() -> None:
    other = [*HELLO, calls("look"), result("look")]
    found, left = found_in(
        chat(HELLO, calls("refund")),
        chat(HELLO, calls("look"), 1),
        chat(AFTER, says("Done."), 2),
        chat(other, says("No."), 3),
    )
    assert (found, left) == ([[*AFTER, says("Done.")], [*other, says("No.")]], [])


def test_an_answer_that_nothing_goes_on_from_is_kept_beside_the_one_that_was_taken() -> None:
    found, _ = found_in(
        chat(HELLO, calls("look")), chat(HELLO, calls("refund"), 1), chat(AFTER, says("Ok"), 2)
    )
    assert found == [[*HELLO, calls("look")], [*AFTER, says("Ok")]]


def test_marks_of_caching_and_lists_of_one_text_do_not_part_a_conversation() -> None:
    marked: list[Any] = [
        {"role": "user", "content": [{"type": "text", "text": "Refund O-1.",
                                      "cache_control": {"type": "ephemeral"}}]},
        *AFTER[1:],
    ]  # fmt: skip
    found, left = found_in(chat(HELLO, calls("refund")), chat(marked, says("Done."), 1))
    assert (found, left) == ([[*marked, says("Done.")]], [])


def test_a_client_that_writes_arguments_anew_or_leaves_a_call_out_goes_on() -> None:
    def call(id_: str, arguments: str) -> dict[str, Any]:
        function = {"name": "refund", "arguments": arguments}
        return {"id": id_, "type": "function", "function": function}

    def made(*asked: dict[str, Any]) -> dict[str, Any]:
        return {"role": "assistant", "content": None, "tool_calls": list(asked)}

    answered = made(call("a", '{"id": "O-1"}'), call("b", "{}"))
    for again in (
        made(call("x", '{"id":"O-1"}'), call("y", "{ }")),
        made(call("a", '{"id": "O-1"}')),
    ):
        after = [*HELLO, again, {"role": "tool", "tool_call_id": "a", "content": "ok"}]
        found, _ = found_in(chat(HELLO, answered), chat(after, says("Done."), 1))
        assert found == [[*after, says("Done.")]]


def test_a_request_that_was_asked_again_after_an_error_is_one_conversation() -> None:
    failed = chat(HELLO, None, status=529, error="HTTP 529")
    again = chat(HELLO, calls("refund"), 1)
    assert found_in(failed, again) == ([[*HELLO, calls("refund")]], [])
    found, left = found_in(failed, again, chat(AFTER, says("Ok"), 2))
    assert (found, left) == ([[*AFTER, says("Ok")]], [])


def test_what_broke_off_gives_the_turns_before_it_and_says_so() -> None:
    turn = [*AFTER, says("Done.")]
    found, left = found_in(
        chat(HELLO, calls("refund")),
        chat(AFTER, says("Done."), 1),
        chat([*turn, user("And O-2?")], None, 2),
    )
    assert found == [turn]
    assert left == ["nothing shows what the agent would have done: the client went away"]


def test_an_answer_to_a_call_that_broke_off_is_no_conversation() -> None:
    found, left = found_in(chat(HELLO, calls("refund")), chat(AFTER, None, 1))
    assert found == []
    assert len(left) == 1


def test_a_conversation_without_tools_and_calls_could_do_nothing() -> None:
    found, left = found_in(chat(HELLO, says("A title"), body={"tools": []}))
    assert found == []
    assert left == ["no tool was offered in it and none was called: it could do nothing"]


def responses(at: float, id_: str, asked: Any, output: list[Any], **more: Any) -> Exchange:
    return Exchange(
        api="openai-responses", path="/v1/responses", at=at, status=200, place=f"line {at:g}",
        body={"model": "m", "input": asked, **more},
        answer={"id": id_, "status": "completed", "output": output},
    )  # fmt: skip


CALL = {"type": "function_call", "call_id": "c1", "name": "refund", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "ok"}
SAID = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Ok"}]}


def test_what_stands_at_the_provider_is_known_from_the_earlier_answer() -> None:
    found, left = found_in(
        responses(0, "r1", "Refund O-1.", [CALL]),
        responses(1, "r2", [OUTPUT], [SAID], previous_response_id="r1"),
    )
    assert (found, left) == ([[user("Refund O-1."), CALL, OUTPUT, SAID]], [])


def test_a_conversation_that_the_provider_keeps_is_put_together_in_order() -> None:
    kept = {"conversation": {"id": "conv_1"}}
    found, left = found_in(
        responses(1, "r2", [OUTPUT], [SAID], **kept),
        responses(0, "r1", "Refund O-1.", [CALL], **kept),
    )
    assert (found, left) == ([[user("Refund O-1."), CALL, OUTPUT, SAID]], [])


def test_an_earlier_answer_that_was_not_recorded_is_told() -> None:
    found, left = found_in(responses(0, "r2", [OUTPUT], [SAID], previous_response_id="r1"))
    assert found == []
    assert "r1" in left[0]


def test_instructions_and_system_prompts_stand_in_front() -> None:
    message = {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "refund",
                                                 "input": {}}]}  # fmt: skip
    anthropic = Exchange(
        api="anthropic", path="/v1/messages", at=0, status=200, answer=message,
        body={"system": [{"type": "text", "text": "A desk."}], "messages": HELLO},
    )  # fmt: skip
    found, _ = found_in(anthropic, responses(1, "r", "Hi", [CALL], instructions="A shop."))
    assert [messages[0] for messages in found] == [
        {"role": "system", "content": "A desk."},
        {"role": "system", "content": "A shop."},
    ]


def test_an_error_is_no_answer_whatever_it_holds() -> None:
    found, _ = found_in(chat(HELLO, calls("refund"), status=400, error="HTTP 400"))
    assert found == []
    assert completion(calls("refund"))["choices"]
