"""Runs an agent now: trials, engine, journal, record. The wiring of `run` and `check`.

Leaves running to `dialgate_evals.running.engine` and what the scores mean to `gate`.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

from dialgate.runs.judging.judges import judged_by
from dialgate.runs.live.due_trials import DueTrials
from dialgate.runs.live.live_run import LiveRun
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
from dialgate_evals.records.run_identity import identify_run
from dialgate_evals.records.run_record import RunRecorder, open_run_folder
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.executors.executor import open_executor, run_all, walls_where
from dialgate_evals.running.garbage import collecting_rarely
from dialgate_evals.scoring.scoring import MOST_PREPARED, Scorer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.records.reuse.shared.shared_trials import SharedTrials
    from dialgate_evals.running.executors.executor import Elsewhere
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.loaded_code import LoadedCode
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite
    from dialgate_evals.suite.workspace import Workspace

_FOR_ONE_TRIAL = 2_000
"""Cases that are kept ready to be scored where no case has another trial."""


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
    run = LiveRun(
        recorder=RunRecorder(folder, identity),
        scorer=_scorer(workspace, release, actions, options, trials),
        earlier=open_earlier(files.key(), options, shared),
        loaded=_loaded_before(files, options),
    )
    started, began = now_text(), time.monotonic()
    run.recorder.open_tables_beside(trials * len(listed))
    try:
        run.resume(known)
        due = run.replay(DueTrials(listed, trials))
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
    if not run.says_nothing:
        _leave_to_later_runs(run, known, workspace.suite, options, shared)
    evidence = run.evidence(release, trials=trials, wall_s=wall_s, loaded=loaded)
    return RecordedRun(folder=folder, evidence=evidence, document=run.recorder.document)


def _leave_to_later_runs(
    run: LiveRun,
    known: Mapping[str, Case],
    suite: Suite,
    options: RunOptions,
    shared: SharedTrials | None,
) -> None:
    """Gives a finished run's trials to the pool, and to a cache that had to wait for their key."""
    folder, document = run.recorder.folder, run.recorder.document
    loaded = document.get("loaded")
    if run.earlier is None and options.use_cache and loaded is not None:
        keep_all(folder, loaded["key"], known, options, suite, shared)
    if not suite.deterministic and len(run.recorder) > run.cached:
        keep_in_pool(
            folder, options.out, pool_limits(suite.cache), dt.datetime.now(dt.UTC), document
        )


def _scorer(
    workspace: Workspace,
    release: Release,
    actions: ActionRegistry,
    options: RunOptions,
    trials: int,
) -> Scorer:
    return Scorer(
        tools=release.tools,
        actions=actions,
        other=options.other,
        judged=judged_by(options.panel, workspace),
        most_prepared=MOST_PREPARED if trials > 1 else _FOR_ONE_TRIAL,
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


def _loaded_before(files: LoadedFiles, options: RunOptions) -> LoadedCode | None:
    """What trials that are taken from before had loaded: the same files, as they stand now."""
    known = files.known()
    if known is None or not files.is_code or not options.use_cache:
        return None
    return files.as_they_stand(known)


def _run_due(
    run: LiveRun,
    due: DueTrials,
    workspace: Workspace,
    release: Release,
    actions: ActionRegistry,
    cluster: Elsewhere | None,
) -> None:
    """Runs what is due with progress shown; every trial that ends is on record at once."""
    folder = run.recorder.folder
    progress = Progress(total=len(due), doing=f"{release.name} {release.version}")

    def keep(case: Case, trajectory: Trajectory) -> None:
        run.hear_of(executor.loaded)
        run.keep(case, trajectory)

    executor = open_executor(
        workspace,
        release,
        actions=actions,
        elsewhere=cluster,
        on_finished=keep,
        on_several_finished=lambda: progress.advance_all(run.score_kept()),
    )
    before = len(run.recorder)
    try:
        run_all(executor, due)
        run.hear_of(executor.loaded)
        run.workers_died = executor.workers_died
    except KeyboardInterrupt:
        run.recorder.close()
        raise InterruptedRunError(
            f"Interrupted. {len(run.recorder)} of {before + len(due)} trials are on record in "
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
