"""The main job: gather both sides' evidence, compare, judge, and say it as one document.

The wiring of `check`; leaves running to `dialgate.runs.gathering`, judging to `gate` and showing to
`reports`.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialgate.changes.baselines import RecordBaseline, ReleaseFileBaseline
from dialgate.check.candidate import laid_out_candidate, may_be_on_record, named_in
from dialgate.check.change_survey import survey_against
from dialgate.check.check_inputs import read_inputs, refuse_labels, reproduce_line
from dialgate.check.claim_testing import ClaimedSide, run_claimed_again
from dialgate.check.commits import name_commits
from dialgate.check.confirming import RunnableSide, confirm_release
from dialgate.check.judge import (
    Judge,
    judge_of_base,
    judge_of_working_tree,
    judged_policy,
    judging_digests,
)
from dialgate.check.ledger_state import ledger_head, verify_dial
from dialgate.check.sealing import seal_document, unsealed_gaps, why_not_sealed
from dialgate.git.base_ref import GitBaseline, suite_exists_at
from dialgate.git.base_tree import base_folder
from dialgate.git.git_checkout import open_checkout
from dialgate.runs.code_that_ran import code_gaps, unlisted_code
from dialgate.runs.gathering import gather_evidence, is_recorded, read_record
from dialgate.runs.missing_again import run_missing_again
from dialgate.runs.on_record.histories import read_history
from dialgate.runs.planning import announce_price
from dialgate.runs.pooling import drift_from_record, pooled_scores
from dialgate_evals.files.file_reading import workspace_root
from dialgate_evals.files.problems import show_path
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.changes.invalidated_cases import describe_invalidated
from dialgate_gate.changes.judged.judge_change import not_allowed
from dialgate_gate.changes.release_changes import describe_changes, describe_digest_changes
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.evidence_gaps import find_gaps
from dialgate_gate.comparing.history import flaky_cases
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.ladder.graduation import graduation_from_evals
from dialgate_gate.settings.settings import load_settings
from dialgate_gate.verdict.documents.occasion import Occasion
from dialgate_gate.verdict.documents.recorded_outlook import find_outlook
from dialgate_gate.verdict.documents.verdict_document import build_document
from dialgate_gate.verdict.first_release import judge_first_release
from dialgate_gate.verdict.release_verdict import decide_verdict
from dialgate_gate.verdict.same_release import is_same_release, same_release_reasons, was_run_before
from dialgate_gate.verdict.sequential import Side

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from pathlib import Path

    from dialgate.check.check_inputs import CheckInputs
    from dialgate.runs.recorded_run import EvidenceOptions
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.comparing.drift import RecordDrift
    from dialgate_gate.comparing.history import CaseRuns
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.confirmed import Confirmed
    from dialgate_gate.verdict.outlook import Outlook
    from dialgate_gate.verdict.verdict import ReleaseVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What a person asked `check` for."""

    folder: Path
    release: str | None = None
    baseline: str | None = None
    allow: tuple[str, ...] = ()
    require_sealed: bool = False
    # whatever the policy says
    options: EvidenceOptions
    today: dt.date
    at: str = ""
    # when it was asked, RFC 3339 in UTC: shown, never used


@dataclass(frozen=True, kw_only=True)
class CheckOutcome:
    """The verdict, its document, and the records it rests on."""

    verdict: ReleaseVerdict
    document: dict[str, Any]


