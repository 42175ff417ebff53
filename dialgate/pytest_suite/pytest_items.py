"""Cases as pytest items: what `dialgate.plugin` needs once a suite was collected.

The engine runs the selected cases concurrently in a thread of its own, ahead of pytest's order;
an item waits for its own trials. Knows pytest's nodes; leaves running to `running.engine` and the
record to `dialgate.pytest_suite.pytest_record`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest
from dialgate_evals.actions.redaction import redactor_for
from dialgate_evals.errors import DialgateError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.transcripts import read_trajectories, transcript_path
from dialgate_evals.running.agents.registry import open_agent
from dialgate_evals.running.engine import Engine, PlannedTrial
from dialgate_evals.running.garbage import collecting_rarely
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import HOLDOUT
from dialgate_evals.suite.workspace import Workspace, find_release_file, load_workspace
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.verdict.documents.explanations import explain_run
from dialgate_reports.words.case_text import describe_case
from dialgate_reports.words.trajectory_text import describe_trajectory

from dialgate.pytest_suite.pytest_record import FinishedItem
from dialgate.runs.gathering import is_recorded
from dialgate.runs.live_runs import open_world

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release

_NO_ACTION = "no_action"


class CaseFailedError(Exception):
    """A trial of the case failed or could not be run; the message is for people."""


class SuiteSession:
    """All suites that one pytest session collected."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self._runners: dict[Path, SuiteRunner] = {}
        self._until_closed = ExitStack()
        self._until_closed.enter_context(collecting_rarely())

    def runner(self, suite: SuiteFile) -> SuiteRunner:
        """The suite's runner, made when its first item runs."""
        if suite.path not in self._runners:
            self._runners[suite.path] = SuiteRunner(suite)
        return self._runners[suite.path]

    def close(self) -> None:
        """Ends every agent."""
        for runner in self._runners.values():
            runner.close()
        self._until_closed.close()
        # pytest ends with full collections, several in a row; the cases have nothing to collect.
        gc.freeze()


SESSION: pytest.StashKey[SuiteSession] = pytest.StashKey()
"""Where a pytest session keeps it."""


class SuiteFile(pytest.File):
    """A suite.toml: one collector per action class, one item per case."""

    workspace: Workspace
    release: Release
    trials: int

    def collect(self) -> Iterator[ActionClassNode]:
        """The action classes that the suite's cases expect, `no_action` for those without."""
        try:
            self.workspace = load_workspace(self.path.parent)
            self.release = self.workspace.release(self._release_file())
        except DialgateError as error:
            raise self.CollectError(str(error)) from None
        self.trials = self.config.getoption("--trials") or self.workspace.suite.trials
        self._classes: dict[str, list[str]] = {}
        self._marks: set[str] = set()
        by_class: dict[str, list[Case]] = {}
        for case in self.workspace.cases:
            names = self._classes[case.id] = case_classes(case, self.workspace)
            by_class.setdefault(names[0] if names else _NO_ACTION, []).append(case)
        for name, cases in by_class.items():
            yield ActionClassNode.from_parent(self, name=name, cases=cases)

    def classes_of(self, case: Case) -> list[str]:
        """Action classes of the actions that the case expects, the first expected first."""
        return self._classes[case.id]

    def register_mark(self, name: str) -> None:
        """Makes a tag or class known to pytest, once."""
        if name not in self._marks:
            self._marks.add(name)
            self.config.addinivalue_line("markers", f"{name}: a tag or action class of the suite.")

    def _release_file(self) -> Path | None:
        named = self.config.getoption("--release")
        if named is None:
            return None
        found = find_release_file(named, self.path.parent)
        if found is None:
            raise self.CollectError(f"--release {named}: no such release file.")
        return found


class ActionClassNode(pytest.Collector):
    """The cases that first expect an action of one class."""

    def __init__(self, *, cases: list[Case], **more: Any) -> None:  # noqa: ANN401 - pytest's
        super().__init__(**more)
        self._cases = cases

    def collect(self) -> Iterator[CaseItem]:
        """An item per case, in the suite's order."""
        for case in self._cases:
            yield CaseItem.from_parent(self, name=case.id, case=case)


