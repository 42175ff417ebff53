"""The built-in agent: a tool-calling loop on any OpenAI-compatible endpoint (extra `chat`).

Knows turns and how they end; leaves the endpoint and the key to `chat_endpoint`, the format of
messages to `chat_messages` and prices to `dialgate_evals.suite.prices`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.actions.trajectory import CONTENT_FILTER, CUT_OFF, MALFORMED_CALL
from dialgate_evals.dialects.texts.endings import MALFORMED
from dialgate_evals.errors import UsageError
from dialgate_evals.running.agent_protocol import AgentError, AgentReply
from dialgate_evals.running.agents.chat_endpoint import (
    RESERVED,
    ChatEndpoint,
    EndpointSettings,
    utc_now,
)
from dialgate_evals.running.agents.chat_messages import (
    as_endpoint_takes,
    opening_messages,
    parse_turn,
    tool_schemas,
)
from dialgate_evals.running.simulation.simulated_tools import LoggedCall, answer_message
from dialgate_evals.suite.prices import price_usage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from dialgate_evals.running.agent_protocol import ToolSession, TrialInput
    from dialgate_evals.running.agents.chat_messages import ModelCall, ModelTurn
    from dialgate_evals.suite.prices import TokenUsage
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite

_BROKEN_OFF = {"length": CUT_OFF, "content_filter": CONTENT_FILTER, MALFORMED: MALFORMED_CALL}
"""Endings that are no decision of the model, as the trial's failure names them."""


class ChatAgent:
    """Prompts, tools and model of the release on the suite's endpoint; `now` is a port."""

    def __init__(
        self,
        suite: Suite,
        *,
        release: Release,
        environment: Mapping[str, str] | None = None,
        now: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        """Raises UsageError: no extra, no key where one is named, parameters that can't be."""
        reserved = sorted(RESERVED & set(release.model.parameters))
        if reserved:
            raise UsageError(
                f"{release.place}: [model.parameters] must not set {', '.join(reserved)}: the "
                "tool-calling loop does."
            )
        self._suite = suite
        self._model = suite.agent.model or release.model.name
        self._provider = release.model.provider
        self._now = now
        settings = EndpointSettings(
            base_url=suite.agent.base_url or "",
            model=self._model,
            parameters=release.model.parameters,
            api_key_env=suite.agent.api_key_env,
            place="[agent]",
        )
        self._endpoint = ChatEndpoint(settings, environment=environment, now=now)

    @property
    def most_in_flight(self) -> int | None:
        """None: as many trials at once as the suite's `concurrency` allows."""
        return None

    async def start(self) -> None:
        """Makes the client; the endpoint itself is first asked by a trial."""
        await self._endpoint.start()

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """One trial: turns until the model answers without a call, at most `max_turns`."""
        sent, schemas = opening_messages(trial), tool_schemas(trial.tools)
        did: list[dict[str, Any]] = []
        turns: list[ModelTurn] = []
        first = (trial.turn - 1) * self._suite.max_turns
        while len(turns) < self._suite.max_turns:
            turn = parse_turn(await self._ask([*sent, *did], schemas), number=first + len(turns))
            turns.append(turn)
            did.append(turn.message)
            failure = _BROKEN_OFF.get(turn.finish_reason or "")
            if failure is not None:
                # Half an answer is no decision: what it calls for is not done.
                did += [_not_made(call) for call in turn.calls]
                return replace(self._finish(turns, did), failure=failure)
            if not turn.calls:
                return self._finish(turns, did)
            # One after the other: the order of the calls is the order of the model's list.
            did += [await self._make_call(call, tools) for call in turn.calls]
        raise AgentError(f"no reply within {self._suite.max_turns} turns (max_turns)")

    async def close(self) -> None:
        """Ends the client's connections."""
        await self._endpoint.close()

    async def _ask(self, messages: list[dict[str, Any]], schemas: list[dict[str, Any]]) -> bytes:
        return await self._endpoint.ask([as_endpoint_takes(m) for m in messages], schemas)

    async def _make_call(self, call: ModelCall, tools: ToolSession) -> dict[str, Any]:
        """The tool message that answers the call, with what the log says about it."""
        before = len(tools.log)
        await tools.call(call.name, call.arguments)
        if len(tools.log) == before:
            # The tools took no more: further turns would only cost.
            raise AgentError(f"more than {self._suite.max_turns} tool calls (max_turns)")
        logged = tools.log[before]
        assert isinstance(logged, LoggedCall)
        return answer_message(logged, call.id)

    def _finish(self, turns: list[ModelTurn], did: list[dict[str, Any]]) -> AgentReply:
        """The reply; a count or a cost that is unknown for one turn is unknown for all."""
        usages = [turn.usage for turn in turns if turn.usage is not None]
        is_counted = len(usages) == len(turns)
        return AgentReply(
            text=turns[-1].text,
            input_tokens=sum(usage.input_tokens for usage in usages) if is_counted else None,
            output_tokens=sum(usage.output_tokens for usage in usages) if is_counted else None,
            cost_usd=self._cost(usages) if is_counted else None,
            messages=did,
        )

    def _cost(self, usages: list[TokenUsage]) -> float | None:
        costs = [
            price_usage(
                usage,
                provider=self._provider,
                model=self._model,
                prices=self._suite.prices,
                at=self._now(),
            )
            for usage in usages
        ]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None


def _not_made(call: ModelCall) -> dict[str, Any]:
    said = "not made: the model's answer was broken off"
    return {"role": "tool", "tool_call_id": call.id, "content": said, "error": True}
