"""One release's fresh trials: run where the command says, kept in a record of their own.

Leaves what is asked for to `check.confirming` and the gate.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.runs.judging.judges import judged_by
from dialgate.runs.live_runs import now_text
from dialgate.runs.loaded_files import LoadedFiles
from dialgate_evals.records.run_identity import identify_run
from dialgate_evals.records.run_record import RunRecorder, open_run_folder
from dialgate_evals.running.engine import DueTrial
from dialgate_evals.running.executors.executor import open_executor
from dialgate_evals.scoring.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate.runs.recorded_run import RunOptions
    from dialgate.terminal.progress import Progress
    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.executors.executor import Executor
    from dialgate_evals.scoring.effective_calls import OtherSide
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.verdict.sequential import TrialRequest


@dataclass(frozen=True, kw_only=True)
class RunnableSide:
    """A release that can be run now, and the cases that it is run on."""

    workspace: Workspace
    release: Release
    cases: Sequence[Case]
    other: OtherSide | None = None
    # by what a candidate's calls are judged beside its own schemas


class FreshTrials:
    """One release's fresh trials, with a record of their own."""

    def __init__(self, side: RunnableSide, *, actions: ActionRegistry, options: RunOptions) -> None:
        self.workspace = side.workspace
        self.scores: dict[str, list[TrialScore]] = defaultdict(list)
        # of the block under way, by case
        self._cases = {case.id: case for case in side.cases}
        self._numbers: dict[str, int] = defaultdict(int)
        self._scorer = Scorer(
            tools=side.release.tools,
            actions=actions,
            other=side.other,
            judged=judged_by(options.panel, side.workspace),
        )
        self._panel = options.panel
        self.scored: list[TrialScore] = []
        # of every block, in the order of the record
        self._side, self._actions, self._options = side, actions, options
        self._recorder: RunRecorder | None = None
        self._executor: Executor | None = None
        self._began = now_text()
        self.progress: Progress | None = None

    def executor(self) -> Executor:
        """What runs the trials; what it finishes is kept here."""
        self._executor = open_executor(
            self.workspace,
            self._side.release,
            actions=self._actions,
            elsewhere=self._options.cluster,
            on_finished=self._finish,
        )
        return self._executor

    @property
    def workers_died(self) -> int:
        """Processes of the agent that ended under a trial."""
        return 0 if self._executor is None else self._executor.workers_died

    def due(self, requests: Sequence[TrialRequest]) -> list[DueTrial]:
        """The trials to run, numbered on from the last."""
        due = []
        for request in requests:
            for _ in range(request.count):
                number = self._numbers[request.case_id]
                self._numbers[request.case_id] += 1
                due.append(DueTrial(case=self._cases[request.case_id], trial=number))
        self.scores.clear()
        return due

    def _finish(self, case: Case, trajectory: Trajectory) -> None:
        score = self._scorer.score(case, trajectory)
        if self._recorder is None:
            cases = list(self._cases.values())
            identity = identify_run(self.workspace, self._side.release, 1, cases=cases)
            folder = open_run_folder(self._options.out / "confirmation", identity, resume=False)
            self._recorder = RunRecorder(folder, identity)
        self._recorder.add(trajectory, score)
        self.scores[case.id].append(score)
        self.scored.append(score)
        if self.progress is not None:
            self.progress.advance(score)

    async def settle(self) -> None:
        """Has the judges answer what is open in the block's trials."""
        if self._panel is None:
            return
        scores = [score for own in self.scores.values() for score in own]
        if not self._panel.count_due(scores):
            return
        settled = {_of(item): item for item in await self._panel.settle(scores)}
        self.scored = [settled.get(_of(item), item) for item in self.scored]
        for own in self.scores.values():
            own[:] = [settled[_of(item)] for item in own]

    def close(self) -> None:
        """Completes the record, where anything ran."""
        if self._recorder is None or self._executor is None:
            return
        self._recorder.score_again(self.scored)
        release = self._side.release
        files = LoadedFiles(workspace=self.workspace, release=release, out=self._options.out)
        self._recorder.note("walls", self._executor.walls.as_json())
        self._recorder.note("judge", self.workspace.judges.as_json())
        self._recorder.note("loaded", files.keep(self._executor.loaded))
        self._recorder.finish(
            started_at=self._began,
            finished_at=now_text(),
            wall_s=0.0,
            workers_died=self.workers_died,
        )


def _of(score: TrialScore) -> tuple[str, int]:
    return score.case_id, score.trial