def check_release(request: CheckRequest) -> CheckOutcome:
    """Judges the release of the working tree against its baseline.

    Raises ConfigurationError or UsageError where files or arguments are wrong; missing or broken
    evidence is no error but the verdict `invalid`.
    """
    inputs = read_inputs(
        request.folder,
        release=request.release,
        baseline=request.baseline,
        allow=request.allow,
        today=request.today,
    )
    workspace = inputs.workspace
    with ExitStack() as stack:
        sides = _gather(stack, request, inputs)
        sides = _with_missing_again(sides, request)
        sides = _tested(_with_code_gaps(sides), request)
        verdict = _decide(sides, request)
    changes = _changes(sides, workspace)
    graduation = graduation_from_evals(
        verdict.comparison, sides.judge.settings, sides.judge.actions
    )
    document = build_document(
        verdict,
        suite={
            "name": workspace.suite.name,
            "digest": sides.judge.suite_digest,
            "digests": {
                "judge": sides.judge.digests,
                "change": judging_digests(workspace, inputs.settings),
            },
        },
        changes=changes,
        graduation=graduation,
        judged_by=sides.judge.judged_by,
        allowed=request.allow,
        flaky=_flaky(sides, workspace, request.options.out),
        occasion=Occasion(
            at=request.at,
            commits=name_commits(workspace.folder, inputs.baseline),
            outlook=_outlook(verdict, judged_policy(sides.judge), request),
            reproduce=reproduce_line(request.folder, request.release),
        ),
    )
    drift = _drift(sides, request)
    if drift is not None:
        document["drift"] = drift.as_json()
        document["reasons"] = [*filter(None, [drift.sentence]), *document["reasons"]]
    if not is_recorded(workspace):
        moves = verdict.comparison.moves
        known = same_release_reasons(
            baseline=sides.baseline,
            candidate=sides.candidate,
            verdict=verdict.verdict,
            has_moved=bool(moves.broken or moves.fixed or moves.flaky),
            is_confirmed=verdict.confirmed is not None,
        )
        unlisted = unlisted_code(sides.candidate_release, sides.candidate.loaded)
        more = [*known, *([unlisted] if unlisted else [])]
        document["reasons"] = [*document["reasons"], *more]
    seal_document(
        document,
        why=sides.unsealed,
        changes=sides.judge.changes,
        allowed=request.allow,
        ledger_head=ledger_head(workspace.folder),
    )
    return CheckOutcome(verdict=verdict, document=document)


@dataclass(frozen=True, kw_only=True)
class _Sides:
    judge: Judge
    candidate: RunEvidence
    candidate_release: Release
    candidate_workspace: Workspace
    # where the candidate is run: the working tree, or what is laid out of it beside a git base
    unsealed: tuple[str, ...]
    # why not sealed; empty: it is
    baseline: RunEvidence | None
    baseline_release: Release | None
    baseline_workspace: Workspace | None = None
    # where the baseline can be run again; None: it is a record


def _gather(stack: ExitStack, request: CheckRequest, inputs: CheckInputs) -> _Sides:
    workspace, baseline, candidate = inputs.workspace, inputs.baseline, inputs.candidate
    is_first = False
    if isinstance(baseline, GitBaseline):
        if suite_exists_at(workspace, baseline.commit):
            return _gather_from_base(stack, request, inputs, baseline)
        is_first = True
    verify_dial(workspace.folder, inputs.settings.dial)
    recorded = None
    before: RunEvidence | None = None
    before_release: Release | None = None
    scorer = Scorer(tools=candidate.tools, actions=workspace.actions)
    if isinstance(baseline, RecordBaseline):
        before, recorded = _read_baseline(baseline, workspace, scorer)
    judge = judge_of_working_tree(
        workspace, inputs.settings, recorded=recorded, allowed=request.allow
    )
    if isinstance(baseline, ReleaseFileBaseline):
        before_release = workspace.release(baseline.path)
        options = _within(request.options, judge, 0)
        announce_price(workspace, before_release, judge.settings.policy.gate, out=options.out)
        before = _run(workspace, before_release, judge.baseline_cases, judge, options)
    now = _run_candidate(workspace, candidate, before_release, before, judge, request.options)
    return _Sides(
        judge=judge,
        candidate=now,
        candidate_release=candidate,
        candidate_workspace=workspace,
        unsealed=why_not_sealed(
            baseline, judging=workspace.suite, folder=workspace.folder, is_first=is_first
        ),
        baseline=before,
        baseline_release=before_release,
        baseline_workspace=workspace if before_release is not None else None,
    )


def _gather_from_base(
    stack: ExitStack, request: CheckRequest, inputs: CheckInputs, baseline: GitBaseline
) -> _Sides:
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
    before = _run(base, release, judge.baseline_cases, judge, _within(request.options, judge, 0))
    use_cache = request.options.use_cache and may_be_on_record(survey, base)
    options = replace(request.options, use_cache=use_cache)
    now = _run_candidate(candidate.workspace, candidate.release, release, before, judge, options)
    return _Sides(
        judge=judge,
        candidate=now,
        candidate_release=candidate.release,
        candidate_workspace=candidate.workspace,
        unsealed=why_not_sealed(baseline, judging=base.suite, folder=inputs.workspace.folder),
        baseline=before,
        baseline_release=release,
        baseline_workspace=base,
    )


