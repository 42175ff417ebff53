"""Calls, answers, contexts and replies out of chat messages as agents really write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.own_part import Context, own_steps
from dialgate_evals.scoring.own_doing import OwnDoing, own_doing

if TYPE_CHECKING:
    from dialgate_evals.actions.trajectory import Call


def asked(*calls: tuple[str | None, str], content: Any = None) -> dict[str, Any]:
    """An assistant message with calls of (id, arguments as text)."""
    return {
        "role": "assistant",
        "content": content,
        "tool_calls": [
            {
                "type": "function",
                "function": {"name": "pay", "arguments": text},
                **({} if call_id is None else {"id": call_id}),
            }
            for call_id, text in calls
        ],
    }


def answer(call_id: str | None = None, **more: Any) -> dict[str, Any]:
    named = {} if call_id is None else {"tool_call_id": call_id}
    return {"role": "tool", "content": "ok", **named, **more}


def said(role: str, text: Any) -> dict[str, Any]:
    return {"role": role, "content": text}


def did(messages: list[dict[str, Any]], context: list[dict[str, Any]] | None = None) -> OwnDoing:
    reading = read_messages(messages)
    return own_doing(reading, own_steps(reading, Context(read_messages(context or []))), None)


def calls(
    messages: list[dict[str, Any]], context: list[dict[str, Any]] | None = None
) -> tuple[Call, ...]:
    return did(messages, context).calls


def reply(messages: list[dict[str, Any]], context: list[dict[str, Any]] | None = None) -> str:
    return did(messages, context).reply


class TestArguments:
    """Arguments are a JSON object, as text or as data; all else is None."""

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            ('{"n": 1}', {"n": 1}),
            ({"n": 1}, {"n": 1}),
            ("", {}),
            ("  ", {}),
            ("{}", {}),
            ("[1]", None),
            ("null", {}),
            (None, {}),
            ('"text"', None),
            ('{"n": 1', None),
            ('{"n": 1, "n": 2}', None),
            ('{"n": NaN}', None),
            ('{"n": ' + "[" * 200 + "]" * 200 + "}", None),
            ('{"n": "\\ud800"}', {"n": "\ud800"}),
            ('{"n": "\ud800"}', None),
        ],
        ids=lambda value: ascii(value)[:30],
    )
    def test_each_way_of_writing_them(self, raw: Any, expected: Any) -> None:
        assert calls([asked(("c1", raw))])[0].arguments == expected

    def test_what_the_agent_wrote_is_kept(self) -> None:
        assert calls([asked(("c1", '{"n": 1'))])[0].text == '{"n": 1'


class TestAnswers:
    """A call's answer is the one that follows it: by id, by turn, by place."""

    def test_the_answer_with_the_calls_id(self) -> None:
        messages = [
            asked(("a", "{}"), ("b", "{}")), answer("b", error=True), answer("a"),
        ]  # fmt: skip
        assert [call.failed for call in calls(messages)] == [False, True]

    def test_answers_without_ids_come_in_the_calls_order(self) -> None:
        messages = [asked((None, "{}"), (None, "{}")), answer(), answer(error=True)]
        assert [call.failed for call in calls(messages)] == [False, True]

    def test_an_id_used_again_later_belongs_to_the_call_before_the_answer(self) -> None:
        messages = [asked(("a", "{}")), answer("a", error=True), asked(("a", "{}")), answer("a")]
        assert [call.failed for call in calls(messages)] == [True, False]

    def test_calls_of_one_message_that_share_an_id_take_turns(self) -> None:
        messages = [asked(("a", "{}"), ("a", "{}")), answer("a"), answer("a", error=True)]
        assert [call.failed for call in calls(messages)] == [False, True]

    def test_one_answer_to_a_shared_id_answers_the_first(self) -> None:
        messages = [asked(("a", "{}"), ("a", "{}")), answer("a", error=True)]
        assert [call.failed for call in calls(messages)] == [True, False]

    def test_an_answer_belongs_to_the_nearest_open_call_of_its_id(self) -> None:
        messages = [
            asked(("a", "{}")), said("assistant", "hm"), asked(("a", "{}")),
            answer("a", error=True),
        ]  # fmt: skip
        assert [call.failed for call in calls(messages)] == [False, True]

    def test_a_call_without_an_answer_counts_as_made(self) -> None:
        assert not calls([asked(("a", "{}"))])[0].failed
        assert not calls([asked(("a", "{}")), answer("other", error=True)])[0].failed

    def test_an_answer_is_taken_wherever_it_stands(self) -> None:
        messages = [asked(("a", "{}")), said("assistant", "hm"), answer("a", error=True)]
        assert calls(messages)[0].failed
        late = [asked(("a", "{}")), said("user", "?"), asked(("b", "{}")), answer("a", error=True)]
        assert [call.failed for call in calls(late)] == [True, False]

    def test_an_answer_to_a_call_that_stands_nowhere_is_a_gap(self) -> None:
        assert did([said("assistant", "hm"), answer("a")]).not_understood
        assert did([asked(("a", "{}")), answer("other")]).not_understood

    @pytest.mark.parametrize(
        "mark",
        [
            {"error": True}, {"error": "gone"}, {"is_error": True}, {"isError": True},
            {"status": "error"}, {"success": False}, {"tool_error": True},
        ],
    )  # fmt: skip
    def test_each_frameworks_mark_of_a_failed_call(self, mark: dict[str, Any]) -> None:
        assert calls([asked(("a", "{}")), answer("a", **mark)])[0].failed
        on_the_call = asked(("a", "{}"))
        on_the_call["tool_calls"][0].update(mark)
        assert calls([on_the_call, answer("a")])[0].failed

    @pytest.mark.parametrize(
        ("content", "failed"),
        [
            ('{"content": [{"type": "text", "text": "no"}], "isError": true}', True),
            ('{"content": [], "isError": false}', False),
            ('{"isError": true}', False),
            ('the field "isError" is true', False),
        ],
    )
    def test_a_whole_mcp_result_as_text(self, content: str, failed: bool) -> None:
        messages = [asked(("a", "{}")), {**answer("a"), "content": content}]
        assert calls(messages)[0].failed is failed

    @pytest.mark.parametrize(
        ("more", "failed"),
        [
            ({"error": True}, True),
            ({"error": False}, False),
            ({"error": True, "fault": "error"}, True),
            ({"error": True, "fault": "timeout"}, False),
        ],
    )
    def test_only_an_error_that_tells_the_call_had_no_effect_fails_it(
        self, more: dict[str, Any], failed: bool
    ) -> None:
        assert calls([asked(("a", "{}")), answer("a", **more)])[0].failed is failed

    def test_an_unmatched_read_is_marked(self) -> None:
        assert calls([asked(("a", "{}")), answer("a", error=True, unmatched=True)])[0].unmatched


