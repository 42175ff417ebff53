"""Answers streamed and whole are the same answer, in each provider's API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialgate_evals.recording.apis.registry import APIS
from dialgate_evals.recording.event_stream import Event

CHAT: dict[str, Any] = {
    "id": "c1", "object": "chat.completion", "created": 7, "model": "m", "system_fingerprint": "f",
    "choices": [
        {"index": 0, "finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": "Wait.", "reasoning_content": "Hm.", "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                {"id": "b", "type": "function", "function": {"name": "g", "arguments": '{"x": 1}'}},
            ]}},
        {"index": 1, "finish_reason": "stop",
         "message": {"role": "assistant", "content": "Another."}},
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
}  # fmt: skip
MESSAGE: dict[str, Any] = {
    "id": "m1", "type": "message", "role": "assistant", "model": "m",
    "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": "s1"},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "text", "text": "Wait.", "citations": [{"type": "char_location", "start": 1}]},
        {"type": "tool_use", "id": "t1", "name": "f", "input": {}},
        {"type": "tool_use", "id": "t2", "name": "g", "input": {"x": [1, "ä"]}},
    ],
    "stop_reason": "tool_use", "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 9},
}  # fmt: skip
RESPONSE: dict[str, Any] = {
    "id": "r1", "object": "response", "status": "completed", "model": "m",
    "output": [
        {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "zzz"},
        {"type": "function_call", "id": "f1", "call_id": "c1", "name": "f", "arguments": "{}",
         "status": "completed"},
        {"type": "message", "id": "m1", "role": "assistant", "status": "completed", "content": [
            {"type": "output_text", "text": "Done.", "annotations": [], "logprobs": []},
            {"type": "refusal", "refusal": "No."}]},
    ],
    "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
}  # fmt: skip
ANSWERS = {"openai-chat": CHAT, "anthropic": MESSAGE, "openai-responses": RESPONSE}
BODY = {"stream_options": {"include_usage": True}}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_taken_apart_and_put_together_is_the_same(name: str) -> None:
    api = APIS[name]
    events = api.take_apart(ANSWERS[name], BODY)
    assert api.put_together(events) == ANSWERS[name]
    assert [event for event in events if api.is_last(event)] == [events[-1]]


@pytest.mark.parametrize("name", ANSWERS)
def test_a_stream_that_breaks_off_is_no_answer(name: str) -> None:
    api = APIS[name]
    events = list(api.take_apart(ANSWERS[name], BODY))
    for end in range(len(events)):
        assert api.put_together(events[:end]) is None


@pytest.mark.parametrize("name", ANSWERS)
def test_a_stream_of_anything_else_is_no_answer(name: str) -> None:
    odd = ["", "null", "[]", "7", '"x"', '{"type": 1}', '{"choices": [null, {}]}', "{", '{"a": {}}']
    odd += ['{"type": "message_delta", "delta": 1}', '{"choices": {"0": 1}}', "\ud800"]
    assert APIS[name].put_together([Event(data=text) for text in odd]) is None


def chunks(*deltas: dict[str, Any], reason: str = "stop") -> list[Event]:
    made = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    made.append({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    return [*(Event(data=json.dumps(chunk)) for chunk in made), Event(data="[DONE]")]


def test_arguments_in_pieces_and_parallel_calls_are_put_together() -> None:
    def piece(index: int, text: str, **more: Any) -> dict[str, Any]:
        function = {"arguments": text, **({"name": more.pop("name")} if "name" in more else {})}
        return {"tool_calls": [{"index": index, "function": function, **more}]}

    events = chunks(
        {"role": "assistant", "content": None},
        piece(0, "", id="a", type="function", name="f"), piece(1, "", id="b", name="g"),
        piece(0, '{"x"'), piece(1, "{"), piece(0, ": 1}"), piece(1, "}"),
        reason="tool_calls",
    )  # fmt: skip
    answer = APIS["openai-chat"].put_together(events)
    assert answer is not None
    found = answer["choices"][0]["message"]["tool_calls"]
    assert [(c["id"], c["function"]) for c in found] == [
        ("a", {"name": "f", "arguments": '{"x": 1}'}), ("b", {"name": "g", "arguments": "{}"}),
    ]  # fmt: skip


def test_an_error_in_the_middle_of_a_stream_is_no_answer() -> None:
    events = chunks({"content": "x"})
    events.insert(1, Event(data='{"error": {"message": "overloaded"}}'))
    assert APIS["openai-chat"].put_together(events) is None


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_says_what_the_next_request_repeats(name: str) -> None:
    said = APIS[name].said(ANSWERS[name])
    assert said
    assert APIS[name].said({"choices": [1], "output": 1, "content": None}) == []