def _with_missing_again(sides: _Sides, request: CheckRequest) -> _Sides:
    """The sides; a case that errored on one of them only was run again there."""
    base, release = sides.baseline_workspace, sides.baseline_release
    before, now = sides.baseline, sides.candidate
    if before is None or is_recorded(sides.candidate_workspace):
        return sides
    actions, options = sides.judge.actions, request.options
    again = run_missing_again(
        now,
        before,
        workspace=sides.candidate_workspace,
        release=sides.candidate_release,
        cases=sides.judge.candidate_cases,
        actions=actions,
        options=options,
    )
    if base is not None and release is not None and not is_recorded(base):
        before = run_missing_again(
            before,
            now,
            workspace=base,
            release=release,
            cases=sides.judge.baseline_cases,
            actions=actions,
            options=options,
        )
    return replace(sides, baseline=before, candidate=again)


def _with_code_gaps(sides: _Sides) -> _Sides:
    """The sides; with a gap where the code that is judged isn't the code that ran."""
    if sides.baseline is None or sides.baseline_release is None:
        return sides
    gaps = code_gaps(
        baseline=(sides.baseline_release, sides.baseline.loaded),
        candidate=(sides.candidate_release, sides.candidate.loaded),
    )
    evidence = replace(sides.candidate, gaps=(*sides.candidate.gaps, *gaps))
    return replace(sides, candidate=evidence)


def _drift(sides: _Sides, request: CheckRequest) -> RecordDrift | None:
    """How the baseline's trials of now lie beside those of other days in the pool."""
    pooled = _pooled(sides, request)
    return None if sides.baseline is None else drift_from_record(sides.baseline, pooled)


def _pooled(sides: _Sides, request: CheckRequest) -> dict[str, tuple[TrialScore, ...]]:
    """By case the baseline's trials of other days, scored now."""
    base, release = sides.baseline_workspace, sides.baseline_release
    if base is None or release is None or is_recorded(base):
        return {}
    return pooled_scores(
        request.options.out,
        base.run_key(release),
        sides.judge.baseline_cases,
        Scorer(tools=release.tools, actions=sides.judge.actions),
        before=request.at,
    )


def _tested(sides: _Sides, request: CheckRequest) -> _Sides:
    """The sides; for a deterministic suite with the trials that test the claim."""
    judge, base, release = sides.judge, sides.baseline_workspace, sides.baseline_release
    if not judge.suite.deterministic:
        return sides
    before = None
    if sides.baseline is not None:
        may_run = base is not None and not _is_then_and_now(sides)
        again = None
        if may_run and base is not None and release is not None:
            again = RunnableSide(workspace=base, release=release, cases=judge.baseline_cases)
        before = ClaimedSide(evidence=sides.baseline, runnable=again)
    now = RunnableSide(
        workspace=sides.candidate_workspace,
        release=sides.candidate_release,
        cases=judge.candidate_cases,
        other=judge.other_side(sides.baseline_release),
    )
    baseline, tested = run_claimed_again(
        baseline=before,
        candidate=ClaimedSide(evidence=sides.candidate, runnable=now),
        policy=judge.settings.policy.gate,
        actions=judge.actions,
        options=request.options,
    )
    return replace(sides, baseline=baseline, candidate=tested)


def _run(
    workspace: Workspace,
    release: Release,
    cases: Iterable[Case],
    judge: Judge,
    options: EvidenceOptions,
) -> RunEvidence:
    run = gather_evidence(workspace, release, cases=cases, actions=judge.actions, options=options)
    return run.evidence


