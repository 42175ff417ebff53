"""A reply is an agent's own: what is wrong with it is its failure, never the harness's."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.running.agent_protocol import AgentError, AgentReply
from dialgate_evals.running.agents.replies import parse_reply

NO_REPLIES: tuple[Any, ...] = (
    42,
    [],
    {"reply": 42},
    {"usage": [1]},
    {"cost_usd": 10**400},
    {"cost_usd": -(10**400)},
    {"cost_usd": -1e-9},
    {"cost_usd": float("nan")},
    {"cost_usd": float("inf")},
    {"cost_usd": True},
    {"cost_usd": "0"},
    {"usage": {"input_tokens": 10**400}},
    {"usage": {"output_tokens": -1}},
    {"usage": {"output_tokens": 1.5}},
)


@pytest.mark.parametrize("raw", NO_REPLIES, ids=lambda value: repr(value)[:40])
def test_what_is_no_reply_is_the_agents_failure(raw: Any) -> None:
    with pytest.raises(AgentError):
        parse_reply(raw)


@pytest.mark.parametrize("raw", [None, "", {}, {"reply": None}, {"usage": None, "cost_usd": None}])
def test_saying_nothing_is_a_reply(raw: Any) -> None:
    assert parse_reply(raw) == AgentReply()


def test_what_it_says_of_its_cost_is_taken_over() -> None:
    said = {"reply": "Done.", "usage": {"input_tokens": 3, "output_tokens": 4}, "cost_usd": 0}
    expected = AgentReply(text="Done.", input_tokens=3, output_tokens=4, cost_usd=0.0)
    assert parse_reply(said) == expected
