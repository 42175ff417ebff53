"""Mutants of a suite's behaviour from what lies on record: the wiring of `mutate` and of the dial.

Leaves making and scoring mutants to `dialgate_evals.mutating`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.runs.on_record.histories import suite_records
from dialgate.runs.on_record.seen_recordings import started_at
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.errors import RecordError
from dialgate_evals.mutating.suite_mutants import MutationReport, mutate_suite
from dialgate_evals.records.run_reading import read_run_trajectories
from dialgate_evals.records.transcripts import read_trajectories, transcript_path
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.conditions.noticed import noticed_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.tools import ToolRegistry
    from dialgate_evals.suite.workspace import Workspace


def mutation_report(workspace: Workspace, release: Release, out: Path) -> MutationReport:
    """What the suite would notice; no agent is run.

    Right behaviours are the newest passing trials on record, and else what the cases expect.
    """
    return mutate_suite(
        workspace.cases,
        _passing(workspace, release, out),
        tools=release.tools,
        actions=workspace.actions,
    )


MOST_CASES = 400
"""A suite of more cases is altered where that is asked for, not beside every check: 3 ms a case."""


def noticed_by(
    cases: Sequence[Case], tools: ToolRegistry, actions: ActionRegistry
) -> list[dict[str, Any]] | None:
    """What the cases would notice by what they expect, to be shown; None: too many to alter."""
    if len(cases) > MOST_CASES:
        return None
    return noticed_document(mutate_suite(cases, {}, tools=tools, actions=actions).classes)


def _passing(workspace: Workspace, release: Release, out: Path) -> dict[str, Trajectory]:
    """The first passing trial of each case, of the newest record that has one."""
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    cases = workspace.cases_by_id
    found: dict[str, Trajectory] = {}
    for trials in _sources(workspace, release, out):
        for trial in trials:
            case = cases.get(trial.case_id)
            if case is not None and trial.case_id not in found and scorer.score(case, trial).passed:
                found[trial.case_id] = trial
        if len(found) == len(cases):
            break
    return found


def _sources(workspace: Workspace, release: Release, out: Path) -> Iterator[Iterable[Trajectory]]:
    """The recorded trials of the suite, the newest first; damaged records are left out."""
    if workspace.suite.agent.kind is AgentKind.TRANSCRIPT:
        lines = read_trajectories(transcript_path(workspace, release))
        yield (item for item in lines if isinstance(item, Trajectory))
        return
    records = sorted(
        suite_records(workspace.suite.name, out),
        key=lambda record: (started_at(record[0]), str(record[1])),
        reverse=True,
    )
    for _, folder in records:
        try:
            yield list(read_run_trajectories(folder))
        except RecordError:
            continue
