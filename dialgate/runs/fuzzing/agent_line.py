"""An agent that stays up while lots of trials come from code that waits for each.

Its loop has a thread of its own, so that a search which can't be asynchronous may ask. Leaves
what is run to the caller.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from dialgate.runs.live_runs import unreachable
from dialgate_evals.errors import EvidenceError, InterruptedRunError
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.engine import DueTrial
from dialgate_evals.running.executors.executor import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.engine import Engine
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

Lot = list[DueTrial]


@contextmanager
def said_when_interrupted(text: str) -> Iterator[None]:
    """Ctrl-C inside ends the command with these words. Raises InterruptedRunError."""
    try:
        yield
    except KeyboardInterrupt:
        raise InterruptedRunError(f"Interrupted. {text}") from None


class AgentLine:
    """One release's agent, started when it is first asked; use it as a context."""

    def __init__(self, workspace: Workspace, release: Release) -> None:
        """Nothing is started yet."""
        self._workspace, self._release = workspace, release
        self._found: dict[tuple[int, int], Trajectory] = {}
        self._numbers: dict[int, int] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._lots: asyncio.Queue[tuple[Lot, Future[None]] | None] = asyncio.Queue()
        self._is_ready: Future[None] = Future()

    def run(self, cases: Sequence[Case]) -> list[Trajectory]:
        """A fresh trial of each, in their order; a case may stand there several times.

        Raises EvidenceError where the agent can't be started.
        """
        due = [self._due(case) for case in cases]
        done: Future[None] = Future()
        try:
            self._start()
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._lots.put_nowait, (due, done))
            done.result()
        except InfrastructureError as error:
            raise EvidenceError([unreachable(self._workspace, error)]) from None
        return [self._found.pop((id(item.case), item.trial)) for item in due]

    def _due(self, case: Case) -> DueTrial:
        number = self._numbers.get(id(case), 0)
        self._numbers[id(case)] = number + 1
        return DueTrial(case=case, trial=number)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, daemon=True)
            self._thread.start()
        self._is_ready.result()

    def _serve(self) -> None:
        try:
            asyncio.run(self._take_lots())
        except asyncio.CancelledError:
            return
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it
            if not self._is_ready.done():
                self._is_ready.set_exception(error)

    async def _take_lots(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._lots = asyncio.Queue()
        engine = self._engine()
        async with engine.agent_ready():
            self._is_ready.set_result(None)
            while (item := await self._lots.get()) is not None:
                due, done = item
                try:
                    await engine.run_due(due)
                except BaseException as error:
                    done.set_exception(error)
                    raise
                done.set_result(None)

    def _engine(self) -> Engine:
        return open_engine(
            self._workspace,
            self._release,
            actions=self._workspace.actions,
            on_finished=self._finish,
        )

    def _finish(self, case: Case, trajectory: Trajectory) -> None:
        self._found[id(case), trajectory.trial] = trajectory

    def close(self, *, at_once: bool = False) -> None:
        """Ends the agent; `at_once` also cancels what still runs."""
        thread, loop, task = self._thread, self._loop, self._task
        if thread is None or loop is None or task is None:
            return
        with suppress(RuntimeError):  # the loop has ended already
            if at_once:
                loop.call_soon_threadsafe(task.cancel)
            else:
                loop.call_soon_threadsafe(self._lots.put_nowait, None)
        thread.join()
        self._thread = None
