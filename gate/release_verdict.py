"""The verdict on a release: the one pure function that makes it.

Puts together gaps in the evidence, what the change removed or loosened, the suite as a whole and
every class; leaves each of those to its own module and showing to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.budget import judge_budget
from gate.class_verdict import (
    ClassEvidence,
    is_loss_excluded,
    is_regression_shown,
    judge_class,
)
from gate.estimates import estimate_classes, estimate_suite
from gate.evidence_gaps import (
    EvidenceGap,
    determinism_gaps,
    empty_class_gaps,
    find_gaps,
)
from gate.rounding import count_of, name_cases, show_loss, show_p, show_rate
from gate.suspects import SUITE
from gate.verdict import ClassVerdict, Estimates, ReleaseVerdict, Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.comparison import RunComparison
    from gate.policy import GatePolicy
    from gate.suspects import ConfirmationFindings


def decide_verdict(
    comparison: RunComparison,
    policy: GatePolicy,
    *,
    max_infra_error_rate: float = 0.02,
    loosened: Sequence[str] = (),
    allowed: frozenset[str] = frozenset(),
    gaps: Sequence[EvidenceGap] = (),
    confirmation: ConfirmationFindings | None = None,
) -> ReleaseVerdict:
    """The verdict on the candidate of a comparison that has a baseline.

    `loosened` holds a sentence for each threshold, class or quarantine by which the change weakens
    its own judge; `allowed` the labels that the base's policy accepts; `gaps` those that were
    found before the comparison. A first release is judged by `gate.first_release`.
    """
    found_gaps = _all_gaps(comparison, policy, max_infra_error_rate, gaps)
    critical = broken_critical(comparison)
    estimates = estimate_classes(
        comparison.classes,
        alpha=policy.alpha,
        deterministic=comparison.deterministic,
        by_confirmation=confirmation is not None,
    )
    classes = tuple(
        judge_class(
            ClassEvidence(
                comparison=item,
                success=success,
                silence=silence,
                broken_critical=tuple(i for i in critical if i in item.failing),
                deterministic=comparison.deterministic,
                confirmation=confirmation,
            ),
            policy.for_class(item.action_class),
        )
        for item, (success, silence) in zip(comparison.classes, estimates, strict=True)
    )
    suite = estimate_suite(
        comparison.suite,
        alpha=policy.alpha,
        deterministic=comparison.deterministic,
        by_confirmation=confirmation is not None,
    )
    budget = judge_budget(comparison, policy.default, alpha=policy.alpha)
    suite_findings = [
        *_judge_case_set(comparison, allowed),
        *_judge_loosened(loosened, allowed),
        *_judge_critical(critical, classes),
        *_judge_suite(comparison, suite, policy),
        *_judge_unclassed(comparison, classes, confirmation),
        *_judge_confirmed_suite(confirmation),
        *((Verdict.FAIL, item.sentence) for item in budget if item.failed),
    ]
    verdict = worst(
        [
            *(Verdict.INVALID for _ in found_gaps),
            *(finding for finding, _ in suite_findings),
            *(item.verdict for item in classes),
        ]
    )
    return ReleaseVerdict(
        verdict=verdict,
        comparison=comparison,
        classes=rank_classes(classes),
        suite=suite,
        gaps=found_gaps,
        budget=budget,
        confirmation=confirmation,
        reasons=_reasons(found_gaps, suite_findings, rank_classes(classes), verdict),
        allows_inconclusive=not policy.blocks_inconclusive,
    )


def _all_gaps(
    comparison: RunComparison, policy: GatePolicy, limit: float, gaps: Sequence[EvidenceGap]
) -> tuple[EvidenceGap, ...]:
    present = [item.action_class for item in comparison.classes]
    return (
        *gaps,
        *find_gaps(
            baseline=comparison.baseline,
            candidate=comparison.candidate,
            case_set=comparison.case_set,
            max_infra_error_rate=limit,
        ),
        *empty_class_gaps(policy.classes, present),
        *(
            determinism_gaps([comparison.baseline, comparison.candidate])
            if comparison.deterministic
            else ()
        ),
    )


def broken_critical(comparison: RunComparison) -> tuple[str, ...]:
    """Critical cases that fail in some candidate trial while the baseline holds them.

    A new critical case has no baseline: there any failing trial counts.
    """
    added = set(comparison.case_set.added)
    broken = []
    for case in comparison.case_set.cases:
        if not case.critical or case.quarantined:
            continue
        now = comparison.candidate.finished(case.id)
        before = comparison.baseline.finished(case.id) if comparison.baseline else ()
        held = case.id in added or (bool(before) and all(score.passed for score in before))
        if held and any(not score.passed for score in now):
            broken.append(case.id)
    return tuple(broken)


def rank_classes(classes: Sequence[ClassVerdict]) -> tuple[ClassVerdict, ...]:
    """The classes that a reviewer must look at first come first.

    By verdict, then the stronger of the two endpoints' signs of a regression, then new silent
    failures, broken cases and the name.
    """
    return tuple(
        sorted(
            classes,
            key=lambda item: (
                -item.verdict.rank if item.verdict is not Verdict.PASS else 1,
                min(_p_of(item.success), _p_of(item.silence)),
                -len(item.comparison.silent_moves.broken),
                -len(item.comparison.moves.broken),
                item.action_class,
            ),
        )
    )


def _p_of(estimates: Estimates) -> float:
    return 1.0 if estimates.p_regression is None else estimates.p_regression


Finding = tuple[Verdict, str]


def _judge_case_set(comparison: RunComparison, allowed: frozenset[str]) -> list[Finding]:
    removed = comparison.case_set.removed
    if not removed or "suite-change" in allowed:
        return []
    return [
        (
            Verdict.FAIL,
            (
                f"The change removes {count_of(len(removed), 'case')} that the baseline was judged "
                f"by: {name_cases(removed)}. Restore them, or have a reviewer allow it with "
                "--allow suite-change where the base's policy names that label."
            ),
        )
    ]


def _judge_loosened(loosened: Sequence[str], allowed: frozenset[str]) -> list[Finding]:
    if "policy-change" in allowed:
        return []
    return [(Verdict.FAIL, sentence) for sentence in loosened]


def _judge_critical(critical: Sequence[str], classes: Sequence[ClassVerdict]) -> list[Finding]:
    """Critical cases that fail for a reason that belongs to no class, a reply check say."""
    named = {i for item in classes for i in item.comparison.failing}
    rest = [case_id for case_id in critical if case_id not in named]
    if not rest:
        return []
    sentence = (
        f"{count_of(len(rest), 'critical case')} failed that must pass in every trial: "
        f"{name_cases(rest)}."
    )
    return [(Verdict.FAIL, sentence)]


def _judge_suite(comparison: RunComparison, suite: Estimates, policy: GatePolicy) -> list[Finding]:
    if suite.difference is None or is_loss_excluded(suite, policy.default.margin):
        return []
    if not is_regression_shown(suite):
        return []
    shown = (
        "certain, because the agent is deterministic"
        if comparison.deterministic
        else f"{show_p(suite.p_adjusted or 0.0)}, at most {suite.level:g} shows it"
    )
    sentence = (
        f"Over the suite as a whole success fell by {show_loss(suite.difference)} ({shown}); "
        f"the margin tolerates {show_rate(policy.default.margin)}."
    )
    return [(Verdict.FAIL, sentence)]


def _judge_confirmed_suite(confirmation: ConfirmationFindings | None) -> list[Finding]:
    value = confirmation.shown.get(SUITE) if confirmation else None
    if confirmation is None or value is None:
        return []
    sentence = (
        f"Over the suite as a whole cases broke, confirmed by fresh paired trials (e-value "
        f"{value:.3g}, {confirmation.thresholds[SUITE]:g} shows it): "
        f"{name_cases(sorted(confirmation.still_open))}."
    )
    return [(Verdict.FAIL, sentence)]


def _judge_unclassed(
    comparison: RunComparison,
    classes: Sequence[ClassVerdict],
    confirmation: ConfirmationFindings | None,
) -> list[Finding]:
    """Cases that broke without any action going wrong: their reply or end state did."""
    if comparison.deterministic:
        return []
    named = {i for item in classes for i in item.open_suspects}
    cleared = confirmation.cleared if confirmation else frozenset()
    broken = comparison.moves.broken
    rest = [case_id for case_id in broken if case_id not in named and case_id not in cleared]
    if not rest:
        return []
    sentence = (
        f"{count_of(len(rest), 'case')} broke in reply or end state only: {name_cases(rest)}. "
        "More trials of these cases on both releases would decide it."
    )
    return [(Verdict.INCONCLUSIVE, sentence)]


def _reasons(
    gaps: Sequence[EvidenceGap],
    findings: Sequence[Finding],
    classes: Sequence[ClassVerdict],
    verdict: Verdict,
) -> tuple[str, ...]:
    """All reasons of a bad verdict, the worst first; of a pass those of its classes."""
    ranked = [(Verdict.INVALID, gap.reason) for gap in gaps] + list(findings)
    for item in classes:
        if item.verdict is not Verdict.PASS or verdict is Verdict.PASS:
            ranked += [(item.verdict, f"{item.action_class}: {text}") for text in item.reasons]
    ranked.sort(key=lambda pair: -pair[0].rank)
    return tuple(sentence for _, sentence in ranked)
