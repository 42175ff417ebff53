"""Python agents in processes of their own: a pool of workers, trials multiplexed on each.

Knows which trial a lost worker was busy with and who must run again; leaves the worker's side to
`python_worker` and the process to `process`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.agent_protocol import AgentError, BlockedWorkerError, InfrastructureError
from dialgate_evals.files.json_text import json_line, parse_json
from dialgate_evals.running.agents.process import ChildProcess
from dialgate_evals.running.agents.replies import parse_reply

if TYPE_CHECKING:
    from dialgate_evals.agent_protocol import AgentReply, ToolSession, TrialInput
    from dialgate_evals.running.containment.sandbox import Launch, Sandbox
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite

_START_S = 60.0
_CANCEL_S = 1.0


class _WorkerLostError(Exception):
    """The worker ended under a trial; `alone` says whether no other trial can be to blame."""

    def __init__(self, reason: str, *, alone: bool) -> None:
        super().__init__(reason)
        self.alone = alone


class _Flight:
    """One trial in flight on a worker."""

    __slots__ = ("future", "tools")

    def __init__(self, tools: ToolSession, future: asyncio.Future[Any]) -> None:
        self.tools = tools
        self.future = future


class Worker:
    """One worker process and the trials in flight on it."""

    def __init__(self, child: ChildProcess) -> None:
        self._child = child
        self._flights: dict[int, _Flight] = {}
        self._number = 0
        self._reader: asyncio.Task[None] | None = None
        self.is_lost = False

    @classmethod
    async def start(cls, launch: Launch, settings: dict[str, Any]) -> Worker:
        """Starts a worker and loads the agent. Raises InfrastructureError where it can't."""
        worker = cls(await ChildProcess.start(launch))
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
            return
        ended = f"its process ended{self._child.log_tail}"
        why = _failure_text(message) if "failed" in message else ended
        raise InfrastructureError(f"the agent did not load: {why}")

    @property
    def load(self) -> int:
        """How many trials are in flight."""
        return len(self._flights)

    async def run(self, trial: TrialInput, tools: ToolSession) -> Any:  # noqa: ANN401 - JSON data
        """The agent's raw reply. Raises AgentError, or _WorkerLostError where the worker ended."""
        self._number += 1
        number = self._number
        flight = _Flight(tools, asyncio.get_running_loop().create_future())
        self._flights[number] = flight
        mcp = {"mcp": trial.mcp} if trial.mcp else {}
        self._send({"run": number, "messages": list(trial.messages), **mcp})
        try:
            return await flight.future
        except asyncio.CancelledError:
            shared = self.load > 1
            if not await self._cancel(number, flight) and shared:
                raise BlockedWorkerError from None
            raise
        finally:
            self._flights.pop(number, None)

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
        except _WorkerLostError:
            return False
        except AgentError:
            pass
        return True

    def _send(self, message: dict[str, Any]) -> None:
        self._child.write(json_line(message))

    async def _read(self) -> None:
        reason = "the agent's process ended"
        try:
            while (lines := await self._child.read_lines()) is not None:
                for line in lines:
                    self._take(parse_json(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"the agent's process wrote garbage on the wire ({error})"
        if not self.is_lost:
            await self._lose(reason, is_innocent=False)

    def _take(self, message: dict[str, Any]) -> None:
        flight = self._flights.get(message["trial"])
        if flight is None:
            return
        if "call" in message:
            self._answer(message, flight.tools)
            return
        if flight.future.done():
            return
        if "done" in message:
            flight.future.set_result(message["done"])
        elif "failed" in message:
            flight.future.set_exception(AgentError(_failure_text(message)))
        elif "cancelled" in message:
            flight.future.set_exception(AgentError("the agent cancelled its own trial"))

    def _answer(self, message: dict[str, Any], tools: ToolSession) -> None:
        """Answers a call; a slow tool doesn't hold up the others."""
        answer, late_s = tools.answer(message["name"], message["arguments"])
        answered = {"answer": [answer.content, answer.is_error], "call": message["call"]}
        if late_s:
            asyncio.get_running_loop().call_later(late_s, self._send, answered)
        else:
            self._send(answered)

    async def _lose(self, reason: str, *, is_innocent: bool) -> None:
        """Ends the worker; every trial in flight learns whether it may be to blame."""
        self.is_lost = True
        flights = list(self._flights.values())
        ended = await (self._child.end() if is_innocent else self._child.ended())
        text = reason if is_innocent else f"{reason} ({ended}){self._child.log_tail}"
        for flight in flights:
            if not flight.future.done():
                alone = len(flights) == 1 and not is_innocent
                flight.future.set_exception(_WorkerLostError(text, alone=alone))

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


class PythonProcessAgent:
    """The suite's `module:function` in a pool of processes; each crash costs one trial."""

    def __init__(
        self, suite: Suite, *, release: Release, suite_folder: Path, root: Path, sandbox: Sandbox
    ) -> None:
        self._suite = suite
        self._folder = suite_folder.resolve()
        self._root = root
        self._sandbox = sandbox
        self._workers: list[Worker] = []
        self._starting = asyncio.Lock()
        self._size = (suite.agent.workers or os.cpu_count() or 1) if suite.agent.isolated else 1
        # Without isolation one process serves every trial, as the agent would in production.
        self._settings: dict[str, Any] = {
            "target": suite.agent.target,
            "memory_mb": suite.agent.memory_mb,
            "tools": release.tools.as_json(),
            "release": release.for_agent(),
        }

    @property
    def most_in_flight(self) -> int | None:
        """Any number: trials are multiplexed."""
        return None

    async def start(self) -> None:
        """Starts the pool. Raises InfrastructureError where the agent can't be loaded."""
        self._sandbox.open()
        self._settings["folder"] = self._sandbox.inside(self._folder)
        async with asyncio.TaskGroup() as group:
            starting = [group.create_task(self._start_worker()) for _ in range(self._size)]
        self._workers = [task.result() for task in starting]

    async def _start_worker(self) -> Worker:
        return await Worker.start(self._launch(), self._settings)

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """One trial. Raises BlockedWorkerError where the worker was lost under several."""
        if trial.alone:
            return await self._respond_alone(trial, tools)
        worker = await self._pick()
        try:
            return parse_reply(await worker.run(trial, tools))
        except _WorkerLostError as lost:
            if lost.alone:
                raise _blame(lost, tools) from None
            raise BlockedWorkerError from None

    async def _respond_alone(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        worker = await self._start_worker()
        try:
            return parse_reply(await worker.run(trial, tools))
        except _WorkerLostError as lost:
            raise _blame(lost, tools) from None
        finally:
            await worker.close()

    async def close(self) -> None:
        """Ends every worker with its process group."""
        workers, self._workers = self._workers, []
        await asyncio.gather(*(worker.close() for worker in workers))
        self._sandbox.close()

    async def _pick(self) -> Worker:
        """The least busy worker, after lost ones were replaced."""
        if any(worker.is_lost for worker in self._workers):
            async with self._starting:
                for index, worker in enumerate(self._workers):
                    if worker.is_lost:
                        self._workers[index] = await self._start_worker()
        return min(self._workers, key=lambda worker: worker.load)

    def _launch(self) -> Launch:
        interpreter = find_interpreter(self._suite.agent.interpreter, self._folder, self._root)
        script = self._sandbox.add_script(Path(__file__).with_name("python_worker.py"))
        return self._sandbox.launch([interpreter, "-u", script])


def _blame(lost: _WorkerLostError, tools: ToolSession) -> AgentError | InfrastructureError:
    """A trial that had begun to act failed; one that had not could not be run."""
    return AgentError(str(lost)) if tools.log else InfrastructureError(str(lost))


def find_interpreter(named: str | None, folder: Path, root: Path) -> str:
    """The agent's interpreter: looked up from the suite's folder, the workspace, then here."""
    if named is None:
        return sys.executable
    if os.sep not in named or Path(named).is_absolute():
        return named
    for base in (folder, root, Path.cwd()):
        if (base / named).exists():
            return str(base / named)
    raise InfrastructureError(f"the agent's interpreter {named} is not there")
