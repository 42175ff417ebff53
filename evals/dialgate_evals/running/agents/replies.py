"""The reply at the end of a trial, as agents in every dress give it: text, or a mapping.

Knows its checks; what is wrong with it is the agent's failure.
"""

from __future__ import annotations

from typing import Any

from dialgate_evals.running.agent_protocol import AgentError, AgentReply


def parse_reply(raw: Any) -> AgentReply:  # noqa: ANN401 - hostile input
    """The reply: text, None, or {reply, question?, usage?, cost_usd?}.

    Raises AgentError for anything else.
    """
    if raw is None or isinstance(raw, str):
        return AgentReply(text=raw or "")
    if not isinstance(raw, dict):
        raise AgentError(f"the reply is a {type(raw).__name__}, not text or a mapping")
    text = raw.get("reply", "")
    if text is not None and not isinstance(text, str):
        raise AgentError(f"the reply's text is a {type(text).__name__}, not a string")
    question = raw.get("question")
    if question is not None and not isinstance(question, dict):
        raise AgentError(f"the reply's question is a {type(question).__name__}, not a mapping")
    usage = raw.get("usage") or {}
    if not isinstance(usage, dict):
        raise AgentError(f"the reply's usage is a {type(usage).__name__}, not a mapping")
    return AgentReply(
        text=text or "",
        question=question,
        input_tokens=_count(usage, "input_tokens"),
        output_tokens=_count(usage, "output_tokens"),
        cost_usd=_cost(raw.get("cost_usd")),
    )


def _count(usage: dict[str, Any], key: str) -> int | None:
    value = usage.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise AgentError(f"the reply's {key} is {str(value)[:80]!r}, not a count")
    return value


def _cost(value: Any) -> float | None:  # noqa: ANN401 - hostile input
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AgentError(f"the reply's cost_usd is a {type(value).__name__}, not a number")
    # A whole number may be too large for a float, and for its digits to be shown.
    if not 0 <= value <= _MOST_USD:
        raise AgentError(f"the reply's cost_usd is no amount from 0 to {_MOST_USD:,.0f}")
    return float(value)


_MOST_USD = 1e12
"""What no trial costs; beyond, sums would lose the rest."""
