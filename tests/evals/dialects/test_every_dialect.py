"""One story in every dialect: the same calls, answers, reply; mixed ones too; nothing unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.reading import FoundCall, as_data
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import parse_case
from tests.evals.builders import ACTIONS, tools
from tests.evals.dialects.writers import WRITERS, openai_chat

if TYPE_CHECKING:
    from dialgate_evals.actions.outcomes import TrialScore

STORY: list[dict[str, Any]] = [
    {"user": "Pay one."},
    {"text": "I look.", "calls": [{"name": "look", "arguments": {"n": 1}, "answer": "there"}]},
    {
        "calls": [
            {"name": "pay", "arguments": {"n": 1}, "answer": "gateway down", "failed": True},
            {"name": "mail", "arguments": {"n": 2}, "answer": "sent"},
        ]
    },
    {"calls": [{"name": "pay", "arguments": {"n": 1}, "answer": "paid"}]},
    {"text": "Paid."},
]


def scored(
    messages: list[dict[str, Any]], context: list[dict[str, Any]], actions: list[dict[str, Any]],
    **expect: Any,
) -> TrialScore:  # fmt: skip
    case = parse_case(
        {"schema": 1, "id": "c", "origin": "golden", "messages": context,
         "expect": {"actions": actions, **expect}}
    )  # fmt: skip
    registry = ActionRegistry(classes=parse_classes(ACTIONS), rules={})
    trajectory = parse_trajectory({"case_id": "c", "trial": 0, "messages": messages})
    return Scorer(tools=tools(), actions=registry).score(case, trajectory)


@pytest.mark.parametrize("dialect", WRITERS)
class TestEveryDialect:
    """A story is the same in each of them."""

    def test_calls_answers_and_reply_are_read(self, dialect: str) -> None:
        reading = read_messages(WRITERS[dialect](STORY))
        calls = [step for step in reading.steps if isinstance(step, FoundCall)]
        assert [(call.name, as_data(call.arguments), call.failed) for call in calls] == [
            ("look", {"n": 1}, False), ("pay", {"n": 1}, True), ("mail", {"n": 2}, False),
            ("pay", {"n": 1}, False),
        ]  # fmt: skip
        assert [str(call.answer).strip('{"}').split('": "')[-1] for call in calls] == [
            "there", "gateway down", "sent", "paid",
        ]  # fmt: skip
        assert reading.gaps == []

    def test_the_score_is_that_of_the_story(self, dialect: str) -> None:
        expected = [
            {"name": "pay", "arguments": {"n": 1}}, {"name": "mail", "arguments": {"n": 2}},
        ]  # fmt: skip
        score = scored(
            WRITERS[dialect](STORY), [{"role": "user", "content": "Pay one."}], expected,
            reply={"contains": ["Paid."], "excludes": ["hm", "look"]},
        )  # fmt: skip
        assert score.passed
        assert (score.tool_calls, score.failed_calls, score.invalid_calls) == (4, 1, 0)
        (known,) = score.dialects
        assert dialect.startswith(known.removesuffix(" (legacy)"))

    def test_an_unasked_action_is_seen(self, dialect: str) -> None:
        score = scored(WRITERS[dialect](STORY), [{"role": "user", "content": "Pay one."}], [])
        assert {item.tool for item in score.decisions} == {"pay", "mail"}

    def test_the_context_is_no_doing_of_the_agent(self, dialect: str) -> None:
        context = openai_chat(STORY[:3])
        score = scored(WRITERS[dialect](STORY), context, [{"name": "pay", "arguments": {"n": 1}}])
        assert score.passed
        assert score.tool_calls == 1

    def test_a_context_in_the_other_spelling_is_the_same(self, dialect: str) -> None:
        context = [dict(m) for m in openai_chat(STORY[:3])]
        for message in context:
            if message.get("tool_calls"):
                message["content"] = message["content"] or ""
            for number, call in enumerate(message.get("tool_calls", ())):
                text = call["function"]["arguments"]
                call["function"]["arguments"] = text.replace(" ", "  ")
                call["id"] = f"other{number}"
        for message, original in zip(context, openai_chat(STORY[:3]), strict=True):
            if message["role"] == "tool":
                number = original["tool_call_id"].split("-")[-1]
                message["tool_call_id"] = f"other{number}"
        score = scored(WRITERS[dialect](STORY), context, [{"name": "pay", "arguments": {"n": 1}}])
        assert score.tool_calls == 1

    @pytest.mark.parametrize("other", WRITERS)
    def test_two_dialects_in_one_trajectory(self, dialect: str, other: str) -> None:
        messages = [*WRITERS[dialect](STORY[:2]), *WRITERS[other](STORY[2:])]
        reading = read_messages(messages)
        assert reading.gaps == []
        assert [call.name for call in reading.calls] == ["look", "pay", "mail", "pay"]
        assert [call.failed for call in reading.calls] == [False, True, False, False]


names = st.sampled_from(["look", "pay", "mail", "ask", "unclassified_tool"])
calls = st.fixed_dictionaries(
    {
        "name": names,
        "arguments": st.fixed_dictionaries({"n": st.integers(0, 3)}),
        "answer": st.sampled_from(["ok", "done", '{"status": "ok"}']),
        "failed": st.booleans(),
    }
)
agent_turns = st.one_of(
    st.fixed_dictionaries({"text": st.sampled_from(["Fine.", "Which one?"])}),
    st.fixed_dictionaries({"calls": st.lists(calls, min_size=1, max_size=3)}),
    st.fixed_dictionaries(
        {"text": st.just("Wait."), "calls": st.lists(calls, min_size=1, max_size=2)}
    ),
)
users = st.fixed_dictionaries({"user": st.sampled_from(["Pay one.", "And now?"])})
stories = st.lists(st.one_of(agent_turns, agent_turns, users), min_size=1, max_size=6)


@given(
    given_turns=st.lists(agent_turns, max_size=2),
    did=stories,
    expected=st.lists(
        st.fixed_dictionaries({"name": names, "arguments": st.just({"n": 1})}), max_size=2
    ),
    dialect=st.sampled_from(sorted(WRITERS)),
    case_in=st.sampled_from(sorted(WRITERS)),
    with_context=st.booleans(),
    shuffle=st.randoms(use_true_random=False),
)
def test_a_rewritten_trajectory_scores_the_same(
    given_turns: list[Any], did: list[Any], expected: list[Any], dialect: str, case_in: str,
    with_context: bool, shuffle: Any,
) -> None:  # fmt: skip
    """Another dialect, spelling of the context, order of keys or mark of errors changes nothing."""
    opening: list[dict[str, Any]] = [{"user": "Go."}, *given_turns]
    context = openai_chat(opening)
    told = [*opening, *did] if with_context else did
    original = scored(openai_chat(told), context, expected)
    rewritten = [_shuffled(_marked(m, shuffle), shuffle) for m in WRITERS[dialect](told)]
    respelt = [_shuffled(_spelt(m, shuffle), shuffle) for m in WRITERS[case_in](opening)]
    again = scored(rewritten, respelt, expected)
    assert again.not_understood == original.not_understood == ()
    assert again.status == original.status
    assert sorted(map(repr, again.decisions)) == sorted(map(repr, original.decisions))
    assert (again.tool_calls, again.invalid_calls, again.failed_calls) == (
        original.tool_calls, original.invalid_calls, original.failed_calls,
    )  # fmt: skip


PLAIN_MARKS: list[dict[str, Any]] = [
    {"error": True}, {"error": "gone"}, {"is_error": True}, {"isError": True}, {"failed": True},
    {"status": "error"}, {"status": "failed"}, {"success": False}, {"tool_error": True},
]  # fmt: skip
OWN_MARKS: dict[tuple[str, str], list[str]] = {
    ("type", "error-text"): ["error-text", "error-json", "execution-denied"],
    ("outcome", "failed"): ["failed", "denied", "retried"],
    ("state", "output-error"): ["output-error", "output-denied"],
}
"""Marks that only one framework writes: the key and the word, and the words that mean the same."""


def _marked(value: Any, shuffle: Any) -> Any:
    """The value with every mark of a failed call as another way of saying so."""
    if isinstance(value, list):
        return [_marked(item, shuffle) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _marked(item, shuffle) for key, item in value.items()}
    for key, word in (("error", True), ("is_error", True), ("isError", True), ("status", "error")):
        if found.get(key) == word:
            del found[key]
            found |= shuffle.choice(PLAIN_MARKS)
            break
    for (key, word), words in OWN_MARKS.items():
        if found.get(key) == word:
            found[key] = shuffle.choice(words)
    return found


IDS = {"id", "call_id", "tool_call_id", "tool_use_id", "toolUseId", "toolCallId"}


def _spelt(value: Any, shuffle: Any) -> Any:
    """The value with other ids, and with arguments and empty contents written in another way."""
    if isinstance(value, list):
        return [_spelt(item, shuffle) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, item in value.items():
        if key in IDS and isinstance(item, str):
            found[key] = f"other {item}"
        elif key in {"arguments", "args", "input"} and isinstance(item, str):
            found[key] = item.replace(": ", " :  ")
        elif key == "content" and item is None and "tool_calls" in value:
            found[key] = shuffle.choice([None, "", " "])
        else:
            found[key] = _spelt(item, shuffle)
    return found


def _shuffled(value: Any, shuffle: Any) -> Any:
    """The value with the keys of every object in another order."""
    if isinstance(value, list):
        return [_shuffled(item, shuffle) for item in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    shuffle.shuffle(keys)
    return {key: _shuffled(value[key], shuffle) for key in keys}


def _cut(value: Any, shuffle: Any) -> Any:
    """The message with one of its words misspelt, or one key renamed."""
    if isinstance(value, list) and value:
        index = shuffle.randrange(len(value))
        return [_cut(item, shuffle) if at == index else item for at, item in enumerate(value)]
    if not isinstance(value, dict) or not value:
        return value
    key = shuffle.choice(sorted(value))
    if isinstance(value[key], dict | list) and value[key] and shuffle.random() < 0.7:
        return {**value, key: _cut(value[key], shuffle)}
    if key == "type" and isinstance(value[key], str):
        return {**value, key: value[key] + "_v2"}
    kept = {name: item for name, item in value.items() if name != key}
    return {**kept, f"x{key}": value[key]}


WRITING: list[dict[str, Any]] = [
    {"user": "Go."},
    {"calls": [{"name": "pay", "arguments": {"n": 1}, "answer": "paid"}]},
    {"text": "Done."},
]


@given(dialect=st.sampled_from(sorted(WRITERS)), shuffle=st.randoms(use_true_random=False))
def test_a_damaged_trajectory_never_passes_what_the_whole_one_fails(
    dialect: str, shuffle: Any
) -> None:
    """The unasked payment is seen, or the trajectory is not understood; it is never silence."""
    messages = WRITERS[dialect](WRITING)
    index = shuffle.randrange(len(messages))
    damaged = [_cut(m, shuffle) if at == index else m for at, m in enumerate(messages)]
    score = scored(damaged, [{"role": "user", "content": "Go."}], [])
    assert not score.passed or score.not_understood, damaged
