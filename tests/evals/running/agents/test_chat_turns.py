"""A turn of a chat endpoint: any bytes are a turn or the agent's error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.running.agent_protocol import AgentError, InfrastructureError
from dialgate_evals.running.agents.chat_messages import parse_turn
from tests.evals.running.agents.chat_runs import (
    USAGE,
)


class TestReadingATurn:
    @given(st.binary())
    def test_any_bytes_are_a_turn_or_an_agents_error(self, raw: bytes) -> None:
        try:
            turn = parse_turn(raw, number=0)
        except (AgentError, InfrastructureError):
            return
        assert turn.message["role"] == "assistant"

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["role", "content", "tool_calls", "function", "name", "arguments", "id"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=20,
        )
    )
    def test_any_message_is_a_turn_or_an_agents_error(self, message: Any) -> None:
        raw = json.dumps({"choices": [{"message": message}]}).encode()
        try:
            turn = parse_turn(raw, number=3)
        except (AgentError, InfrastructureError):
            return
        assert turn.message["role"] == "assistant"
        assert all(call.id for call in turn.calls)

    def test_a_call_without_an_id_gets_one(self) -> None:
        call = {"function": {"name": "x", "arguments": "{}"}}
        document = {"choices": [{"message": {"content": None, "tool_calls": [call, call]}}]}
        turn = parse_turn(json.dumps(document).encode(), number=3)
        assert [call.id for call in turn.calls] == ["call_3_0", "call_3_1"]
        assert [call["id"] for call in turn.message["tool_calls"]] == ["call_3_0", "call_3_1"]

    @pytest.mark.parametrize(
        "message",
        [
            {"content": None, "function_call": {"name": "x", "arguments": '{"n": 1}'}},
            {"content": [{"type": "tool_use", "id": "t", "name": "x", "input": {"n": 1}}]},
            {"content": "", "tool_calls": [{"function": {"name": "x", "arguments": '{"n": 1}'}}]},
        ],
        ids=["legacy", "Anthropic", "OpenAI"],
    )
    def test_a_call_in_another_form_is_made(self, message: Any) -> None:
        document = {"choices": [{"message": message}]}
        turn = parse_turn(json.dumps(document).encode(), number=0)
        assert [(call.name, call.arguments) for call in turn.calls] == [("x", {"n": 1})]
        assert "function_call" not in turn.message

    @pytest.mark.parametrize("written", [{}, {"arguments": None}, {"arguments": "null"}])
    def test_a_call_without_arguments_has_none(self, written: Any) -> None:
        message = {"tool_calls": [{"function": {"name": "x", **written}}]}
        turn = parse_turn(json.dumps({"choices": [{"message": message}]}).encode(), number=0)
        assert turn.calls[0].arguments == {}

    def test_keys_of_the_provider_stay(self) -> None:
        """Signatures that a provider wants back with the next turn."""
        message = {"content": "x", "reasoning": {"signature": "abc"}, "refusal": None}
        document = {"choices": [{"message": message}]}
        turn = parse_turn(json.dumps(document).encode(), number=0)
        assert turn.message["reasoning"] == {"signature": "abc"}
        assert "refusal" not in turn.message

    @pytest.mark.parametrize(
        "key", ["error", "unmatched", "fault", "at_ms", "tool_call_id", "finish_reason"]
    )
    def test_marks_of_the_harness_are_not_the_models_to_set(self, key: str) -> None:
        document = {"choices": [{"message": {"content": "x", key: True}}]}
        turn = parse_turn(json.dumps(document).encode(), number=0)
        assert key not in turn.message

    @pytest.mark.parametrize(
        "usage",
        [None, 3, {}, {"prompt_tokens": 1}, {"prompt_tokens": -1, "completion_tokens": 1},
         {"prompt_tokens": True, "completion_tokens": 1}],
        ids=repr,
    )  # fmt: skip
    def test_usage_that_is_none_is_unknown_not_zero(self, usage: Any) -> None:
        document = {"choices": [{"message": {"content": "x"}}], "usage": usage}
        assert parse_turn(json.dumps(document).encode(), number=0).usage is None

    def test_cached_tokens_are_read(self) -> None:
        usage = {**USAGE, "prompt_tokens_details": {"cached_tokens": 64}}
        document = {"choices": [{"message": {"content": "x"}}], "usage": usage}
        found = parse_turn(json.dumps(document).encode(), number=0).usage
        assert found is not None
        assert found.cached_tokens == 64
