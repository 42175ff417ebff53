"""One job's agent on a worker, kept up between tasks: lanes through which its trials go.

Knows when it is up and idle; leaves trials to `running.engine` and messages to `worker.answering`.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError, DialgateError
from dialgate_evals.files.file_reading import Problems, read_toml, workspace_root
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.agents.python.interpreter import find_interpreter
from dialgate_evals.running.agents.registry import died_under, loaded_by
from dialgate_evals.running.executors.cluster.plain_data import unpack_actions, unpack_release
from dialgate_evals.running.executors.cluster.worker.trees import home_on_worker
from dialgate_evals.running.executors.executor import open_engine
from dialgate_evals.suite.suite import AgentKind
from dialgate_evals.suite.workspace import Workspace, parse_suite_checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.engine import DueTrial
    from dialgate_evals.running.executors.cluster.messages import Job
    from dialgate_evals.running.time_limits import TimeLimits
    from dialgate_evals.suite.loaded_code import LoadedCode
    from dialgate_evals.suite.suite import Suite

_Waiting = tuple["DueTrial", "asyncio.Future[Trajectory]"]


class StationFailedError(Exception):
    """The agent can't be made ready on this worker; the text says why."""


class Station:
    """One release's agent; `open` before `run`, `close` at the end."""

    def __init__(self, job: Job, root: Path) -> None:
        """`root` is the job's tree. Raises StationFailedError where its files can't be used."""
        folder = root / job.suite_folder
        self.root = root
        self._folder, self._home = job.suite_folder, home_on_worker(job)
        self.lanes = 0
        # trials that run at once, once it is open
        self.last_used = time.monotonic()
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._busy = 0
        self._closing = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        try:
            self._suite = _read_suite(folder)
            actions = unpack_actions(job.actions)
            workspace = Workspace(
                folder=folder,
                root=root,
                suite=self._suite,
                actions=actions,
                actions_document={},
                cases=(),
                home=self._home,
            )
            self._engine = open_engine(
                workspace,
                unpack_release(job.release),
                actions=actions,
                on_finished=lambda _case, _trajectory: None,
            )
        except DialgateError as error:
            raise StationFailedError(str(error)) from None

    async def open(self) -> None:
        """Starts the agent and its lanes. Raises StationFailedError."""
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._serving = asyncio.create_task(self._serve(ready))
        try:
            await ready
        except (InfrastructureError, DialgateError) as error:
            raise StationFailedError(str(error)) from None

    async def run(self, due: Sequence[DueTrial]) -> list[Trajectory]:
        """These trials, in this order, each through the next free lane.

        Raises StationFailedError where the station closes before they ended.
        """
        self.last_used = time.monotonic()
        self._busy += 1
        try:
            await self._engine.make_users_ready([item.case for item in due])
            loop = asyncio.get_running_loop()
            ends = [loop.create_future() for _ in due]
            for item, end in zip(due, ends, strict=True):
                self._waiting.put_nowait((item, end))
            return await self._first_of_end(ends)
        except DialgateError as error:
            raise StationFailedError(str(error)) from None
        finally:
            self._busy -= 1
            self.last_used = time.monotonic()

    async def _first_of_end(self, ends: list[asyncio.Future[Trajectory]]) -> list[Trajectory]:
        """What all of these come to, as long as the lanes are there."""
        assert self._serving is not None
        everything = asyncio.gather(*ends)
        waited: set[asyncio.Future[Any]] = {everything, self._serving}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if not everything.done():
            everything.cancel()
            raise StationFailedError("the job was closed")
        return everything.result()

    def is_idle(self, for_s: float) -> bool:
        """Whether nobody has wanted anything for so many seconds."""
        return self._busy == 0 and time.monotonic() - self.last_used > for_s

    @property
    def installed(self) -> list[str]:
        """Python distributions beside the agent, as name-version, by the names of their folders."""
        if self._suite.agent.kind is not AgentKind.PYTHON:
            return []
        home = self._home or self.root / self._folder
        try:
            found = find_interpreter(self._suite.agent.interpreter, home, workspace_root(home))
        except InfrastructureError:
            return []
        path = Path(shutil.which(found) or found)
        folders = path.parent.parent.glob("lib*/python3*/site-packages/*.dist-info")
        return sorted({folder.name.removesuffix(".dist-info") for folder in folders})

    @property
    def loaded(self) -> LoadedCode | None:
        """What the agent loaded so far; None: nobody can say."""
        return loaded_by(self._engine.agent)

    @property
    def workers_died(self) -> int:
        """Processes of the agent that ended under a trial."""
        return died_under(self._engine.agent)

    async def close(self) -> None:
        """Ends the agent; trials under way are given up."""
        self._closing.set()
        if self._serving is not None:
            await asyncio.wait({self._serving})

    async def _serve(self, ready: asyncio.Future[None]) -> None:
        """Holds the agent up from its start to its end, all in one task."""
        try:
            async with self._engine.agent_ready():
                most = self._engine.agent.most_in_flight or self._suite.concurrency
                self.lanes = min(self._suite.concurrency, most)
                limits = self._engine.time_limits(self._suite.timeout_s)
                lanes = [asyncio.create_task(self._run_lane(limits)) for _ in range(self.lanes)]
                ready.set_result(None)
                await self._closing.wait()
                for lane in lanes:
                    lane.cancel()
                await asyncio.gather(*lanes, return_exceptions=True)
        except (InfrastructureError, DialgateError) as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _run_lane(self, limits: TimeLimits) -> None:
        """Trials one after the other; never ends by itself."""
        limit = limits.of_this_task()
        while True:
            due, end = await self._waiting.get()
            if not end.cancelled():
                trajectory = await self._engine.run_one(due, limit)
                if not end.cancelled():
                    end.set_result(trajectory)


def _read_suite(folder: Path) -> Suite:
    problems: Problems = []
    path = folder / "suite.toml"
    document = read_toml(path, "suite", problems)
    suite = None if document is None else parse_suite_checked(document, path, problems)
    if suite is None:
        raise ConfigurationError(problems)
    return suite
