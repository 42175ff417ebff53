"""Calls that had no effect: refused, answered with an error, repeated; and what they count as."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialgate_evals.actions.outcomes import TrialStatus
from tests.evals.builders import call, found, score, tools
from tests.workspaces import a_trial


class TestCallsWithoutEffect:
    """Calls that could not take effect are counted and are no actions."""

    @pytest.mark.parametrize("answer", [{"error": True}, None], ids=["refused", "unanswered"])
    def test_arguments_that_break_the_schema_are_invalid(self, answer: Any) -> None:
        trial = a_trial("c", [call("pay", "1")])
        if answer:
            trial["messages"][2].update(answer)
        else:
            del trial["messages"][2]
        result = score([], [], trial=trial)
        assert (found(result), result.invalid_calls, result.passed) == ([], 1, True)

    def test_an_unknown_tool_is_invalid(self) -> None:
        assert score([call("nothing")], []).invalid_calls == 1

    def test_arguments_that_are_no_json_are_invalid(self) -> None:
        trial = a_trial("c", [call("pay")])
        trial["messages"][1]["tool_calls"][0]["function"]["arguments"] = '{"n": 1'
        assert score([], [], trial=trial).invalid_calls == 1

    def test_a_call_answered_with_an_error_had_no_effect(self) -> None:
        trial = a_trial("c", [call("pay")])
        trial["messages"][2]["error"] = True
        result = score([], [call("pay")], trial=trial)
        assert (found(result), result.failed_calls) == ([("missed", "small")], 1)

    def test_a_call_that_timed_out_may_have_taken_effect(self) -> None:
        trial = a_trial("c", [call("pay"), call("pay")])
        trial["messages"][2].update(error=True, fault="timeout")
        result = score([], [call("pay")], trial=trial)
        assert ("duplicate", "small") in found(result)

    def test_a_call_nobody_answered_counts_as_made(self) -> None:
        trial = a_trial("c", [call("pay")])
        del trial["messages"][2]
        assert score([], [call("pay")], trial=trial).passed

    def test_a_retry_after_an_error_is_no_duplicate(self) -> None:
        trial = a_trial("c", [call("pay"), call("pay")])
        trial["messages"][2]["error"] = True
        assert score([], [call("pay")], trial=trial).passed

    def test_calls_without_effect_are_still_counted_as_calls(self) -> None:
        result = score([call("nothing"), call("pay", "1"), call("look")], [])
        assert (result.tool_calls, result.invalid_calls, result.failed_calls) == (3, 2, 0)

    def test_how_a_trial_ended_and_what_was_said_is_kept(self) -> None:
        trial = a_trial("c", [call("pay")])
        trial["messages"][-1] = {
            "role": "assistant", "refusal": "No. pay(n=1)", "content": None,
            "finish_reason": "stop",
        }  # fmt: skip
        result = score([], [call("pay")], trial=trial)
        assert (result.finish_reason, result.refusal, result.text_calls) == ("stop", True, 1)
        assert (result.turns, result.questions) == (1, 0)

    def test_turns_and_questions_of_a_conversation_are_counted(self) -> None:
        trial = a_trial("c", [call("pay")])
        trial["messages"][1:1] = [
            {"role": "assistant", "content": "How much?"}, {"role": "user", "content": "One."},
        ]  # fmt: skip
        result = score([], [call("pay")], trial=trial)
        assert (result.turns, result.questions) == (2, 1)

    @pytest.mark.parametrize(
        ("reason", "word"), [("length", "cut off"), ("content_filter", "content filter")]
    )
    def test_an_answer_that_was_cut_off_is_no_decision_to_do_nothing(
        self, reason: str, word: str
    ) -> None:
        trial = a_trial("c", [])
        trial["messages"][-1]["finish_reason"] = reason
        result = score([], [], trial=trial)
        assert result.status is TrialStatus.FAILED
        assert word in result.reply_failures[0]
        for failure in ("cut_off", "content_filter"):
            broken = score([], [], trial={**a_trial("c", []), "failure": failure})
            assert broken.status is TrialStatus.FAILED

    def test_a_script_that_ran_out_says_nothing_of_the_agent(self) -> None:
        result = score([], [], trial={**a_trial("c", []), "failure": "left_script"})
        assert result.status is TrialStatus.ERRORED

    @pytest.mark.parametrize(
        ("calls", "expected", "outcomes"),
        [
            pytest.param([call("pay", "1")], [], [("unexpected", "small")], id="unasked"),
            pytest.param(
                [call("pay", "1")], [call("pay")], [("correct", "small")], id="read as a number"
            ),
            pytest.param(
                [call("pay", "500")], [call("pay", 500)], [("correct", "large")], id="its class"
            ),
            pytest.param(
                [call("pay", "much")], [call("pay")], [("wrong_arguments", "small")], id="no number"
            ),
            pytest.param(
                [call("nothing")], [], [("unexpected", "unclassified")], id="no such tool"
            ),
            pytest.param([call("look", "1")], [], [], id="a read"),
        ],
    )
    def test_what_was_answered_without_an_error_took_effect_whatever_the_schema_says(
        self, calls: Any, expected: Any, outcomes: Any
    ) -> None:
        result = score(calls, expected)
        assert found(result) == outcomes
        assert result.invalid_calls == 1

    @pytest.mark.parametrize(
        ("written", "outcome"),
        [
            ('"{\\"n\\": 1}"', "correct"),
            ('"{\\"n\\": \\"1\\"}"', "correct"),
            ('{"n": 1', "wrong_arguments"),
            ("[1]", "wrong_arguments"),
        ],
        ids=["written twice", "twice, and a text in it", "broken", "a list"],
    )
    def test_arguments_are_read_as_the_tool_must_have_read_them(
        self, written: str, outcome: str
    ) -> None:
        trial = a_trial("c", [call("pay")])
        trial["messages"][1]["tool_calls"][0]["function"]["arguments"] = written
        result = score([], [call("pay")], trial=trial)
        assert (found(result), result.invalid_calls) == ([(outcome, "small")], 1)

    def test_a_required_argument_with_a_default_may_be_left_out(self) -> None:
        registry = tools(
            properties={"n": {"type": "integer"}, "to": {"type": "string", "default": "me"}},
            required=["n", "to"],
        )
        result = score([call("pay")], [call("pay", to="me")], registry)
        assert (found(result), result.invalid_calls) == ([("correct", "small")], 0)

    def test_the_most_repeated_call_is_counted(self) -> None:
        assert score([], []).identical_calls == 0
        assert score([call("look"), call("look", 2)], []).identical_calls == 1
        assert score([call("look"), call("look", 2), call("look")], []).identical_calls == 2
        trial = a_trial("c", [call("look"), call("look", 2)])
        for message in (trial["messages"][1], trial["messages"][3]):
            function = message["tool_calls"][0]["function"]
            function["arguments"] = json.loads(function["arguments"])
        assert score([], [], trial=trial).identical_calls == 1

    @pytest.mark.parametrize("key", [None, ""])
    def test_an_empty_idempotency_key_excuses_nothing(self, key: str | None) -> None:
        registry = tools(**{"x-idempotency-key": "/key"})
        twice = [call("pay", key=key), call("pay", key=key)]
        result = score(twice, [call("pay", key=key)], registry)
        assert found(result) == [("correct", "small"), ("duplicate", "small")]

    def test_the_key_excuses_only_the_same_call(self) -> None:
        registry = tools(**{"x-idempotency-key": "/a~1b/key"})
        keyed = {"a/b": {"key": "k"}}
        assert score([call("pay", **keyed)] * 2, [call("pay", **keyed)], registry).passed
        calls = [call("pay", 1, **keyed), call("pay", 2, **keyed)]
        result = score(calls, [call("pay", 1, **keyed)], registry)
        assert ("unexpected", "small") in found(result)

    def test_a_repeat_under_the_idempotency_key_is_one_action(self) -> None:
        registry = tools(**{"x-idempotency-key": "/key"})
        twice = [call("pay", key="k1"), call("pay", key="k1")]
        assert score(twice, [call("pay", key="k1")], registry).passed
        other = [call("pay", key="k1"), call("pay", key="k2")]
        rules = {"pay": {"/key": "ignore"}}
        result = score(other, [call("pay", key="k1")], registry, rules)
        assert ("duplicate", "small") in found(result)
