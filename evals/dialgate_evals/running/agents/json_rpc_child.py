"""One child process that speaks JSON-RPC 2.0, one message a line, and the trials in flight on it.

Knows the wire of docs/reference/agent-protocol.md and which trial a message belongs to; leaves
how many processes there are, and who runs again, to `command`.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.running.agent_protocol import AgentError, send_late
from dialgate_evals.running.agents.process import LINE_LIMIT_BYTES, ChildProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_evals.running.agent_protocol import ToolAnswer, ToolSession, TrialInput
    from dialgate_evals.running.containment.sandbox import Launch

PROTOCOL = 1
"""Sent with `initialize`; changes when an agent written for it would have to change."""

TOOL_ERROR = -32000
"""The code of a tool's error; others are JSON-RPC's own."""

_UNKNOWN_METHOD = -32601
_UNKNOWN_TRIAL = -32602
_INITIALIZE = 0


class ChildLostError(Exception):
    """The process ended, or broke the protocol, under one or several trials."""

    def __init__(self, reason: str, *, alone: bool, wrote_garbage: bool) -> None:
        super().__init__(reason)
        self.alone = alone
        # no other trial was in flight, so none can be to blame
        self.wrote_garbage = wrote_garbage


class _Flight:
    """One trial in flight."""

    __slots__ = ("future", "tools")

    def __init__(self, tools: ToolSession) -> None:
        self.tools = tools
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


class JsonRpcChild:
    """One agent process; `on_change` is called whenever it may take another trial, or is lost.

    `on_died` is called when it ends, or breaks the protocol, under a trial.
    """

    def __init__(
        self, child: ChildProcess, on_change: Callable[[], None], on_died: Callable[[], None]
    ) -> None:
        self._child = child
        self._on_change, self._on_died = on_change, on_died
        self._flights: dict[int, _Flight] = {}
        self._numbers: dict[str, int] = {}
        self._next_number = _INITIALIZE
        self.initialized = asyncio.Event()
        # set by any answer to `initialize`, and by the end of the process
        self.most_in_flight = 1
        self.is_lost = False
        self.is_retired = False
        # takes no new trial; ended when the last one is done
        self.reason = ""
        # why it was lost
        self._send_request("initialize", {"protocol": PROTOCOL})
        self._reader = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def start(
        cls, launch: Launch, on_change: Callable[[], None], on_died: Callable[[], None]
    ) -> JsonRpcChild:
        """Starts the process. Raises InfrastructureError where it can't be started."""
        return cls(await ChildProcess.start(launch), on_change, on_died)

    @property
    def in_flight(self) -> int:
        """How many trials are in flight."""
        return len(self._flights)

    @property
    def is_free(self) -> bool:
        """Whether it takes one more trial now."""
        usable = not self.is_lost and not self.is_retired
        return usable and self.in_flight < self.most_in_flight

    async def run(self, trial: TrialInput, tools: ToolSession) -> Any:  # noqa: ANN401 - JSON data
        """The agent's raw reply. Raises AgentError where it says so, ChildLostError at its end.

        A cancelled trial retires the process: nothing says whether the agent still works on it.
        """
        flight = _Flight(tools)
        number = self._send_request(
            "trial/run",
            {
                "trial_id": trial.trial_id,
                "messages": list(trial.messages),
                "tools": list(trial.tools),
                "release": trial.release,
                **({"turn": trial.turn} if trial.has_user else {}),
                **trial.mcp,
            },
        )
        self._flights[number] = flight
        self._numbers[trial.trial_id] = number
        try:
            await self._child.drain()
            return await flight.future
        except asyncio.CancelledError:
            self.is_retired = True
            raise
        finally:
            self._flights.pop(number, None)
            self._numbers.pop(trial.trial_id, None)
            if self.is_retired and not self._flights:
                await self.close()
            self._on_change()

    async def close(self) -> None:
        """Ends the process group; trials in flight are left to who cancels them."""
        self.is_lost = True
        self._reader.cancel()
        # Killed before anything is awaited: a second cancellation leaves no process behind.
        await self._child.end()
        await asyncio.gather(self._reader, return_exceptions=True)

    def _send_request(self, method: str, params: dict[str, Any]) -> int:
        number = self._next_number
        self._next_number += 1
        self._send({"id": number, "method": method, "params": params})
        return number

    def _send(self, message: dict[str, Any]) -> None:
        self._child.write(json_line({"jsonrpc": "2.0", **message}))

    async def _read(self) -> None:
        reason, garbage = "the agent's process ended", False
        try:
            while (line := await self._child.read_line()) is not None:
                if line.strip():
                    self._take(parse_json(line))
                # An agent that asks without reading the answers waits here, not in memory.
                await self._child.drain()
        except (JsonTextError, _ProtocolError) as error:
            reason, garbage = f"the agent broke the protocol: it wrote {error}", True
        except ValueError:
            limit = LINE_LIMIT_BYTES // 2**20
            reason, garbage = f"the agent broke the protocol: a line over {limit} MiB", True
        await self._lose(reason, garbage=garbage)

    def _take(self, message: Any) -> None:  # noqa: ANN401 - hostile input
        if not isinstance(message, dict):
            raise _ProtocolError(f"a {type(message).__name__} where a message was expected")
        if "method" in message:
            self._take_request(message)
        elif type(message.get("id")) is not int:  # a boolean is an int to isinstance
            raise _ProtocolError("a message that is neither a request nor an answer")
        elif message["id"] == _INITIALIZE:
            self._take_capacity(message)
        else:
            self._take_reply(message)

    def _take_capacity(self, message: dict[str, Any]) -> None:
        """`initialize`: an error or an answer without the figure mean one trial at a time."""
        answer = message.get("result")
        most = answer.get("concurrency", 1) if isinstance(answer, dict) else 1
        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise _ProtocolError(f"{str(most)[:80]!r} as its concurrency, which is no count")
        self.most_in_flight = most
        self.initialized.set()
        self._on_change()

    def _take_reply(self, message: dict[str, Any]) -> None:
        """The end of a trial; a second one, or one of a trial given up, changes nothing."""
        flight = self._flights.get(message["id"])
        if flight is None or flight.future.done():
            return
        if message.get("error") is not None:
            flight.future.set_exception(AgentError(_error_text(message["error"])))
        elif "result" in message:
            flight.future.set_result(message["result"])
        else:
            raise _ProtocolError("an answer with neither result nor error")

    def _take_request(self, message: dict[str, Any]) -> None:
        number, params = message.get("id"), message.get("params")
        if message["method"] != "tools/call":
            self._refuse(number, _UNKNOWN_METHOD, f"no method {str(message['method'])[:80]!r}")
            return
        if not isinstance(params, dict):
            raise _ProtocolError("a tools/call without params")
        trial_id = params.get("trial_id")
        flight = self._flights.get(
            self._numbers.get(trial_id, -1) if isinstance(trial_id, str) else -1
        )
        if flight is None or flight.future.done():
            self._refuse(number, _UNKNOWN_TRIAL, "no such trial is in flight")
            return
        answer, late = flight.tools.answer(params.get("name", ""), params.get("arguments", {}))
        # A slow tool doesn't hold up the other calls.
        send_late(late, lambda: self._answer(number, answer))

    def _answer(self, number: object, answer: ToolAnswer) -> None:
        """Says the answer; a call that was sent as a notification is made all the same."""
        if answer.is_error:
            self._refuse(number, TOOL_ERROR, str(answer.content))
        elif number is not None:
            self._send({"id": number, "result": {"content": answer.content}})

    def _refuse(self, number: object, code: int, text: str) -> None:
        if number is not None:
            self._send({"id": number, "error": {"code": code, "message": text}})

    async def _lose(self, reason: str, *, garbage: bool) -> None:
        """Ends the process; every trial in flight learns whether another may be to blame."""
        self.is_lost = True
        flights = [flight for flight in self._flights.values() if not flight.future.done()]
        alone = len(self._flights) == 1
        if flights:
            self._on_died()
        ended = await (self._child.end() if garbage else self._child.ended())
        shown = reason if garbage else f"{reason} ({ended})"
        self.reason = shown + self._child.log_tail
        for flight in flights:
            with contextlib.suppress(asyncio.InvalidStateError):
                lost = ChildLostError(self.reason, alone=alone, wrote_garbage=garbage)
                flight.future.set_exception(lost)
        self.initialized.set()
        self._on_change()


class _ProtocolError(Exception):
    """What the agent wrote is JSON, but no message of the protocol."""


def _error_text(error: Any) -> str:  # noqa: ANN401 - hostile input
    message = error.get("message") if isinstance(error, dict) else error
    return f"the agent answered with an error: {message}"[:2000]
