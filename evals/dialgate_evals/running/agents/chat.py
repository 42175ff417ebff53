"""The built-in agent: a tool-calling loop on any OpenAI-compatible endpoint (extra `chat`).

Knows turns, limits and what an endpoint's failure means; leaves the format of messages to
`chat_messages` and prices to `dialgate_evals.suite.prices`. The key never reaches a record.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from dialgate_evals.actions.redaction import SHORTEST_SECRET
from dialgate_evals.actions.trajectory import CONTENT_FILTER, CUT_OFF, MALFORMED_CALL
from dialgate_evals.dialects.texts.endings import MALFORMED
from dialgate_evals.errors import UsageError
from dialgate_evals.files.plain_text import shorten
from dialgate_evals.running.agent_protocol import AgentError, AgentReply, InfrastructureError
from dialgate_evals.running.agents.chat_messages import (
    as_endpoint_takes,
    opening_messages,
    parse_turn,
    tool_schemas,
)
from dialgate_evals.running.agents.retry_after import parse_retry_after
from dialgate_evals.running.simulation.loopback import BODY_LIMIT_BYTES, is_loopback
from dialgate_evals.running.simulation.simulated_tools import LoggedCall, answer_message
from dialgate_evals.suite.prices import price_usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import openai

    from dialgate_evals.running.agent_protocol import ToolSession, TrialInput
    from dialgate_evals.running.agents.chat_messages import ModelCall, ModelTurn
    from dialgate_evals.suite.prices import TokenUsage
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite

_RESERVED = frozenset({"model", "messages", "tools", "stream", "stream_options", "n"})
"""What the loop itself decides; a release's parameters must not."""

_AGENTS_OWN = frozenset({400, 413, 422})
"""Statuses that the release's prompt, tools or parameters cause. Others are about the key, the
address or the provider: the trial could not be run, and that is no sign of a worse release."""

_BROKEN_OFF = {"length": CUT_OFF, "content_filter": CONTENT_FILTER, MALFORMED: MALFORMED_CALL}
"""Endings that are no decision of the model, as the trial's failure names them."""

_NO_KEY = "none"
"""Sent where the suite names no key: the SDK wants one and would look for it by itself."""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class ChatAgent:
    """Prompts, tools and model of the release on the suite's endpoint; `now` is a port."""

    def __init__(
        self,
        suite: Suite,
        *,
        release: Release,
        environment: Mapping[str, str] | None = None,
        now: Callable[[], dt.datetime] = _now,
    ) -> None:
        """Raises UsageError: no extra, no key where one is named, parameters that can't be."""
        if importlib.util.find_spec("openai") is None:
            raise UsageError(
                'Agents of kind "chat" need the extra "chat": pip install "dialgate[chat]".'
            )
        reserved = sorted(_RESERVED & set(release.model.parameters))
        if reserved:
            raise UsageError(
                f"{release.place}: [model.parameters] must not set {', '.join(reserved)}: the "
                "tool-calling loop does."
            )
        self._suite = suite
        self._model = suite.agent.model or release.model.name
        self._provider = release.model.provider
        self._parameters = dict(release.model.parameters)
        self._key = _find_key(suite, os.environ if environment is None else environment)
        self._now = now
        self._client: openai.AsyncOpenAI | None = None

    @property
    def most_in_flight(self) -> int | None:
        """None: as many trials at once as the suite's `concurrency` allows."""
        return None

    async def start(self) -> None:
        """Makes the client; the endpoint itself is first asked by a trial."""
        import openai  # noqa: PLC0415 - takes a second, and is an extra

        base_url = self._suite.agent.base_url or ""
        is_local = is_loopback(urlsplit(base_url).hostname or "")
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=self._key or _NO_KEY,
            max_retries=0,  # the engine retries
            timeout=None,  # the engine limits
            http_client=openai.DefaultAsyncHttpxClient(
                follow_redirects=False, trust_env=not is_local
            ),
        )

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """One trial: turns until the model answers without a call, at most `max_turns`."""
        sent, schemas = opening_messages(trial), tool_schemas(trial.tools)
        did: list[dict[str, Any]] = []
        turns: list[ModelTurn] = []
        while len(turns) < self._suite.max_turns:
            turn = parse_turn(await self._ask([*sent, *did], schemas), number=len(turns))
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
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _ask(self, messages: list[dict[str, Any]], schemas: list[dict[str, Any]]) -> bytes:
        """The endpoint's raw answer. Raises AgentError or InfrastructureError."""
        import httpx2  # noqa: PLC0415 - comes with openai
        import openai  # noqa: PLC0415 - an extra

        try:
            return await self._post(messages, schemas)
        except openai.APIStatusError as error:
            raise self._status_error(error) from None
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            cause = error.__cause__ or error
            said = self._without_key(str(cause)) or type(cause).__name__
            raise InfrastructureError(f"the model's endpoint can't be reached: {said}") from None

    async def _post(self, messages: list[dict[str, Any]], schemas: list[dict[str, Any]]) -> bytes:
        assert self._client is not None
        request: dict[str, Any] = {
            "model": self._model,
            "messages": [as_endpoint_takes(message) for message in messages],
        }
        if schemas:
            request["tools"] = schemas
        # As raw bytes: the SDK's types let anything pass, and would read without a bound.
        streaming = self._client.chat.completions.with_streaming_response
        async with streaming.create(**request, extra_body=self._parameters) as response:
            body = bytearray()
            async for chunk in response.iter_bytes():
                body += chunk
                if len(body) > BODY_LIMIT_BYTES:
                    limit = BODY_LIMIT_BYTES // 2**20
                    raise AgentError(f"the model's answer is over {limit} MiB")
        return self._without_key(body.decode("utf-8", "surrogateescape")).encode(
            "utf-8", "surrogateescape"
        )

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

    def _status_error(self, error: openai.APIStatusError) -> AgentError | InfrastructureError:
        status = error.status_code
        said = shorten(self._without_key(f"the model's endpoint answered {status}: {error}"), 1000)
        if status in _AGENTS_OWN:
            return AgentError(said)
        retry = parse_retry_after(error.response.headers.get("retry-after"), now=self._now())
        return InfrastructureError(said, retry_after_s=retry)

    def _without_key(self, text: str) -> str:
        """The text without the key, should an endpoint repeat it."""
        if self._key is None or len(self._key) < SHORTEST_SECRET:
            return text
        shown = f"[secret {self._suite.agent.api_key_env}]"
        return text.replace(json.dumps(self._key)[1:-1], shown).replace(self._key, shown)

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


def _find_key(suite: Suite, environment: Mapping[str, str]) -> str | None:
    name = suite.agent.api_key_env
    if name is None:
        return None
    if not environment.get(name):
        raise UsageError(f"[agent] api_key_env: the environment variable {name} is not set.")
    return environment[name]
