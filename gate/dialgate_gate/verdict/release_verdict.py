"""The verdict on a release: the one pure function that makes it.

Puts together gaps in the evidence, what the change removed or loosened, the suite as a whole and
every class; leaves each of those to its own module and showing to `reports`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate_gate.comparing.evidence_gaps import empty_class_gaps, find_gaps
from dialgate_gate.comparing.one_sided import one_sided_gaps
from dialgate_gate.four_verdicts import Verdict, worst
from dialgate_gate.verdict.budget import judge_budget
from dialgate_gate.verdict.class_rules import ClassRules, recorded_margin, rules_of
from dialgate_gate.verdict.confirmed_class import judge_confirmed, shown_estimates
from dialgate_gate.verdict.recorded.class_verdict import (
    ClassEvidence,
    judge_class,
    with_missing_cases,
)
from dialgate_gate.verdict.recorded.critical_cases import broken_critical, judge_critical
from dialgate_gate.verdict.recorded.estimates import estimate_classes, estimate_suite
from dialgate_gate.verdict.recorded.judged_replies import judge_replies, people_against_votes
from dialgate_gate.verdict.recorded.whole_suite import judge_whole, judge_without_classes
from dialgate_gate.verdict.sequential.deciding.votes_alone import (
    judge_refused,
    refused_without_baseline,
)
from dialgate_gate.verdict.sequential.unit import PASS_ERROR
from dialgate_gate.verdict.verdict import ReleaseVerdict
from dialgate_gate.wording import count_of, name_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.comparing.comparison import ClassComparison, RunComparison
    from dialgate_gate.comparing.gap import EvidenceGap
    from dialgate_gate.licensing.known_judge import KnownJudge
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.class_figures import ClassVerdict, Estimates
    from dialgate_gate.verdict.confirmed import Confirmed
    from dialgate_gate.verdict.recorded.judged_replies import JudgedReplies
    from dialgate_gate.verdict.sequential.deciding.findings import Finding


def decide_verdict(
    comparison: RunComparison,
    policy: GatePolicy,
    *,
    max_infra_error_rate: float = 0.02,
    loosened: Sequence[str] = (),
    allowed: frozenset[str] = frozenset(),
    gaps: Sequence[EvidenceGap] = (),
    confirmed: Confirmed | None = None,
    known_judge: KnownJudge | None = None,
) -> ReleaseVerdict:
    """The verdict on the candidate of a comparison with a baseline (else: `first_release`).

    `loosened`: a sentence for each change of the judge that no label allows; `allowed`: labels that
    the base's policy accepts; `gaps`: those found before the comparison; `confirmed`: what fresh
    trials decided, None where suspects could not be run again; `known_judge`: what labels show of a
    judge whose votes decide.
    """
    gaps = _all_gaps(comparison, policy, max_infra_error_rate, gaps)
    critical = broken_critical(comparison, screened_decides=confirmed is None)
    classes = rank_classes(_judge_classes(comparison, policy, critical, confirmed))
    replies = judge_replies(comparison, policy, known_judge)
    suite = _estimate_whole(comparison, policy, confirmed, replies)
    budget = judge_budget(comparison, policy.default, alpha=policy.alpha)
    weakened = [*_judge_case_set(comparison, allowed), *((Verdict.FAIL, s) for s in loosened)]
    whole = _judge_whole(comparison, classes, suite, policy, confirmed, replies)
    first = int(confirmed is not None and confirmed.decision.shift.is_low)
    findings = [
        *whole[:first],  # what keeps everything from passing is said before any class
        *((Verdict.INVALID, gap.reason) for gap in gaps),
        *weakened,
        *judge_critical(critical, classes),
        *judge_refused(refused_without_baseline(comparison)),
        *_class_findings(classes),
        *whole[first:],
        *_judge_against_votes(known_judge, replies, confirmed),
        *judge_without_classes(comparison, suite, policy, None if confirmed else replies),
        *((Verdict.FAIL, item.sentence) for item in budget if item.failed),
    ]
    verdict = worst([*(found for found, _ in findings), *(item.verdict for item in classes)])
    said = _reasons(findings, verdict)
    return ReleaseVerdict(
        verdict=verdict,
        comparison=comparison,
        classes=classes,
        suite=suite,
        gaps=gaps,
        budget=budget,
        confirmed=confirmed,
        replies=replies,
        reasons=tuple(sentence for _, sentence in said),
        missing=places_of_missing([found for found, _ in said], verdict),
        weakened=tuple(sentence for _, sentence in weakened),
        allows_inconclusive=not policy.blocks_inconclusive,
    )


def _estimate_whole(
    comparison: RunComparison,
    policy: GatePolicy,
    confirmed: Confirmed | None,
    replies: JudgedReplies | None,
) -> Estimates:
    """The suite's figures: of fresh trials, if there are any; corrected where votes decide."""
    found = estimate_suite(
        comparison.suite,
        alpha=policy.alpha,
        deterministic=comparison.deterministic,
        by_confirmation=confirmed is not None,
    )
    if confirmed is None:
        return found if replies is None else _corrected(found, replies)
    decision = confirmed.decision
    return shown_estimates(found, decision.suite_figures, decision.suite)


