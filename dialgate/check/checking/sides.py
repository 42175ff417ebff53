"""Both sides of a check with their evidence, and what is run again before they are judged.

Leaves gathering them to `checking.gathered_sides` and the verdict to `checking.deciding`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialgate.check.checking.claim_testing import ClaimedSide, run_claimed_again
from dialgate.check.checking.fresh_trials import RunnableSide
from dialgate.check.checking.missing_again import run_missing_again
from dialgate.runs.code_that_ran import code_gaps, record_code_gaps
from dialgate.runs.gathering import is_recorded
from dialgate.runs.judging.judges import judged_by
from dialgate.runs.pooling import pooled_scores, shift_from_record
from dialgate_evals.scoring.scoring import Scorer
from dialgate_gate.verdict.same_release import is_same_release, was_run_before

if TYPE_CHECKING:
    from dialgate.check.checking.request import CheckRequest
    from dialgate.check.judge import Judge
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.running.judges.panel import Panel
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.comparing.record_shift import RecordShift
    from dialgate_gate.comparing.run_evidence import RunEvidence


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The judge, both sides' evidence and where each can be run again."""

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
    panel: Panel | None = None
    # the base's judges of replies and texts, for both sides


def with_missing_again(sides: Sides, request: CheckRequest) -> Sides:
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


def with_code_gaps(sides: Sides) -> Sides:
    """The sides; with a gap where the code that is judged isn't the code that ran."""
    if sides.baseline is None:
        return sides
    candidate = (sides.candidate_release, sides.candidate.loaded)
    if sides.baseline_release is None:
        components = sides.baseline.release["components"]
        gaps = record_code_gaps(
            code=components["code"], loaded=sides.baseline.loaded, candidate=candidate
        )
    else:
        before = (sides.baseline_release, sides.baseline.loaded)
        gaps = code_gaps(baseline=before, candidate=candidate)
    evidence = replace(sides.candidate, gaps=(*sides.candidate.gaps, *gaps))
    return replace(sides, candidate=evidence)


def with_claim_tested(sides: Sides, request: CheckRequest) -> Sides:
    """The sides; for a deterministic suite with the trials that test the claim."""
    judge, base, release = sides.judge, sides.baseline_workspace, sides.baseline_release
    if not judge.suite.deterministic:
        return sides
    before = None
    if sides.baseline is not None:
        may_run = base is not None and not is_then_and_now(sides)
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


def shift_of(sides: Sides, request: CheckRequest) -> RecordShift | None:
    """How the baseline's trials of now lie beside those of other days in the pool."""
    if sides.baseline is None or sides.baseline.cached:
        return None  # trials from the record are no others than its own
    return shift_from_record(sides.baseline, pooled_trials(sides, request))


def pooled_trials(sides: Sides, request: CheckRequest) -> dict[str, tuple[TrialScore, ...]]:
    """By case the baseline's trials of other days, scored now."""
    base, release = sides.baseline_workspace, sides.baseline_release
    if base is None or release is None or is_recorded(base):
        return {}
    return pooled_scores(
        request.options.out,
        base.run_key(release),
        sides.judge.baseline_cases,
        Scorer(
            tools=release.tools, actions=sides.judge.actions, judged=judged_by(sides.panel, base)
        ),
        before=request.at,
    )


def is_then_and_now(sides: Sides) -> bool:
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
