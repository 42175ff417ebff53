"""One worker process of a Python agent, and the trials in flight on it.

Knows the lines that pass and which trial a lost worker was busy with; leaves the pool to
`python_process`, the other end to `python.worker` and the process to `process`.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_lines import parse_json_lines
from dialgate_evals.files.json_text import json_line
from dialgate_evals.running.agent_protocol import (
    AgentError,
    BlockedWorkerError,
    InfrastructureError,
    send_late,
)
from dialgate_evals.running.agents.process import ChildProcess
from dialgate_evals.suite.loaded_code import LoadedCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dialgate_evals.running.agent_protocol import ToolSession, TrialInput
    from dialgate_evals.running.containment.sandbox import Launch

_START_S = 60.0
_CANCEL_S = 1.0


class MainThreadWantedError(Exception):
    """The agent does what works in a main thread only: the trial must run again in one."""


class NotBegunError(Exception):
    """The trial was taken back before the agent began with it: what is before it blocks."""


class WorkerLostError(Exception):
    """The worker ended under a trial; `alone` says whether no other trial can be to blame."""

    def __init__(self, reason: str, *, alone: bool) -> None:
        super().__init__(reason)
        self.alone = alone


class _Flight:
    """One trial in flight on a worker."""

    __slots__ = ("future", "has_begun", "tools")

    def __init__(
        self, tools: ToolSession, future: asyncio.Future[Any], *, has_begun: bool = True
    ) -> None:
        self.tools = tools
        self.future = future
        self.has_begun = has_begun


class Worker:
    """One worker process and the trials in flight on it."""

    def __init__(
        self,
        child: ChildProcess,
        on_loaded: Callable[[LoadedCode], None],
        on_died: Callable[[], None],
    ) -> None:
        self._child = child
        self._on_loaded, self._on_died = on_loaded, on_died
        self._flights: dict[int, _Flight] = {}
        self._number = 0
        self._loop = asyncio.get_running_loop()
        self._reader: asyncio.Task[None] | None = None
        self.is_lost = False
        self.is_blocked = False
        # trials were given back, and nothing was heard of it since

    @classmethod
    async def start(
        cls,
        launch: Launch,
        settings: dict[str, Any],
        *,
        on_loaded: Callable[[LoadedCode], None] = lambda _: None,
        on_died: Callable[[], None] = lambda: None,
    ) -> Worker:
        """Starts a worker and loads the agent. Raises InfrastructureError where it can't.

        `on_loaded` hears of the project's files that the agent loads, as they become known;
        `on_died` hears when it ends by itself under a trial.
        """
        worker = cls(await ChildProcess.start(launch), on_loaded, on_died)
        worker._send({"load": settings})
        try:
            await worker._wait_until_loaded()
        except BaseException:
            await worker._child.end()
            raise
        worker._reader = asyncio.get_running_loop().create_task(worker._read())
        return worker

    async def _wait_until_loaded(self) -> None:
        try:
            async with asyncio.timeout(_START_S):
                line = await self._child.read_line()
            message = json.loads(line) if line else {}
        except (TimeoutError, ValueError) as error:
            raise InfrastructureError(f"the agent did not load: {error!r}") from None
        if message.get("ready"):
            self._hear_of(message["project"])
            return
        ended = f"its process ended{self._child.log_tail}"
        why = _failure_text(message) if "failed" in message else ended
        raise InfrastructureError(f"the agent did not load: {why}")

    @property
    def load(self) -> int:
        """How many trials are in flight."""
        return len(self._flights)

    async def run(self, trial: TrialInput, tools: ToolSession, *, may_move: bool = False) -> Any:  # noqa: ANN401 - JSON data
        """The agent's raw reply. Raises AgentError, or WorkerLostError where the worker ended.

        `may_move`: it can be given back before it begins, and then raises NotBegunError.
        """
        self._number += 1
        number = self._number
        future = self._loop.create_future()
        flight = self._flights[number] = _Flight(tools, future, has_begun=not may_move)
        asked: dict[str, Any] = {"run": number, "messages": trial.messages}
        if may_move:
            asked["say_begun"] = True
        if trial.mcp:
            asked["mcp"] = trial.mcp
        self._send(asked)
        try:
            return await flight.future
        except asyncio.CancelledError:
            if number not in self._flights:  # given back in the same turn
                raise
            shared = self.load > 1
            if not await self._cancel(number, flight) and shared:
                raise BlockedWorkerError from None
            raise
        finally:
            self._flights.pop(number, None)

    def give_back(self) -> None:
        """Has trials run elsewhere that wait behind one that blocks."""
        waiting = {n: flight for n, flight in self._flights.items() if not flight.has_begun}
        for number, flight in waiting.items():
            self._send({"cancel": number})
            del self._flights[number]
            if not flight.future.done():
                flight.future.set_exception(NotBegunError())
        self.is_blocked = self.is_blocked or bool(waiting)

    async def _cancel(self, number: int, flight: _Flight) -> bool:
        """Asks the worker to drop the trial; one that doesn't answer is ended with its group.

        Says whether it answered: if not, some trial blocked it, and not necessarily this one.
        """
        if self.is_lost:
            return False
        self._send({"cancel": number})
        flight.future = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_CANCEL_S):
                await flight.future
        except TimeoutError:
            self._flights.pop(number, None)
            await self._lose("a trial on it hung", is_innocent=True)
            return False
        except WorkerLostError:
            return False
        except (AgentError, MainThreadWantedError, NotBegunError):
            pass
        return True

    def _send(self, message: dict[str, Any]) -> None:
        self._child.write(json_line(message))

    async def _read(self) -> None:
        reason = "the agent's process ended"
        try:
            while (lines := await self._child.read_lines()) is not None:
                for message in parse_json_lines(lines):
                    self._take(message)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"the agent's process wrote garbage on the wire ({error})"
        if not self.is_lost:
            await self._lose(reason, is_innocent=False)

    def _hear_of(self, project: Mapping[str, Any]) -> None:
        self._on_loaded(
            LoadedCode(
                files=project.get("loaded", {}),
                elsewhere=project.get("elsewhere", {}),
                children=bool(project.get("children")),
            )
        )

    def _take(self, message: dict[str, Any]) -> None:
        self.is_blocked = False
        if "project" in message:
            self._hear_of(message["project"])
            return
        flight = self._flights.get(message["trial"])
        if flight is None:
            return
        flight.has_begun = True
        if "call" in message:
            self._answer(message, flight.tools)
            return
        if flight.future.done():
            return
        if "done" in message:
            flight.future.set_result(message["done"])
        elif "failed" in message:
            flight.future.set_exception(AgentError(_failure_text(message)))
        elif "wants_main_thread" in message:
            flight.future.set_exception(MainThreadWantedError())
        elif "cancelled" in message:
            flight.future.set_exception(AgentError("the agent cancelled its own trial"))

    def _answer(self, message: dict[str, Any], tools: ToolSession) -> None:
        """Answers a call; a slow tool doesn't hold up the others."""
        answer, late = tools.answer(message["name"], message["arguments"])
        answered = {"answer": [answer.content, answer.is_error], "call": message["call"]}
        if late:
            send_late(late, lambda: self._send(answered))
        else:
            self._send(answered)

    async def _lose(self, reason: str, *, is_innocent: bool) -> None:
        """Ends the worker; every trial in flight learns whether it may be to blame."""
        self.is_lost = True
        flights = list(self._flights.values())
        if flights and not is_innocent:
            self._on_died()
        ended = await (self._child.end() if is_innocent else self._child.ended())
        text = reason if is_innocent else f"{reason} ({ended}){self._child.log_tail}"
        for flight in flights:
            if not flight.future.done():
                alone = len(flights) == 1 and not is_innocent
                flight.future.set_exception(WorkerLostError(text, alone=alone))

    async def close(self) -> None:
        """Ends the process group."""
        self.is_lost = True
        if self._reader is not None:
            self._reader.cancel()
        await self._child.end()


def _failure_text(message: dict[str, Any]) -> str:
    where = str(message.get("where") or "").strip().splitlines()
    place = next((line.strip() for line in reversed(where) if line.strip().startswith("File")), "")
    return str(message["failed"]) + (f" ({place})" if place else "")
