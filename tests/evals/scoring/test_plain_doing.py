"""What is read at once is what the readers of all dialects say of the same messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.own_part import Context, own_steps
from dialgate_evals.dialects.texts.text_calls import text_call_pattern
from dialgate_evals.scoring.own_doing import OwnDoing, own_doing
from dialgate_evals.scoring.plain_doing import is_plain_context, plain_doing

PATTERN = text_call_pattern(["pay", "look"])
TEXTS = st.sampled_from(
    ["", " ", "Done.", "pay(n=1)", "Action: pay", "\n", "An error", '{"name": "pay"}', "é\ud800"]
)
ARGUMENTS = st.sampled_from(
    ["", " ", "{}", '{"n": 1}', '{"n": 1, "n": 2}', "null", "[1]", '"x"', "{", '{"n": 1e999}', None]
) | st.dictionaries(st.just("n"), st.integers(0, 1))
ANSWERS = st.sampled_from(
    [
        "", "ok", '{"isError": true, "content": []}', '{"isError": true}', None, [], ["ok"],
        "Error: x is not a valid tool, try one of [pay].", {"status": "ok"},
        "An error occurred while running the tool. Please try again.",
        [{"type": "tool_result", "tool_use_id": "a", "content": "ok"}],
    ]
)  # fmt: skip
MARKS = st.sampled_from(
    [
        {}, {"error": True}, {"error": False}, {"error": "no"}, {"unmatched": True},
        {"fault": "timeout", "error": True}, {"fault": "slow"}, {"name": "pay"},
        {"status": "error"},
        {"at_ms": 1.5, "error": "false"}, {"is_error": True}, {"tool_calls": []},
    ]
)  # fmt: skip
IDS = st.sampled_from(["a", "b", "c", "", 7, None])


def a_call(call_id: Any, name: Any, arguments: Any, more: dict[str, Any]) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function, **more}


CALLS = st.builds(
    a_call, IDS, st.sampled_from(["pay", "look", "", None]), ARGUMENTS,
    st.sampled_from([{}, {}, {}, {"index": 0}, {"result": "ok"}, {"error": True}]),
)  # fmt: skip
PLAIN_CALL = st.builds(
    a_call, st.sampled_from(["a", "b", "c"]), st.just("pay"), ARGUMENTS, st.just({})
)


def exchange(call: dict[str, Any], content: Any, marks: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": content, **marks},
    ]


PLAIN_ANSWERS = ANSWERS.filter(lambda content: isinstance(content, str))
EXCHANGES = st.builds(exchange, PLAIN_CALL | CALLS, PLAIN_ANSWERS | ANSWERS, MARKS)
LOOSE = st.one_of(
    st.builds(
        lambda content, calls, more: {"role": "assistant", "content": content, **calls, **more},
        TEXTS | st.none(),
        st.sampled_from([{}]) | st.builds(lambda c: {"tool_calls": c}, st.lists(CALLS, max_size=2)),
        st.sampled_from([{}, {}, {"refusal": "no"}, {"finish_reason": "length"}, {"x": {"n": 1}}]),
    ),
    st.builds(lambda i, c: {"role": "tool", "tool_call_id": i, "content": c}, IDS, ANSWERS),
    st.builds(
        lambda role, text: {"role": role, "content": text},
        st.sampled_from(["user", "system", "assistant", "ai", "Assistant", None]), TEXTS,
    ),
)  # fmt: skip
MESSAGES = st.builds(
    lambda parts, last: [message for part in parts for message in part] + last,
    st.lists(EXCHANGES | LOOSE.map(lambda message: [message]), max_size=4),
    st.lists(TEXTS.map(lambda text: {"role": "assistant", "content": text}), max_size=1),
)
CONTEXTS = st.lists(
    st.builds(
        lambda role, text: {"role": role, "content": text},
        st.sampled_from(["system", "user", "user", "assistant", "developer"]),
        st.sampled_from(["Go.", "Pay A-1.", "", " ", None]),
    ),
    max_size=3,
)


def by_all_readers(messages: list[Any], context: list[Any]) -> OwnDoing:
    reading = read_messages(messages)
    return own_doing(reading, own_steps(reading, Context(read_messages(context))), PATTERN)


@given(CONTEXTS, MESSAGES, st.booleans())
def test_it_says_what_all_readers_say_or_nothing(
    context: list[Any], did: list[Any], begins: bool
) -> None:
    messages = [*context, *did] if begins else did
    found = plain_doing(messages, context, PATTERN) if is_plain_context(context) else None
    assert found is None or found == by_all_readers(messages, context)


@given(st.lists(st.tuples(ARGUMENTS, PLAIN_ANSWERS, st.booleans()), max_size=3), TEXTS)
def test_the_harness_own_form_is_read_at_once(calls: list[Any], text: str) -> None:
    context = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Go."}]
    messages = list(context)
    for number, (arguments, content, failed) in enumerate(calls):
        written = arguments if isinstance(arguments, str) else "{}"
        call = a_call(f"call_{number}", "pay", written, {})
        messages += exchange(call, content, {"at_ms": 0.2, **({"error": True} if failed else {})})
    messages.append({"role": "assistant", "content": text})
    found = plain_doing(messages, context, PATTERN)
    assert found is not None
    assert found == by_all_readers(messages, context)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_trial_that_broke_off_is_read_too(size: int) -> None:
    context = [{"role": "user", "content": "Go."}]
    did = exchange(a_call("a", "pay", "{}", {}), "ok", {})[:size]
    found = plain_doing([*context, *did], context, PATTERN)
    expected = None if size == 1 else by_all_readers([*context, *did], context)
    assert found == expected


def test_other_messages_in_front_are_no_plain_form() -> None:
    context = [{"role": "user", "content": "Go."}]
    assert plain_doing([{"role": "user", "content": "Stop."}], context, PATTERN) is None