class TestContext:
    """What the agent was given is not what it did."""

    context = (said("user", "Go."), asked(("a", '{"n": 1}')), answer("a"))
    made = (asked(("b", '{"n": 2}')), answer("b"), said("assistant", "Done."))

    @pytest.mark.parametrize(
        "before",
        [
            [],
            [said("system", "The prompt.")],
            [said("system", "The prompt."), said("developer", "More.")],
        ],
        ids=["alone", "after a prompt", "after two"],
    )
    def test_the_contexts_calls_are_left_out(self, before: list[dict[str, Any]]) -> None:
        messages = [*before, *self.context, *self.made]
        assert [call.arguments for call in calls(messages, list(self.context))] == [{"n": 2}]

    def test_a_context_with_a_system_message_of_its_own_is_found_after_the_prompt(self) -> None:
        context = [said("system", "The case's own."), *self.context]
        for before in ([], [said("system", "The prompt.")]):
            messages = [*before, *context, *self.made]
            assert [call.arguments for call in calls(messages, context)] == [{"n": 2}]

    def test_a_trajectory_without_the_context_is_the_agents_from_its_first_message(self) -> None:
        assert len(calls(list(self.made), list(self.context))) == 1
        other = [said("user", "Go!"), *self.context[1:], *self.made]
        assert len(calls(other, list(self.context))) == 2

    def test_a_context_that_comes_later_is_no_prefix(self) -> None:
        messages = [*self.made, *self.context]
        assert len(calls(messages, list(self.context))) == 2

    def test_the_contexts_words_are_no_reply(self) -> None:
        context = [said("user", "Go."), said("assistant", "Which one?"), said("user", "That.")]
        assert reply([*context, asked(("a", "{}"))], context) == ""


class TestReply:
    """The reply is the text of the last assistant message that has text, a refusal included."""

    @pytest.mark.parametrize(
        ("messages", "expected"),
        [
            ([], ""),
            ([said("assistant", "Done.")], "Done."),
            ([said("assistant", None)], ""),
            ([said("assistant", "One."), said("user", "?"), said("assistant", "Two.")], "Two."),
            (
                [said("assistant", "One."), asked(("a", "{}"), content="Wait."), answer("a")],
                "Wait.",
            ),
            ([said("assistant", [{"type": "text", "text": "a"}, {"text": "b"}, {"x": 1}])], "ab"),
            ([said("user", "Done.")], ""),
            ([said("assistant", "Done."), asked(("a", "{}")), said("assistant", "  ")], "Done."),
            ([{"role": "assistant", "content": None, "refusal": "I can't."}], "I can't."),
            ([said("assistant", [{"type": "refusal", "refusal": "No."}])], "No."),
        ],
    )
    def test_each_ending(self, messages: list[dict[str, Any]], expected: str) -> None:
        assert reply(messages) == expected


@pytest.mark.parametrize(
    ("messages", "answered"),
    [
        ([], False),
        ([said("user", "Go.")], False),
        ([said("system", "The prompt."), said("user", "Go.")], False),
        ([said("user", "Go."), said("assistant", "")], True),
        ([said("user", "Go."), asked(("a", "{}"))], True),
        ([asked(("a", "{}"))], True),
    ],
)
def test_an_agent_has_answered_where_it_said_or_did_anything(
    messages: list[dict[str, Any]], answered: bool
) -> None:
    assert did(messages, [said("user", "Go.")]).has_answered is answered


def test_the_assistants_words_in_the_context_are_no_answer() -> None:
    context = [said("user", "Go."), said("assistant", "Which one?"), said("user", "That.")]
    assert not did(context, context).has_answered
    assert did(context).has_answered
