"""Agents behind an HTTP address: one POST a trial, tool calls come back on loopback.

Knows connections that are kept and what each status means; leaves the wire to
`http_connection`, tool calls to `tool_server` (docs/how-to/reach-your-agent.md shows both).
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import UsageError
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.plain_text import shorten
from dialgate_evals.running.agent_protocol import AgentError, InfrastructureError
from dialgate_evals.running.agents.http_connection import (
    BrokenAnswerError,
    HttpConnection,
    NoAnswerError,
    parse_address,
)
from dialgate_evals.running.agents.replies import parse_reply
from dialgate_evals.running.agents.retry_after import parse_retry_after
from dialgate_evals.running.agents.tool_server import ToolServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_evals.running.agent_protocol import AgentReply, ToolSession, TrialInput
    from dialgate_evals.running.agents.http_connection import HttpAnswer
    from dialgate_evals.suite.suite import Suite


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class HttpAgent:
    """Posts each trial to the suite's `url`; `now` is a port for tests."""

    def __init__(self, suite: Suite, *, now: Callable[[], dt.datetime] = _now) -> None:
        """Raises UsageError for a `url` that can't be used."""
        self._url = suite.agent.url or ""
        try:
            self._address = parse_address(self._url)
        except ValueError as error:
            raise UsageError(
                f"[agent] url: found {error}; expected http://host:port/path."
            ) from None
        self._now = now
        self._tool_server = ToolServer()
        self._idle: list[HttpConnection] = []

    @property
    def most_in_flight(self) -> int | None:
        """None: as many trials at once as the suite's `concurrency` allows."""
        return None

    async def start(self) -> None:
        """Opens the tools' endpoint and knocks. Raises InfrastructureError where nobody is in."""
        await self._tool_server.start()
        self._idle.append(await self._connect())

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """One trial. Raises AgentError or InfrastructureError; safe to cancel."""
        with self._tool_server.open_trial(tools) as tools_url:
            body = {
                "trial_id": trial.trial_id,
                "messages": list(trial.messages),
                "tools": list(trial.tools),
                "release": trial.release,
                "tools_url": tools_url,
                **({"turn": trial.turn} if trial.has_user else {}),
                **trial.mcp,
            }
            answer = await self._post(json.dumps(body).encode("ascii"), tools)
        return self._parse_answer(answer)

    async def close(self) -> None:
        """Ends every connection and the tools' endpoint."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        await self._tool_server.close()

    async def _connect(self) -> HttpConnection:
        try:
            return await HttpConnection.open(self._address)
        except OSError as error:
            reason = error.strerror or error
            raise InfrastructureError(f"{self._url} can't be reached: {reason}") from None

    async def _post(self, body: bytes, tools: ToolSession) -> HttpAnswer:
        """The answer; a kept connection that the agent had closed meanwhile is replaced once."""
        try:
            connection = self._take_idle()
            if connection is not None:
                try:
                    return await self._exchange(connection, body)
                except NoAnswerError:
                    if tools.log:
                        raise
            return await self._exchange(await self._connect(), body)
        except NoAnswerError:
            closed = "the agent closed the connection without an answer"
            # Who had called a tool had begun.
            raise (AgentError(closed) if tools.log else InfrastructureError(closed)) from None
        except BrokenAnswerError as error:
            raise AgentError(f"the agent gave {error}") from None

    def _take_idle(self) -> HttpConnection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable:
                return connection
        return None

    async def _exchange(self, connection: HttpConnection, body: bytes) -> HttpAnswer:
        answer = await connection.post_json(body)
        if connection.is_reusable:
            self._idle.append(connection)
        return answer

    def _parse_answer(self, answer: HttpAnswer) -> AgentReply:
        status = answer.status
        if status == 429 or status >= 500:
            retry = parse_retry_after(answer.headers.get("retry-after"), now=self._now())
            said = f"the agent answered {status}{_excerpt(answer.body)}"
            raise InfrastructureError(said, retry_after_s=retry)
        if 300 <= status < 400:
            to = shorten(answer.headers.get("location", "nowhere"), 200)
            raise AgentError(
                f"the agent answered {status}, a redirect to {to}; redirects are not followed: "
                "name the final address in [agent] url"
            )
        if not 200 <= status < 300:
            raise AgentError(f"the agent answered {status}{_excerpt(answer.body)}")
        return parse_reply(_parse_body(answer.body))


def _parse_body(body: bytes) -> dict[str, Any]:
    try:
        document = parse_json(body)
    except JsonTextError as error:
        raise AgentError(f"the agent's answer holds {error}") from None
    if not isinstance(document, dict) or "reply" not in document:
        raise AgentError('the agent\'s answer is no object with a "reply"')
    return document


def _excerpt(body: bytes) -> str:
    text = body[:2000].decode("utf-8", "replace").strip()
    return f": {shorten(text, 500)}" if text else ""