def _corrected(raw: Estimates, replies: JudgedReplies) -> Estimates:
    """The suite's figures by what votes come to; the exact test is of them no more."""
    difference, interval = replies.shown
    return replace(
        raw,
        difference=difference,
        interval=interval,
        confidence_level=1 - PASS_ERROR,
        p_regression=None,
        p_adjusted=None,
        detectable_drop=None,
    )


def _judge_against_votes(
    known: KnownJudge | None, replies: JudgedReplies | None, confirmed: Confirmed | None
) -> list[Finding]:
    """What labels say against votes: withheld ones, and a loss that fresh trials don't show."""
    found = [(Verdict.INCONCLUSIVE, item.sentence) for item in (known.shifts if known else ())]
    if confirmed is not None and replies is not None and replies.powered_shows_loss:
        found.append((Verdict.INCONCLUSIVE, people_against_votes(replies)))
    return found


def _judge_classes(
    comparison: RunComparison,
    policy: GatePolicy,
    critical: Sequence[str],
    confirmed: Confirmed | None,
) -> tuple[ClassVerdict, ...]:
    """Each class by its fresh trials, where there are any, else by what is recorded."""
    estimates = estimate_classes(
        comparison.classes,
        alpha=policy.alpha,
        deterministic=comparison.deterministic,
        by_confirmation=confirmed is not None,
    )
    decisions = confirmed.by_class if confirmed else {}
    found = []
    for item, figures in zip(comparison.classes, estimates, strict=True):
        decision = decisions.get(item.action_class)
        if decision is not None:
            rules = confirmed.rules[item.action_class] if confirmed else ClassRules()
            found.append(judge_confirmed(item, decision, figures, rules))
            continue
        evidence = ClassEvidence(
            comparison=item,
            success=figures[0],
            silence=figures[1],
            broken_critical=tuple(i for i in critical if i in item.failing),
            deterministic=comparison.deterministic,
        )
        found.append(judge_class(evidence, _recorded_rules(comparison, item, policy)))
    return tuple(map(with_missing_cases, found))


def _recorded_rules(
    comparison: RunComparison, item: ClassComparison, policy: GatePolicy
) -> ClassRules:
    derived = recorded_margin(
        item.success,
        policy,
        confidence_level=1 - policy.alpha,
        deterministic=comparison.deterministic,
    )
    return rules_of(policy, item.action_class, derived=derived)


def _judge_whole(
    comparison: RunComparison,
    classes: Sequence[ClassVerdict],
    suite: Estimates,
    policy: GatePolicy,
    confirmed: Confirmed | None,
    replies: JudgedReplies | None,
) -> Sequence[Finding]:
    """The suite as a whole: by fresh trials, where there are any, else by what is recorded."""
    if confirmed is not None:
        return confirmed.decision.findings
    return judge_whole(comparison, classes, suite, policy, replies)


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
        *comparison.refuted,
        *one_sided_gaps(comparison, policy.default),
    )


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


def _class_findings(classes: Sequence[ClassVerdict]) -> list[Finding]:
    """What is said of each class, under its name."""
    return [
        (item.verdict, f"{item.action_class}: {text}") for item in classes for text in item.reasons
    ]


def places_of_missing(said: Sequence[Verdict], verdict: Verdict) -> tuple[int, ...]:
    """Where in the reasons stands what is missing for a decision.

    All of them of a release that is undecided, and of any other what is undecided by itself.
    """
    if verdict is Verdict.INCONCLUSIVE:
        return tuple(range(len(said)))
    return tuple(place for place, found in enumerate(said) if found is Verdict.INCONCLUSIVE)


def _reasons(findings: Sequence[Finding], verdict: Verdict) -> list[Finding]:
    """All reasons of a bad verdict, the weightiest first; of a pass those of its classes.

    Findings come in the order of their weight: a gap, a weakened judge, critical cases, classes,
    the suite as a whole, budgets. What made the verdict stands before what is milder.
    """
    said = [
        (found, sentence)
        for found, sentence in findings
        if found is not Verdict.PASS or verdict is Verdict.PASS
    ]
    return sorted(said, key=lambda pair: -pair[0].rank)