def _run_candidate(
    workspace: Workspace,
    candidate: Release,
    baseline: Release | None,
    before: RunEvidence | None,
    judge: Judge,
    given: EvidenceOptions,
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


def _within(options: EvidenceOptions, judge: Judge, calls: int) -> EvidenceOptions:
    """The options with what the policy's budget leaves after these calls."""
    return replace(options, most_calls=judge.settings.policy.gate.max_agent_calls - calls)


def _read_baseline(
    baseline: RecordBaseline, workspace: Workspace, scorer: Scorer
) -> tuple[RunEvidence, dict[str, str]]:
    """The record's evidence and case digests; a record that can't be read is a gap, not a pass."""
    from dialgate_evals.errors import RecordError  # noqa: PLC0415 - rare
    from dialgate_evals.records.run_reading import read_run  # noqa: PLC0415 - loaded when it is needed

    try:
        evidence = read_record(
            baseline.folder, cases=workspace.cases, scorer=scorer, suite_name=workspace.suite.name
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


def _decide(sides: _Sides, request: CheckRequest) -> ReleaseVerdict:
    judge = sides.judge
    comparison = compare_runs(
        baseline=sides.baseline,
        candidate=sides.candidate,
        case_set=judge.case_set,
        class_names=judge.actions.names,
        deterministic=judge.suite.deterministic,
    )
    policy = judge.settings.policy
    asked = request.require_sealed or policy.gate.require_sealed
    gaps = unsealed_gaps(sides.unsealed, asked=asked)
    if sides.baseline is None:
        return judge_first_release(
            comparison,
            policy,
            actions=judge.actions,
            dial=judge.settings.dial,
            max_infra_error_rate=judge.suite.max_infra_error_rate,
            gaps=gaps,
        )
    candidate = RunnableSide(
        workspace=sides.candidate_workspace,
        release=sides.candidate_release,
        cases=judge.candidate_cases,
        other=judge.other_side(sides.baseline_release),
    )
    return decide_verdict(
        comparison,
        judged_policy(judge),
        max_infra_error_rate=judge.suite.max_infra_error_rate,
        loosened=[item.sentence for item in not_allowed(judge.changes, request.allow)],
        allowed=frozenset(request.allow),
        gaps=gaps,
        confirmed=_confirm(sides, request, candidate, comparison),
    )


def _confirm(
    sides: _Sides, request: CheckRequest, candidate: RunnableSide, comparison: RunComparison
) -> Confirmed | None:
    """Fresh trials of both sides, where both releases can be run again."""
    judge, policy = sides.judge, judged_policy(sides.judge)
    base, release = sides.baseline_workspace, sides.baseline_release
    repeatable = not judge.suite.deterministic and policy.confirm_trials > 0
    if not repeatable or base is None or release is None or is_recorded(candidate.workspace):
        return None
    if is_recorded(base) or sides.baseline is None:
        return None
    if _is_then_and_now(sides):
        # Run again, the baseline would show what stands behind its names now, not then.
        return None
    if _is_invalid(sides, comparison):
        return None
    baseline = RunnableSide(workspace=base, release=release, cases=judge.baseline_cases)
    return confirm_release(
        comparison,
        policy,
        sides={Side.BASELINE: baseline, Side.CANDIDATE: candidate},
        actions=judge.actions,
        out=request.options.out,
        resume=request.options.resume,
        steering=_pooled(sides, request),
    )


def _is_then_and_now(sides: _Sides) -> bool:
    """Whether one release is compared with its own trials of then, and nothing else changed.

    A change of cases or of the judge asks another question, and fresh trials of both sides answer.
    """
    before, judge = sides.baseline, sides.judge
    if before is None or not was_run_before(before):
        return False
    if not is_same_release(baseline=before, candidate=sides.candidate):
        return False
    cases = judge.case_set
    return not (cases.added or cases.removed or cases.changed or judge.changes)


def _is_invalid(sides: _Sides, comparison: RunComparison) -> bool:
    """Whether the first trials can't be trusted: then no fresh trial is paid for."""
    gaps = find_gaps(
        baseline=comparison.baseline,
        candidate=comparison.candidate,
        case_set=comparison.case_set,
        max_infra_error_rate=sides.judge.suite.max_infra_error_rate,
    )
    return bool(gaps)


def _outlook(verdict: ReleaseVerdict, policy: GatePolicy, request: CheckRequest) -> Outlook:
    """What the check could see and what to do next, with the suite's own name in the command."""
    found = find_outlook(verdict, policy)
    step = found.next_step
    if step is None:
        return found
    command = step.command.replace("SUITE", show_path(request.folder))
    if request.release is not None and step.chance is None:
        command = f"{command} --release {request.release}"
    return replace(found, next_step=replace(step, command=command))


def _flaky(sides: _Sides, workspace: Workspace, out: Path) -> tuple[CaseRuns, ...]:
    """Cases that flipped under one of the two releases, over all records of them."""
    known = [side for side in (sides.baseline, sides.candidate) if side is not None]
    fingerprints = {side.release["fingerprint"] for side in known}
    return flaky_cases(read_history(workspace, out, releases=fingerprints))


def _changes(sides: _Sides, workspace: Workspace) -> list[dict[str, Any]]:
    before, base = sides.baseline_release, sides.baseline_workspace
    candidate = sides.candidate_release
    if before is not None:
        found = describe_changes(
            baseline=before,
            candidate=candidate,
            baseline_actions=base.actions if base is not None else None,
            candidate_actions=workspace.actions,
        )
        return found + describe_invalidated(
            sides.judge.candidate_cases, baseline=before.tools, candidate=candidate.tools
        )
    if sides.baseline is not None:
        return describe_digest_changes(
            baseline=sides.baseline.release, candidate=candidate.as_json()
        )
    return []
