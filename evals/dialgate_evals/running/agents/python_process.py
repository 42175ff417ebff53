"""Python agents in processes of their own: a pool of workers, trials multiplexed on each.

Knows who must run again when a worker is lost; leaves one worker to `python.worker_child` and its
other end to `python.worker`.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.file_reading import workspace_root
from dialgate_evals.running.agent_protocol import AgentError, BlockedWorkerError
from dialgate_evals.running.agents.process import Growth
from dialgate_evals.running.agents.python.interpreter import find_interpreter
from dialgate_evals.running.agents.python.worker_child import (
    MainThreadWantedError,
    NotBegunError,
    Worker,
    WorkerLostError,
)
from dialgate_evals.running.agents.replies import parse_reply
from dialgate_evals.suite.loaded_code import LoadedCode, merge_loaded

if TYPE_CHECKING:
    from dialgate_evals.running.agent_protocol import AgentReply, ToolSession, TrialInput
    from dialgate_evals.running.containment.sandbox import Launch, Sandbox
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite

_WORKER = Path(__file__).parent / "python" / "worker"


class PythonProcessAgent:
    """The suite's `module:function` in a pool of processes; each crash costs one trial."""

    def __init__(
        self,
        suite: Suite,
        *,
        release: Release,
        suite_folder: Path,
        root: Path,
        sandbox: Sandbox,
        home: Path | None = None,
    ) -> None:
        """`home` is the suite's folder in the user's checkout, where this is another tree."""
        self._sandbox = sandbox
        self._suite = suite
        self._folder = suite_folder.resolve()
        self._root = root
        self._home = self._folder if home is None else home.resolve()
        self._workers: list[Worker] = []
        self._spare: Worker | None = None
        # for the next trial that runs alone
        self._wants_main_thread = False
        self._starting = asyncio.Lock()
        # Without isolation one process serves every trial, as a service in production would.
        self._most = (suite.agent.workers or os.cpu_count() or 1) if suite.agent.isolated else 1
        self._growth = Growth(self._add_worker, self._wanted)
        self.loaded = LoadedCode()
        # of its project so far, by paths relative to the suite's folder; another with each news
        self.workers_died = 0
        # that ended by themselves under a trial
        self._settings: dict[str, Any] = {
            "target": suite.agent.target,
            "memory_mb": suite.agent.memory_mb,
            "tools": release.tools.as_json(),
            "release": release.for_agent(),
            "project": {
                "homes": [str(self._home_root), str(root)],
                "listed": [self._from_root(name) for name in release.code],
            },
        }

    @property
    def most_in_flight(self) -> int | None:
        """Any number: trials are multiplexed."""
        return None

    async def start(self) -> None:
        """Starts the first worker. Raises InfrastructureError where the agent can't be loaded."""
        self._sandbox.open()
        self._settings["path"] = [self._inside(path) for path in self._python_path()]
        self._settings["project"]["tree"] = self._sandbox.inside(self._root)
        await self._growth.begin(self._add_worker)

    async def _add_worker(self) -> None:
        added = await self._start_worker()
        for worker in self._workers:
            worker.give_back()
        self._workers.append(added)

    def _wanted(self) -> int:
        """How many more workers may be started, and have a trial to take over."""
        in_flight = sum(worker.load for worker in self._workers)
        return min(self._most, in_flight) - len(self._workers)

    async def _start_worker(self) -> Worker:
        settings = {**self._settings, "main_thread": self._wants_main_thread}
        return await Worker.start(
            self._launch(), settings, on_loaded=self._hear_of, on_died=self._count_death
        )

    def _count_death(self) -> None:
        self.workers_died += 1

    def _hear_of(self, more: LoadedCode) -> None:
        seen = LoadedCode(
            files={self._from_suite(name): digest for name, digest in more.files.items()},
            elsewhere={self._from_suite(name): place for name, place in more.elsewhere.items()},
            children=more.children,
        )
        merged = merge_loaded((self.loaded, seen))
        assert merged is not None
        if merged != self.loaded:
            self.loaded = merged

    async def make_ready_alone(self) -> None:
        """Starts the process of the next trial that runs alone, where none is left over.

        Raises InfrastructureError where it can't be started.
        """
        if self._spare is None or self._spare.is_lost:
            self._spare = await self._start_worker()

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """One trial. Raises BlockedWorkerError where it must run again, alone."""
        if trial.alone:
            return await self._respond_alone(trial, tools)
        if self._wants_main_thread:
            raise BlockedWorkerError
        self._growth.look_soon()
        worker = self._least_busy() or await self._replace_lost()
        may_move = len(self._workers) < self._most
        try:
            return parse_reply(await worker.run(trial, tools, may_move=may_move))
        except NotBegunError:
            return await self.respond(trial, tools)
        except MainThreadWantedError:
            self._wants_main_thread = True
            raise BlockedWorkerError from None
        except WorkerLostError as lost:
            if lost.alone:
                raise AgentError(str(lost)) from None
            raise BlockedWorkerError from None

    async def _respond_alone(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """A trial that nothing shares its worker with; the end of that worker is its own fault."""
        await self.make_ready_alone()
        worker, self._spare = self._spare, None
        assert worker is not None
        try:
            raw = await worker.run(trial, tools)
            if self._wants_main_thread:
                # The next one is alone there too; starting one anew could take seconds.
                self._spare = worker
            return parse_reply(raw)
        except MainThreadWantedError:
            self._wants_main_thread = True
            tools.restart()
            return await self._respond_alone(trial, tools)
        except WorkerLostError as lost:
            raise AgentError(str(lost)) from None
        finally:
            if worker is not self._spare:
                await worker.close()

    async def close(self) -> None:
        """Ends every worker with its process group."""
        await self._growth.close()
        workers, self._workers = self._workers, []
        if self._spare is not None:
            workers.append(self._spare)
            self._spare = None
        await asyncio.gather(*(worker.close() for worker in workers))
        self._sandbox.close()

    def _least_busy(self) -> Worker | None:
        """The first with the fewest trials, a blocked one last; None where any is lost."""
        found: Worker | None = None
        least = (False, 0)
        for worker in self._workers:
            if worker.is_lost:
                return None
            key = worker.is_blocked, worker.load
            if found is None or key < least:
                found, least = worker, key
        return found

    async def _replace_lost(self) -> Worker:
        """The least busy worker, after lost ones were replaced."""
        async with self._starting:
            for index, worker in enumerate(self._workers):
                if worker.is_lost:
                    self._workers[index] = await self._start_worker()
        return min(self._workers, key=lambda worker: worker.load)

    def _launch(self) -> Launch:
        named = self._suite.agent.interpreter
        interpreter = find_interpreter(named, self._home, self._home_root)
        worker = self._sandbox.add_scripts(_WORKER)
        return self._sandbox.launch([interpreter, "-u", f"{worker}/start.py"])

    @property
    def _home_root(self) -> Path:
        """The root of the user's checkout; the suite may lie elsewhere in it than in this tree."""
        return workspace_root(self._home)

    def _python_path(self) -> list[Path]:
        """The suite's folder, those that suite.toml names, and PYTHONPATH's in the checkout."""
        named = [self._folder / name for name in (".", *self._suite.agent.pythonpath)]
        given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        return [*named, *(Path(os.path.abspath(path)) for path in given if path)]  # noqa: PTH100 - links stay

    def _inside(self, path: Path) -> str:
        """The path in this side's tree, as the agent's process sees it."""
        real = path.resolve()
        if real.is_relative_to(self._home_root) and not real.is_relative_to(self._root):
            path = self._root / real.relative_to(self._home_root)
        return self._sandbox.inside(path)

    def _from_root(self, name: str) -> str:
        return os.path.relpath(os.path.normpath(self._folder / name), self._root)

    def _from_suite(self, name: str) -> str:
        return os.path.relpath(self._root / name, self._folder)
