"""From both sides' evidence to the verdict: compared, confirmed by fresh trials, judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.check.checking.confirming import confirm_release
from dialgate.check.checking.fresh_trials import RunnableSide
from dialgate.check.checking.judge_knowledge import known_judge_of, with_shifted_withheld
from dialgate.check.checking.sides import Sides, is_then_and_now, pooled_trials
from dialgate.check.judge import judged_policy
from dialgate.check.sealing import unsealed_gaps
from dialgate.runs.gathering import is_recorded
from dialgate_gate.changes.judged.judge_change import not_allowed
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.evidence_gaps import find_gaps
from dialgate_gate.verdict.first_release import judge_first_release
from dialgate_gate.verdict.release_verdict import decide_verdict
from dialgate_gate.verdict.sequential import Side

if TYPE_CHECKING:
    from dialgate.check.checking.request import CheckRequest
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.verdict.confirmed import Confirmed
    from dialgate_gate.verdict.verdict import ReleaseVerdict


def decide_sides(sides: Sides, request: CheckRequest) -> ReleaseVerdict:
    """The verdict on both sides; without a baseline that of a first release."""
    judge = sides.judge
    sides, shifts = with_shifted_withheld(sides)
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
        known_judge=known_judge_of(sides, comparison, shifts),
    )


def _confirm(
    sides: Sides, request: CheckRequest, candidate: RunnableSide, comparison: RunComparison
) -> Confirmed | None:
    """Fresh trials of both sides, where both releases can be run again."""
    judge, policy = sides.judge, judged_policy(sides.judge)
    base, release = sides.baseline_workspace, sides.baseline_release
    repeatable = not judge.suite.deterministic and policy.confirm_trials > 0
    if not repeatable or base is None or release is None or is_recorded(candidate.workspace):
        return None
    if is_recorded(base) or sides.baseline is None:
        return None
    if is_then_and_now(sides):
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
        options=request.options,
        steering=pooled_trials(sides, request),
    )


def _is_invalid(sides: Sides, comparison: RunComparison) -> bool:
    """Whether the first trials can't be trusted: then no fresh trial is paid for."""
    gaps = find_gaps(
        baseline=comparison.baseline,
        candidate=comparison.candidate,
        case_set=comparison.case_set,
        max_infra_error_rate=sides.judge.suite.max_infra_error_rate,
    )
    return bool(gaps)
