"""Runs an agent now: plan, engine, journal, record. The wiring of `run` and `check`.

Leaves running to `evals.engine` and what the scores mean to `gate`.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from typing import TYPE_CHECKING

from dialgate.evidence import EvidenceOptions, RecordedRun
from dialgate.progress import Progress
from evals.agents.protocol import InfrastructureError
from evals.agents.registry import open_agent
from evals.engine import Engine, PlannedTrial
from evals.errors import EvidenceError, InterruptedRunError
from evals.problems import Problem, show_path
from evals.redaction import redactor_for
from evals.run_record import RunRecorder, identify_run, open_run_folder
from evals.scoring import Scorer
from gate.run_evidence import RunEvidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from evals.action_classes import ActionRegistry
    from evals.case import Case
    from evals.outcomes import TrialScore
    from evals.release import Release
    from evals.simulator import Simulator
    from evals.trajectory import Trajectory
    from evals.workspace import Workspace


def run_agent(
    workspace: Workspace,
    release: Release,
    *,
    cases: Iterable[Case],
    actions: ActionRegistry,
    options: EvidenceOptions,
) -> RecordedRun:
    """Runs every trial that is not on record yet and writes the run record.

    Raises EvidenceError where the agent can't be started at all, InterruptedRunError on Ctrl-C;
    finished trials are on record in both cases.
    """
    suite = workspace.suite
    listed = tuple(cases)
    trials = options.trials or suite.trials
    identity = identify_run(workspace, release, trials, cases=listed)
    scorer = Scorer(tools=release.tools, actions=actions)
    recorder = RunRecorder(open_run_folder(options.out, identity, resume=options.resume), identity)
    scores = _resume(recorder, scorer, {case.id: case for case in listed})
    done = {(score.case_id, score.trial) for score in scores}
    plan = [
        PlannedTrial(case=case, trial=trial)
        for trial in range(trials)
        for case in listed
        if (case.id, trial) not in done
    ]
    progress = Progress(total=len(plan), label=f"{release.name} {release.version}")

    def record(case: Case, trajectory: Trajectory) -> None:
        score = scorer.score(case, trajectory)
        recorder.add(trajectory, score)
        scores.append(score)
        progress.advance(score)

    started, began = _now(), time.monotonic()
    engine = Engine(
        agent=open_agent(
            suite, release=release, suite_folder=workspace.folder, root=workspace.root
        ),
        release=release,
        suite=suite,
        actions=actions,
        on_finished=record,
        make_world=open_world(workspace),
        redactor=redactor_for(suite.secrets, os.environ, suite.redact),
    )
    try:
        engine.run(plan)
    except KeyboardInterrupt:
        recorder.close()
        raise InterruptedRunError(
            f"Interrupted. {len(scores)} of {len(plan) + len(done)} trials are on record in "
            f"{show_path(recorder.folder)}; the same command with --resume goes on."
        ) from None
    except InfrastructureError as error:
        recorder.close()
        raise EvidenceError([_unreachable(workspace, error)]) from None
    finally:
        progress.close()
    wall_s = time.monotonic() - began
    folder = recorder.finish(started_at=started, finished_at=_now(), wall_s=wall_s)
    evidence = RunEvidence(
        release=release.as_json(),
        scores=tuple(scores),
        trials_per_case=trials,
        wall_s=wall_s,
        place=show_path(folder),
    )
    return RecordedRun(folder=folder, evidence=evidence)


def open_world(workspace: Workspace) -> Callable[[], Simulator] | None:
    """The suite's simulator, where it has one. Raises ConfigurationError where it can't be used."""
    reference = workspace.suite.simulator
    if reference is None:
        return None
    from evals.simulator import load_simulator  # noqa: PLC0415 - few suites have one

    return load_simulator(reference, folder=workspace.folder)


def _resume(recorder: RunRecorder, scorer: Scorer, known: dict[str, Case]) -> list[TrialScore]:
    """Scores of the trials that an interrupted run left on record."""
    scores = []
    for trajectory in recorder.resume():
        case = known.get(trajectory.case_id)
        if case is None:
            raise EvidenceError(
                [
                    Problem(
                        file=show_path(recorder.folder),
                        found=f"a trial of the unknown case {trajectory.case_id}",
                        expected="trials of this run's cases",
                        advice="Run again without --resume.",
                    )
                ]
            )
        score = scorer.score(case, trajectory)
        recorder.add_recorded(score)
        scores.append(score)
    return scores


def _unreachable(workspace: Workspace, error: InfrastructureError) -> Problem:
    return Problem(
        file=show_path(workspace.folder / "suite.toml"),
        place="agent",
        found=f"an agent that can't be started: {error}",
        expected="an agent that answers",
    )


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
