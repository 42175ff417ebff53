"""Runs an agent now: trials, engine, journal, record. The wiring of `run` and `check`.

Leaves running to `dialgate_evals.running.engine` and what the scores mean to `gate`.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate.runs.judges import judged_by, settle_now
from dialgate.runs.loaded_files import LoadedFiles
from dialgate.runs.pooling import (
    keep_all,
    keep_in_pool,
    open_earlier,
    open_shared_trials,
    pool_limits,
)
from dialgate.runs.recorded_run import RecordedRun, RunOptions
from dialgate.terminal.progress import Progress
from dialgate_evals.errors import DialgateError, EvidenceError, InterruptedRunError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.run_record import RunRecorder, identify_run, open_run_folder
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.engine import DueTrial
from dialgate_evals.running.executors.executor import open_executor, run_all, walls_where
from dialgate_evals.running.garbage import collecting_rarely
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.loaded_code import merge_loaded, parse_loaded
from dialgate_gate.comparing.run_evidence import RunEvidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.records.reuse.earlier_trials import EarlierTrials
    from dialgate_evals.running.executors.executor import Elsewhere
    from dialgate_evals.running.judges.panel import Panel
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.loaded_code import LoadedCode
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import CacheLimits
    from dialgate_evals.suite.workspace import Workspace

_LOT = 500
"""Trials that are looked up together: a shared store is asked for many at once."""


@collecting_rarely()
def run_agent(
    workspace: Workspace,
    release: Release,
    *,
    cases: Iterable[Case],
    actions: ActionRegistry,
    options: RunOptions,
) -> RecordedRun:
    """Runs every trial that is not on record yet and writes the run record.

    Raises EvidenceError where the agent can't be started at all, InterruptedRunError on Ctrl-C;
    finished trials are on record in both cases.
    """
    known = {case.id: case for case in cases}
    listed = tuple(known.values())
    files = LoadedFiles(workspace=workspace, release=release, out=options.out)
    shared = open_shared_trials(workspace.suite, options)
    files.learn_from(shared)
    trials = options.trials or workspace.suite.trials
    identity = identify_run(workspace, release, trials, cases=listed, shard=options.shard)
    folder = open_run_folder(options.out, identity, resume=options.resume)
    run = _LiveRun(
        recorder=RunRecorder(folder, identity),
        scorer=_scorer(workspace, release, actions, options),
        earlier=open_earlier(files.key(), options, shared),
        loaded=_loaded_before(files, options),
    )
    started, began = now_text(), time.monotonic()
    try:
        run.resume(known)
        due = run.replay(
            DueTrial(case=case, trial=trial) for trial in range(trials) for case in listed
        )
        _refuse_over_budget(len(due), options)
        if due:
            _run_due(run, due, workspace, release, actions, options.cluster)
        run.settle(options.panel)
    finally:
        run.close(workspace.suite.cache)
    wall_s = time.monotonic() - began
    loaded = files.keep(run.loaded)
    files.tell(shared)
    _note_all(run.recorder, workspace, options.cluster if due else None, loaded)
    run.recorder.finish(
        started_at=started, finished_at=now_text(), wall_s=wall_s, workers_died=run.workers_died
    )
    if run.earlier is None and options.use_cache and loaded is not None:
        keep_all(folder, loaded["key"], known, options, workspace.suite, shared)
    if not workspace.suite.deterministic and len(run.scores) > run.cached:
        limits, now = pool_limits(workspace.suite.cache), dt.datetime.now(dt.UTC)
        keep_in_pool(folder, options.out, limits, now, run.recorder.document)
    evidence = run.evidence(release, trials=trials, wall_s=wall_s, loaded=loaded)
    return RecordedRun(folder=folder, evidence=evidence, document=run.recorder.document)


def _scorer(
    workspace: Workspace, release: Release, actions: ActionRegistry, options: RunOptions
) -> Scorer:
    return Scorer(
        tools=release.tools,
        actions=actions,
        other=options.other,
        judged=judged_by(options.panel, workspace),
    )


def _note_all(
    recorder: RunRecorder,
    workspace: Workspace,
    cluster: Elsewhere | None,
    loaded: dict[str, Any] | None,
) -> None:
    """What the record says of the run beside its trials; `cluster` is where any of them ran."""
    recorder.note("walls", walls_where(workspace.suite, cluster).as_json())
    recorder.note("judge", workspace.judges.as_json())
    recorder.note("loaded", loaded)


@dataclass(kw_only=True)
class _LiveRun:
    """A run that goes on: what is on record, and where more comes from."""

    recorder: RunRecorder
    scorer: Scorer
    earlier: EarlierTrials | None
    # None: every trial is run
    loaded: LoadedCode | None = None
    # what the agent loaded, of earlier trials too; None: not known
    scores: list[TrialScore] = field(default_factory=list)
    cached: int = 0
    spent_usd: float | None = None
    # of the trials that were run now, as far as the agent says
    workers_died: int = 0
    # processes of the agent that ended under a trial
    _kept: list[tuple[Case, Trajectory]] = field(default_factory=list)
    # on record, but not scored yet

    def resume(self, known: Mapping[str, Case]) -> None:
        """Takes in the trials that an interrupted run left on record."""
        for trajectory, is_cached in self.recorder.resume():
            case = known.get(trajectory.case_id)
            if case is None:
                raise EvidenceError([_foreign_trial(self.recorder.folder, trajectory)])
            score = self.scorer.score(case, trajectory)
            self.recorder.add_recorded(score, is_cached=is_cached)
            self.scores.append(score)
            self.cached += is_cached

    def replay(self, due: Iterable[DueTrial]) -> list[DueTrial]:
        """Takes in what was run before; what is left must be run."""
        done = {(score.case_id, score.trial) for score in self.scores}
        waiting = (item for item in due if (item.case.id, item.trial) not in done)
        left = []
        while lot := list(islice(waiting, _LOT)):
            for item, found in zip(lot, self._find_all(lot), strict=True):
                if found is None:
                    left.append(item)
                    continue
                score = replace(self.scorer.score(item.case, found), user_calls=0)
                self.recorder.add(found, score, is_cached=True)
                self.scores.append(score)
                self.cached += 1
        return left

    def _find_all(self, due: Sequence[DueTrial]) -> Sequence[Trajectory | None]:
        if self.earlier is None:
            return [None] * len(due)
        return self.earlier.find_all([(item.case, item.trial) for item in due])

    def keep(self, case: Case, trajectory: Trajectory) -> None:
        """Makes a trial that was just run durable."""
        self.recorder.write(trajectory)
        self._kept.append((case, trajectory))
        if self.earlier is not None:
            self.earlier.keep(case, trajectory)

    def score_kept(self) -> Iterator[TrialScore]:
        """Scores the trials that were kept since: several at once cost less than one by one."""
        kept, self._kept = self._kept, []
        for case, trajectory in kept:
            score = self.scorer.score(case, trajectory)
            self.recorder.add_recorded(score)
            self.scores.append(score)
            if score.cost_usd is not None:
                self.spent_usd = (self.spent_usd or 0.0) + score.cost_usd
            yield score
        if self.earlier is not None:
            self.earlier.flush()

    def settle(self, panel: Panel | None) -> None:
        """Has the judges answer what is open; the trials stay as they are."""
        try:
            self.scores = settle_now(panel, self.scores)
        except KeyboardInterrupt:
            self.recorder.close()
            raise InterruptedRunError(
                f"Interrupted while judges were asked. All trials are on record in "
                f"{show_path(self.recorder.folder)}; the same command with --resume goes on."
            ) from None
        self.recorder.score_again(self.scores)

    def hear_of(self, loaded: LoadedCode | None) -> None:
        """Takes in what the agent loaded just now; None: nobody can say."""
        before = () if self.loaded is None else (self.loaded,)
        self.loaded = merge_loaded((*before, loaded))

    def evidence(
        self, release: Release, *, trials: int, wall_s: float, loaded: dict[str, Any] | None
    ) -> RunEvidence:
        """What is on record, as it is judged; `trials` is how many each case must have."""
        place = show_path(self.recorder.folder)
        return RunEvidence(
            release=release.as_json(),
            scores=tuple(self.scores),
            trials_per_case=trials,
            cached=self.cached,
            spent_usd=self.spent_usd,
            wall_s=wall_s,
            place=place,
            record=place,
            loaded=parse_loaded(loaded),
            workers_died=self.workers_died,
        )

    def close(self, limits: CacheLimits) -> None:
        """Ends the connection to earlier trials, whose limits are kept."""
        if self.earlier is not None:
            self.earlier.close(limits, dt.datetime.now(dt.UTC))


def _loaded_before(files: LoadedFiles, options: RunOptions) -> LoadedCode | None:
    """What trials that are taken from before had loaded: the same files, as they stand now."""
    known = files.known()
    if known is None or not files.is_code or not options.use_cache:
        return None
    return files.as_they_stand(known)


def _run_due(
    run: _LiveRun,
    due: list[DueTrial],
    workspace: Workspace,
    release: Release,
    actions: ActionRegistry,
    cluster: Elsewhere | None,
) -> None:
    """Runs what is due with progress shown; every trial that ends is on record at once."""
    folder = run.recorder.folder
    progress = Progress(total=len(due), doing=f"{release.name} {release.version}")
    executor = open_executor(
        workspace,
        release,
        actions=actions,
        elsewhere=cluster,
        on_finished=run.keep,
        on_several_finished=lambda: progress.advance_all(run.score_kept()),
    )
    before = len(run.scores)
    run.recorder.open_tables_beside()
    try:
        run_all(executor, due)
        run.hear_of(executor.loaded)
        run.workers_died = executor.workers_died
    except KeyboardInterrupt:
        run.recorder.close()
        raise InterruptedRunError(
            f"Interrupted. {len(run.scores)} of {before + len(due)} trials are on record in "
            f"{show_path(folder)}; the same command with --resume goes on."
        ) from None
    except InfrastructureError as error:
        run.recorder.close()
        raise EvidenceError([unreachable(workspace, error)]) from None
    except DialgateError:
        run.recorder.close()
        raise
    finally:
        progress.close()


def _refuse_over_budget(calls: int, options: RunOptions) -> None:
    """Nothing is run where the first runs alone cost more calls than the policy allows."""
    if options.most_calls is None or calls <= options.most_calls:
        return
    raise EvidenceError(
        [
            Problem(
                file="policy.toml",
                place="gate.max_agent_calls",
                found=f"{calls:,} trials to run, with {max(0, options.most_calls):,} calls left",
                expected="a budget that pays for every case once on each side",
                advice="Raise max_agent_calls, or record the baseline before.",
            )
        ]
    )


def _foreign_trial(folder: Path, trajectory: Trajectory) -> Problem:
    return Problem(
        file=show_path(folder),
        found=f"a trial of the unknown case {trajectory.case_id}",
        expected="trials of this run's cases",
        advice="Run again without --resume.",
    )


def unreachable(workspace: Workspace, error: InfrastructureError) -> Problem:
    """An agent that can't be started, as a problem of the suite."""
    # Where a person works: a tree that was laid out from a commit is gone by then.
    home = workspace.home or workspace.folder
    return Problem(
        file=show_path(workspace.folder / "suite.toml"),
        place="agent",
        found=f"an agent that can't be started: {error}",
        expected="an agent that answers",
        advice=f"dialgate doctor {show_path(home)} says what mends it.",
    )


def now_text() -> str:
    """The time as records write it: UTC, to the second."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
