"""Where each side's evidence comes from: a git base, a release file, a record, or no baseline.

Leaves running to `dialgate.runs.gathering` and what is run again to `checking.sides`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate.changes.baselines import RecordBaseline, ReleaseFileBaseline
from dialgate.check.candidate import laid_out_candidate, may_be_on_record, named_in
from dialgate.check.change_survey import survey_against
from dialgate.check.check_inputs import refuse_labels
from dialgate.check.checking.sides import Sides
from dialgate.check.judge import (
    Judge,
    judge_of_base,
    judge_of_working_tree,
)
from dialgate.check.ledger_state import verify_dial
from dialgate.check.sealing import why_not_sealed
from dialgate.git.base_ref import GitBaseline, suite_exists_at
from dialgate.git.base_tree import base_folder
from dialgate.git.git_checkout import open_checkout
from dialgate.runs.gathering import gather_evidence, read_record
from dialgate.runs.judging.judges import judged_by, open_panel
from dialgate.runs.planning import announce_price
from dialgate_evals.files.file_reading import workspace_root
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import ExitStack

    from dialgate.check.check_inputs import CheckInputs
    from dialgate.check.checking.request import CheckRequest
    from dialgate.runs.recorded_run import RunOptions
    from dialgate_evals.running.containment.walls import Walls
    from dialgate_evals.running.judges.panel import Panel
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite
    from dialgate_evals.suite.workspace import Workspace


def gather_sides(stack: ExitStack, request: CheckRequest, inputs: CheckInputs) -> Sides:
    """Runs or reads both sides; what is laid out for it lies there until the stack closes."""
    workspace, baseline, candidate = inputs.workspace, inputs.baseline, inputs.candidate
    is_first = False
    if isinstance(baseline, GitBaseline):
        if suite_exists_at(workspace, baseline.commit):
            return _from_base(stack, request, inputs, baseline)
        is_first = True
    verify_dial(workspace.folder, inputs.settings.dial)
    panel = _panel(workspace, request)
    given = replace(request.options, panel=panel)
    recorded = None
    before: RunEvidence | None = None
    before_release: Release | None = None
    scorer = Scorer(
        tools=candidate.tools, actions=workspace.actions, judged=judged_by(panel, workspace)
    )
    if isinstance(baseline, RecordBaseline):
        before, recorded = _read_baseline(baseline, workspace, scorer, panel)
    judge = judge_of_working_tree(
        workspace, inputs.settings, recorded=recorded, allowed=request.allow
    )
    if isinstance(baseline, ReleaseFileBaseline):
        before_release = workspace.release(baseline.path)
        options = _within(given, judge, 0)
        announce_price(workspace, before_release, judge.settings.policy.gate, out=options.out)
        before = _run(workspace, before_release, judge.baseline_cases, judge, options)
    now = _run_candidate(workspace, candidate, before_release, before, judge, given)
    return Sides(
        judge=judge,
        candidate=now,
        candidate_release=candidate,
        candidate_workspace=workspace,
        unsealed=why_not_sealed(
            baseline,
            judging=workspace.suite,
            folder=workspace.folder,
            is_first=is_first,
            walls=_walls_elsewhere(request.options, workspace.suite),
        ),
        baseline=before,
        baseline_release=before_release,
        baseline_workspace=workspace if before_release is not None else None,
        panel=panel,
    )


def _from_base(
    stack: ExitStack, request: CheckRequest, inputs: CheckInputs, baseline: GitBaseline
) -> Sides:
    """Both sides laid out apart: the base, and the base with what the change may bring."""
    folder = stack.enter_context(base_folder(inputs.workspace, baseline))
    stack.enter_context(named_in(workspace_root(folder), f" at {baseline}"))
    base = load_workspace(folder, home=inputs.workspace.folder)
    base_settings = load_settings(folder)
    refuse_labels(request.allow, base_settings)
    survey = survey_against(inputs, baseline, base)
    judge = judge_of_base(
        base=base,
        base_settings=base_settings,
        head=inputs.workspace,
        changes=survey.changes,
        ref=str(baseline),
        allowed=request.allow,
    )
    checkout = open_checkout(inputs.workspace.folder)
    assert checkout is not None
    candidate = stack.enter_context(
        laid_out_candidate(
            survey,
            checkout,
            home=inputs.workspace.folder,
            release_file=inputs.release_file,
            allowed=request.allow,
        )
    )
    release = base.release()
    announce_price(base, release, judge.settings.policy.gate, out=request.options.out)
    given = replace(request.options, panel=_panel(base, request))
    before = _run(base, release, judge.baseline_cases, judge, _within(given, judge, 0))
    use_cache = request.options.use_cache and may_be_on_record(survey, base)
    options = replace(given, use_cache=use_cache)
    now = _run_candidate(candidate.workspace, candidate.release, release, before, judge, options)
    return Sides(
        judge=judge,
        candidate=now,
        candidate_release=candidate.release,
        candidate_workspace=candidate.workspace,
        unsealed=why_not_sealed(
            baseline,
            judging=base.suite,
            folder=inputs.workspace.folder,
            walls=_walls_elsewhere(request.options, base.suite),
        ),
        baseline=before,
        baseline_release=release,
        baseline_workspace=base,
        panel=given.panel,
    )


def _panel(workspace: Workspace, request: CheckRequest) -> Panel | None:
    """The judges of the workspace that judges; they are the same for both sides."""
    options = request.options
    return open_panel(
        workspace,
        options.out,
        asks_all=request.judge_all,
        use_kept=options.use_cache,
    )


def _walls_elsewhere(options: RunOptions, suite: Suite) -> Walls | None:
    """The walls around trials that run on other machines; None: they run here."""
    return None if options.cluster is None else options.cluster.walls(suite)


def _run(
    workspace: Workspace,
    release: Release,
    cases: Iterable[Case],
    judge: Judge,
    options: RunOptions,
) -> RunEvidence:
    run = gather_evidence(workspace, release, cases=cases, actions=judge.actions, options=options)
    return run.evidence


def _run_candidate(
    workspace: Workspace,
    candidate: Release,
    baseline: Release | None,
    before: RunEvidence | None,
    judge: Judge,
    given: RunOptions,
) -> RunEvidence:
    """The candidate's trials; against itself they are run anew, or both sides were one run."""
    known = before.release["fingerprint"] if before is not None else None
    is_itself = candidate.fingerprint in {known, baseline and baseline.fingerprint}
    options = replace(
        given,
        use_cache=given.use_cache and not is_itself,
        other=judge.other_side(baseline),
    )
    calls = len(before.scores) - before.cached if before else 0
    return _run(workspace, candidate, judge.candidate_cases, judge, _within(options, judge, calls))


