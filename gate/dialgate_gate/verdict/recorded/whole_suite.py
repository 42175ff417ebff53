"""What recorded trials say of the suite as a whole, and of what belongs to no class.

Pure: figures in, sentences out. Leaves classes to `recorded.class_verdict`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import FailOn
from dialgate_gate.verdict.recorded.class_verdict import is_loss_excluded, is_regression_shown
from dialgate_gate.verdict.recorded.estimates import estimate_suite
from dialgate_gate.verdict.recorded.judged_replies import (
    ACTING_SHARE,
    acting_counts,
    replies_findings,
)
from dialgate_gate.verdict.sequential.critical_cases import screened_critical
from dialgate_gate.verdict.sequential.deciding.votes_alone import (
    judge_refused,
    judge_uncorrected,
)
from dialgate_gate.verdict.sequential.screening import is_failed_by_votes, screen_cases
from dialgate_gate.wording import count_of, name_cases, show_loss, show_p, show_points, show_rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.class_figures import ClassVerdict, Estimates
    from dialgate_gate.verdict.recorded.judged_replies import JudgedReplies
    from dialgate_gate.verdict.sequential.deciding.findings import Finding


def judge_whole(
    comparison: RunComparison,
    classes: Sequence[ClassVerdict],
    suite: Estimates,
    policy: GatePolicy,
    replies: JudgedReplies | None = None,
) -> list[Finding]:
    """The suite as a whole, and what belongs to no class.

    replies: what votes that decide come to, corrected; None: none does, or nothing is known of it.
    """
    if replies is not None:
        return [
            *_judge_acting(comparison, policy),
            *replies_findings(replies),
            *judge_refused(screened_critical(screen_cases(comparison)).refused),
            *_judge_unclassed(comparison, classes),
        ]
    return [
        *_judge_suite(comparison, suite, policy),
        *_judge_unclassed(comparison, classes),
        *judge_uncorrected(comparison),
    ]


def _judge_suite(comparison: RunComparison, suite: Estimates, policy: GatePolicy) -> list[Finding]:
    """The suite as a whole by recorded trials, as a class of all cases is judged."""
    if suite.difference is None or suite.interval is None or not comparison.classes:
        return []
    if failing := _judge_loss(comparison, suite, policy, of="success"):
        return failing
    if is_loss_excluded(suite, policy.margin):
        return []
    sentence = (
        f"Over the suite as a whole a loss over the margin of {show_rate(policy.margin)} is not "
        f"excluded: the difference is {show_points(suite.difference)} and may be as low as "
        f"{show_points(suite.interval[0])}. More cases or trials would decide it."
    )
    return [(Verdict.INCONCLUSIVE, sentence)]


def _judge_loss(
    comparison: RunComparison, suite: Estimates, policy: GatePolicy, *, of: str
) -> list[Finding]:
    """Fail where the exact test shows a loss that the suite fails on."""
    if suite.difference is None or suite.interval is None or not is_regression_shown(suite):
        return []
    fail_on = policy.suite_fails_on(item.action_class for item in comparison.classes)
    if fail_on is not FailOn.CASE and suite.interval[1] >= -policy.margin:
        return []
    how = (
        "certain, because the agent is deterministic"
        if comparison.deterministic
        else f"{show_p(suite.p_adjusted or 0.0)}, at most {suite.level:g} shows it"
    )
    sentence = (
        f"Over the suite as a whole {of} fell by {show_loss(suite.difference)} ({how}); "
        f"the margin tolerates {show_rate(policy.margin)}."
    )
    return [(Verdict.FAIL, sentence)]


def _judge_acting(comparison: RunComparison, policy: GatePolicy) -> list[Finding]:
    """What may fail the suite whatever a judge says: acting, and checks that need none."""
    acting = estimate_suite(
        acting_counts(comparison),
        alpha=2 * ACTING_SHARE * policy.alpha,
        deterministic=comparison.deterministic,
    )
    return _judge_loss(comparison, acting, policy, of="success without a judge's votes")


def judge_without_classes(
    comparison: RunComparison,
    suite: Estimates,
    policy: GatePolicy,
    replies: JudgedReplies | None = None,
) -> list[Finding]:
    """A suite in which nothing is to be done, and nothing was: the trials as a whole decide."""
    if comparison.classes or suite.difference is None:
        return []
    if replies is not None and not replies.is_excluded:
        return []  # said already
    passed, trials = (
        comparison.suite.candidate_passed.sum(),
        comparison.suite.candidate_trials.sum(),
    )
    told = (
        f"No case asks for an action and no agent took one: {passed} of {trials} trials passed "
        f"whole, {comparison.suite.baseline_passed.sum()} of "
        f"{comparison.suite.baseline_trials.sum()} before"
    )
    if passed == trials and replies is None:
        return [(Verdict.PASS, f"{told}. That is all that this suite asks for.")]
    if replies is not None or is_loss_excluded(suite, policy.margin):
        excluded = f"a loss over the margin of {show_rate(policy.margin)} is excluded"
        return [(Verdict.PASS, f"{told}; {excluded}.")]
    open_still = f"a loss over the margin of {show_rate(policy.margin)} is not excluded"
    return [(Verdict.INCONCLUSIVE, f"{told}; {open_still}. Add cases or trials.")]


def _judge_unclassed(comparison: RunComparison, classes: Sequence[ClassVerdict]) -> list[Finding]:
    """Cases that broke without any action class breaking: their reply or end state did."""
    if comparison.deterministic:
        return []
    named = {i for item in classes for i in item.open_suspects}
    rest = [
        case_id
        for case_id in comparison.moves.broken
        if case_id not in named and not _is_voted_down(comparison, case_id)
    ]
    if not rest:
        return []
    sentence = (
        f"{count_of(len(rest), 'case')} passed before and failed now without any action class of "
        f"theirs breaking (a reply check or an end state did): {name_cases(rest)}. More trials of "
        "these cases on both releases would decide it."
    )
    return [(Verdict.INCONCLUSIVE, sentence)]


def _is_voted_down(comparison: RunComparison, case_id: str) -> bool:
    """Whether votes alone failed every trial of the candidate that failed: the rate judges them."""
    failed = [score for score in comparison.candidate.finished(case_id) if not score.passed]
    return bool(failed) and all(is_failed_by_votes(score) for score in failed)
