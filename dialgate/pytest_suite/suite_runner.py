"""Runs a suite's selected cases in a thread of its own, ahead of pytest's order.

An item waits for its own trials. Knows nothing of pytest's nodes; leaves running a trial to
`running.engine` and the record to `pytest_record`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from dialgate.pytest_suite.suite_judges import SuiteJudges
from dialgate.runs.gathering import is_recorded
from dialgate_evals.actions.redaction import redactor_for
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.transcripts import read_trajectories, transcript_path
from dialgate_evals.running.agents.registry import loaded_by, open_agent
from dialgate_evals.running.engine import DueTrial, Engine
from dialgate_evals.running.executors.executor import open_world
from dialgate_evals.running.garbage import collecting_rarely

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.agent_protocol import Agent
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.loaded_code import LoadedCode
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


class CaseFailedError(Exception):
    """A trial of the case failed or could not be run; the message is for people."""


class SuiteRunners:
    """The runners of one pytest session, one per suite."""

    def __init__(self, out: Path, *, judges_all: bool, workers: int) -> None:
        """`out` holds kept votes; `judges_all`: judges are asked also where votes are only shown.

        `workers` are the processes that share a suite's budget of judges.
        """
        self._out, self._judges_all, self._workers = out, judges_all, workers
        self._runners: dict[Path, SuiteRunner] = {}
        self._until_closed = ExitStack()
        self._until_closed.enter_context(collecting_rarely())

    def runner(
        self, suite: Path, *, workspace: Workspace, release: Release, trials: int
    ) -> SuiteRunner:
        """The suite's runner, made when its first item runs.

        Raises UsageError where a judge that is to be asked can't be, before any agent runs.
        """
        if suite not in self._runners:
            judges = SuiteJudges(
                workspace, release, self._out, asks_all=self._judges_all, workers=self._workers
            )
            self._runners[suite] = SuiteRunner(
                workspace=workspace, release=release, trials=trials, judges=judges
            )
        return self._runners[suite]

    def close(self) -> None:
        """Ends every agent."""
        for runner in self._runners.values():
            runner.close()
        self._until_closed.close()
        # pytest ends with full collections, several in a row; the cases have nothing to collect.
        gc.freeze()


class SuiteRunner:
    """One release on one suite."""

    def __init__(
        self, *, workspace: Workspace, release: Release, trials: int, judges: SuiteJudges
    ) -> None:
        self._workspace, self._release, self._trials = workspace, release, trials
        self._judges = judges
        self._futures: dict[tuple[str, int], Future[Trajectory]] = {}
        self._recorded: dict[str, list[Trajectory]] | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._batches: asyncio.Queue[list[DueTrial] | None] = asyncio.Queue()
        self._is_listening = threading.Event()
        self._problem: BaseException | None = None
        self._agent: Agent | None = None
        if is_recorded(workspace):
            self._recorded = _read_recorded(workspace, release)

    def trajectories(self, case: Case, ahead: Callable[[], Sequence[Case]]) -> list[Trajectory]:
        """The case's trials, run with those ahead, or recorded; CaseFailedError where none is."""
        if self._recorded is not None:
            found = self._recorded.get(case.id, [])
            if not found:
                raise CaseFailedError(f"{case.id} has no recorded trial.")
            return found
        if (case.id, 0) not in self._futures:
            self._start(ahead())
        return [self._futures[case.id, trial].result() for trial in range(self._trials)]

    def scores(self, case: Case, ahead: Callable[[], Sequence[Case]]) -> list[TrialScore]:
        """The scores of the case's trials, which are done; with them go others that are."""
        return self._judges.scores(case, lambda: self._done(ahead()))

    def _done(self, cases: Sequence[Case]) -> Iterator[tuple[Case, list[Trajectory]]]:
        for case in cases:
            if self._recorded is not None:
                yield case, self._recorded.get(case.id, [])
                continue
            trials = [self._futures.get((case.id, trial)) for trial in range(self._trials)]
            done = [trial for trial in trials if trial is not None and trial.done()]
            if len(done) == len(trials) and all(trial.exception() is None for trial in done):
                yield case, [trial.result() for trial in done]

    @property
    def loaded(self) -> LoadedCode | None:
        """What the agent loaded of its project so far; None: not known."""
        return None if self._agent is None else loaded_by(self._agent)

    def _start(self, cases: Sequence[Case]) -> None:
        batch = [
            DueTrial(case=case, trial=trial)
            for case in cases
            for trial in range(self._trials)
            if (case.id, trial) not in self._futures
        ]
        for due in batch:
            self._futures[due.case.id, due.trial] = Future()
        if self._problem is not None:
            self._fail_waiting(self._problem)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
            self._is_listening.wait()
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._batches.put_nowait, batch)

    def _run(self) -> None:
        """The thread: one agent for all batches until None ends it."""
        try:
            asyncio.run(self._run_batches())
        except asyncio.CancelledError:
            self._problem = CaseFailedError("the run was ended before this case")
        except BaseException as error:  # noqa: BLE001 - every waiting item must hear of it
            self._problem = error
        if self._problem is not None:
            self._fail_waiting(self._problem)

    async def _run_batches(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._batches = asyncio.Queue()
        self._is_listening.set()
        engine = self._engine()
        async with engine.agent_ready():
            while (batch := await self._batches.get()) is not None:
                await engine.run_due(batch)

    def _engine(self) -> Engine:
        workspace, release = self._workspace, self._release

        def finish(case: Case, trajectory: Trajectory) -> None:
            self._futures[case.id, trajectory.trial].set_result(trajectory)

        self._agent = open_agent(
            workspace.suite, release=release, suite_folder=workspace.folder, root=workspace.root
        )
        return Engine(
            agent=self._agent,
            release=release,
            suite=workspace.suite,
            actions=workspace.actions,
            on_finished=finish,
            make_world=open_world(workspace),
            redactor=redactor_for(workspace.secret_names, os.environ, workspace.suite.redact),
        )

    def _fail_waiting(self, problem: BaseException) -> None:
        for future in self._futures.values():
            if not future.done():
                future.set_exception(CaseFailedError(str(problem)))

    def close(self) -> None:
        """Ends the agent; what still runs is cancelled."""
        thread, loop, task = self._thread, self._loop, self._task
        if thread is None or loop is None or task is None:
            return
        with suppress(RuntimeError):  # the loop has ended already
            # Only what still runs: a cancelled end would leave pipes open.
            if all(future.done() for future in self._futures.values()):
                loop.call_soon_threadsafe(self._batches.put_nowait, None)
            else:
                loop.call_soon_threadsafe(task.cancel)
        thread.join()
        self._thread = None


def _read_recorded(workspace: Workspace, release: Release) -> dict[str, list[Trajectory]]:
    found: dict[str, list[Trajectory]] = {}
    problems = []
    for trajectory in read_trajectories(transcript_path(workspace, release)):
        if isinstance(trajectory, Problem):
            problems.append(str(trajectory))
        else:
            found.setdefault(trajectory.case_id, []).append(trajectory)
    if problems:
        place = show_path(workspace.folder)
        raise CaseFailedError(f"{place}: unreadable evidence\n" + "\n".join(problems))
    return found