class CaseItem(pytest.Item):
    """One case; its tags, its action classes and the hold-out split are marks."""

    def __init__(self, *, case: Case, **more: Any) -> None:  # noqa: ANN401 - pytest's
        super().__init__(**more)
        self.case = case
        self.trials_done: FinishedItem | None = None
        split = (HOLDOUT,) if case.held_out else ()
        for name in dict.fromkeys((*case.tags, *split, *self.suite.classes_of(case))):
            self.suite.register_mark(name)
            self.add_marker(name)

    @property
    def suite(self) -> SuiteFile:
        """The suite that the case belongs to."""
        found = self.getparent(SuiteFile)
        assert found is not None
        return found

    def runtest(self) -> None:
        """Waits for the case's trials; every one must pass."""
        runner = self.config.stash[SESSION].runner(self.suite)
        trajectories = runner.trajectories(self)
        scores = [runner.scorer.score(self.case, trajectory) for trajectory in trajectories]
        self.trials_done = FinishedItem(
            workspace=self.suite.workspace,
            release=self.suite.release,
            case=self.case,
            trials=tuple(zip(trajectories, scores, strict=True)),
        )
        if any(not score.passed for score in scores):
            raise CaseFailedError(self._describe(trajectories, scores))

    def _describe(self, trajectories: list[Trajectory], scores: list[TrialScore]) -> str:
        errored = [score for score in scores if score.passed is None]
        if errored:
            return f"{self.case.id} could not be run: {errored[0].error}"
        case_set = collect_cases([self.case], actions=self.suite.workspace.actions)
        side = RunEvidence(release=self.suite.release.as_json(), scores=tuple(scores))
        (entry,) = explain_run(side, case_set)
        lines = describe_case(entry)
        worst = entry["candidate"]["trial"]
        shown = next(t for t in trajectories if t.trial == worst)
        return "\n".join([*lines, "", "What the agent did:", *describe_trajectory(shown)])

    def repr_failure(  # type: ignore[override]
        self, excinfo: pytest.ExceptionInfo[BaseException], style: str | None = None
    ) -> object:
        """The difference in plain words; a traceback only where dialgate itself broke."""
        if isinstance(excinfo.value, CaseFailedError | DialgateError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)  # type: ignore[arg-type]

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The case file and line, for IDEs."""
        file, _, line = self.case.place.partition(": line ")
        place = (
            self.suite.path.parent / file if not file else self.config.invocation_params.dir / file
        )
        return place, int(line) - 1 if line.isdecimal() else None, self.name


def case_classes(case: Case, workspace: Workspace) -> list[str]:
    """Action classes of the actions that the case expects, the first expected first."""
    patterns = [pattern for items in case.expect.lists for pattern in items]
    names = (workspace.actions.classify_pattern(pattern).name for pattern in patterns)
    return list(dict.fromkeys(names))


class SuiteRunner:
    """Runs a suite's selected cases in a thread, ahead of the items that wait for them."""

    def __init__(self, suite: SuiteFile) -> None:
        self._suite = suite
        workspace, release = suite.workspace, suite.release
        self.scorer = Scorer(tools=release.tools, actions=workspace.actions)
        self._futures: dict[tuple[str, int], Future[Trajectory]] = {}
        self._recorded: dict[str, list[Trajectory]] | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._plans: asyncio.Queue[list[PlannedTrial] | None] = asyncio.Queue()
        self._is_listening = threading.Event()
        self._problem: BaseException | None = None
        if is_recorded(workspace):
            self._recorded = _read_recorded(workspace, release)

    def trajectories(self, item: CaseItem) -> list[Trajectory]:
        """The case's trials, run or recorded. Raises CaseFailedError where there is none."""
        if self._recorded is not None:
            found = self._recorded.get(item.case.id, [])
            if not found:
                raise CaseFailedError(f"{item.case.id} has no recorded trial.")
            return found
        if (item.case.id, 0) not in self._futures:
            self._start(self._items_ahead(item))
        return [self._futures[item.case.id, n].result() for n in range(self._suite.trials)]

    def _items_ahead(self, item: CaseItem) -> list[CaseItem]:
        """Every selected item of the suite; an xdist worker runs only what it is asked for."""
        if hasattr(item.config, "workerinput"):
            return [item]
        return [
            other
            for other in item.session.items
            if isinstance(other, CaseItem) and other.suite is self._suite
        ]

    def _start(self, items: Iterable[CaseItem]) -> None:
        plan = [
            PlannedTrial(case=item.case, trial=trial)
            for item in items
            for trial in range(self._suite.trials)
        ]
        for planned in plan:
            self._futures[planned.case.id, planned.trial] = Future()
        if self._problem is not None:
            self._fail_waiting(self._problem)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
            self._is_listening.wait()
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._plans.put_nowait, plan)

    def _run(self) -> None:
        """The thread: one agent for all plans until None ends it."""
        try:
            asyncio.run(self._run_plans())
        except asyncio.CancelledError:
            self._problem = CaseFailedError("the run was ended before this case")
        except BaseException as error:  # noqa: BLE001 - every waiting item must hear of it
            self._problem = error
        if self._problem is not None:
            self._fail_waiting(self._problem)

    async def _run_plans(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._plans = asyncio.Queue()
        self._is_listening.set()
        engine = self._engine()
        async with engine.agent_ready():
            while (plan := await self._plans.get()) is not None:
                await engine.run_plan(plan)

    def _engine(self) -> Engine:
        workspace, release = self._suite.workspace, self._suite.release

        def finish(case: Case, trajectory: Trajectory) -> None:
            self._futures[case.id, trajectory.trial].set_result(trajectory)

        return Engine(
            agent=open_agent(
                workspace.suite,
                release=release,
                suite_folder=workspace.folder,
                root=workspace.root,
            ),
            release=release,
            suite=workspace.suite,
            actions=workspace.actions,
            on_finished=finish,
            make_world=open_world(workspace),
            redactor=redactor_for(workspace.suite.secrets, os.environ, workspace.suite.redact),
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
                loop.call_soon_threadsafe(self._plans.put_nowait, None)
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