def _within(options: RunOptions, judge: Judge, calls: int) -> RunOptions:
    """The options with what the policy's budget and the one given leave after these calls."""
    most = judge.settings.policy.gate.max_agent_calls
    given = most if options.most_calls is None else options.most_calls
    return replace(options, most_calls=min(most, given) - calls)


def _read_baseline(
    baseline: RecordBaseline, workspace: Workspace, scorer: Scorer, panel: Panel | None
) -> tuple[RunEvidence, dict[str, str]]:
    """The record's evidence and case digests; a record that can't be read is a gap, not a pass."""
    from dialgate_evals.errors import RecordError  # noqa: PLC0415 - rare
    from dialgate_evals.records.run_reading import read_run  # noqa: PLC0415 - loaded when it is needed

    try:
        evidence = read_record(
            baseline.folder,
            cases=workspace.cases,
            scorer=scorer,
            suite_name=workspace.suite.name,
            panel=panel,
        )
        cases = read_run(baseline.folder)["cases"]
        return evidence, {case_id: str(item["digest"]) for case_id, item in cases.items()}
    except RecordError as error:
        unreadable = RunEvidence(
            release=_UNKNOWN_RELEASE, scores=(), problems=error.problems, place=str(baseline.folder)
        )
        return unreadable, {case.id: case.digest for case in workspace.cases}


_UNKNOWN_RELEASE = {
    "name": "unknown", "version": "unknown", "fingerprint": "unknown",
    "components": {"prompts": "", "tools": "", "model": "", "code": ""},
}  # fmt: skip
