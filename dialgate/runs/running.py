"""Runs one release on one suite and says what is on record; leaves comparing to `checking`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialgate.runs.gathering import gather_evidence
from dialgate.runs.judging.judges import open_panel
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path
from dialgate_evals.files.suggest import suggest_word
from dialgate_evals.records.run_reading import read_run, read_run_trajectories
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.comparing.evidence_gaps import find_gaps
from dialgate_gate.comparing.gap import EvidenceGap, Gap
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.verdict.documents.counts.criteria import count_criteria
from dialgate_gate.verdict.documents.counts.pass_rates import pass_rates
from dialgate_gate.verdict.documents.counts.tag_counts import count_splits
from dialgate_gate.verdict.documents.explanations import explain_run

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.runs.recorded_run import RunOptions
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.records.shards import Shard
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """A record's run.json with its figures, the cases that failed, and gaps in the evidence."""

    folder: Path
    document: dict[str, Any]
    failing: list[dict[str, Any]]
    gaps: list[str]
    shown: list[tuple[Case, Trajectory]]
    # what the agent did in the cases that were asked for by name


def run_release(
    folder: Path,
    *,
    release: str | None,
    case_ids: tuple[str, ...],
    options: RunOptions,
    judge_all: bool = False,
) -> FinishedRun:
    """Runs the release and writes its record; `judge_all` asks judges about all that is open.

    Raises UsageError for an unknown case or release, or a judge that can't be asked.
    """
    workspace = load_workspace(folder)
    panel = open_panel(workspace, options.out, asks_all=judge_all, use_kept=options.use_cache)
    options = replace(options, panel=panel)
    candidate = workspace.release(named_release_file(release, folder))
    cases = select_cases(workspace, case_ids)
    if options.shard is not None:
        cases = options.shard.select(cases)
    if not cases:
        raise UsageError(f"The suite {workspace.suite.name} has no case. Add cases to run.")
    run = gather_evidence(
        workspace, candidate, cases=cases, actions=workspace.actions, options=options
    )
    case_set = collect_cases(cases, actions=workspace.actions)
    gaps = find_gaps(
        baseline=None,
        candidate=run.evidence,
        case_set=case_set,
        max_infra_error_rate=workspace.suite.max_infra_error_rate,
    )
    document = {
        **(run.document or read_run(run.folder, allow_shard=True)),
        "folder": show_path(run.folder),
        "pass_rates": pass_rates(run.evidence, case_set),
        "criteria": count_criteria(None, run.evidence),
        "splits": count_splits(None, run.evidence, case_set.cases),
    }
    return FinishedRun(
        folder=run.folder,
        document=document,
        failing=explain_run(run.evidence, case_set),
        shown=_trajectories(run.folder, cases) if case_ids else [],
        gaps=[] if case_ids else [gap.reason for gap in gaps if _counts(gap, options.shard)],
    )


def _trajectories(folder: Path, cases: tuple[Case, ...]) -> list[tuple[Case, Trajectory]]:
    known = {case.id: case for case in cases}
    return [
        (known[item.case_id], item)
        for item in read_run_trajectories(folder)
        if item.case_id in known
    ]


def _counts(gap: EvidenceGap, shard: Shard | None) -> bool:
    """What only the whole run can show, such as the share of errored trials, is no shard's gap."""
    return shard is None or gap.gap in {Gap.MISSING_TRIALS, Gap.EXTRA_TRIALS, Gap.UNREADABLE}


def select_cases(workspace: Workspace, case_ids: tuple[str, ...]) -> tuple[Case, ...]:
    """The named cases, or all. Raises UsageError for an id that the suite doesn't have."""
    if not case_ids:
        return workspace.cases
    known = workspace.cases_by_id
    for case_id in case_ids:
        if case_id not in known:
            hint = suggest_word(case_id, known)
            raise UsageError(f"The suite has no case {case_id!r}. {hint}".rstrip())
    return tuple(known[case_id] for case_id in dict.fromkeys(case_ids))
