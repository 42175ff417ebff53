"""The verdict on a release: the one pure function that makes it.

Puts together gaps in the evidence, what the change removed or loosened, the suite as a whole and
every class; leaves each of those to its own module and showing to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.comparing.evidence_gaps import empty_class_gaps, find_gaps
from dialgate_gate.comparing.one_sided import one_sided_gaps
from dialgate_gate.four_verdicts import Verdict, worst
from dialgate_gate.settings.gate_policy import FailOn
from dialgate_gate.verdict.budget import judge_budget
from dialgate_gate.verdict.class_rules import ClassRules, recorded_margin, rules_of
from dialgate_gate.verdict.class_verdict import (
    ClassEvidence,
    is_loss_excluded,
    is_regression_shown,
    judge_class,
    with_missing_cases,
)
from dialgate_gate.verdict.confirmed_class import judge_confirmed, shown_estimates
from dialgate_gate.verdict.estimates import estimate_classes, estimate_suite
from dialgate_gate.verdict.sequential.deciding.votes_alone import (
    judge_refused,
    judge_uncorrected,
    refused_without_baseline,
)
from dialgate_gate.verdict.sequential.screening import is_failed_by_votes
from dialgate_gate.verdict.verdict import ClassVerdict, Estimates, ReleaseVerdict
from dialgate_gate.wording import count_of, name_cases, show_loss, show_p, show_points, show_rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.comparing.comparison import ClassComparison, RunComparison
    from dialgate_gate.comparing.gap import EvidenceGap
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.confirmed import Confirmed


def decide_verdict(
    comparison: RunComparison,
    policy: GatePolicy,
    *,
    max_infra_error_rate: float = 0.02,
    loosened: Sequence[str] = (),
    allowed: frozenset[str] = frozenset(),
    gaps: Sequence[EvidenceGap] = (),
    confirmed: Confirmed | None = None,
) -> ReleaseVerdict:
    """The verdict on the candidate of a comparison that has a baseline.

    `loosened` holds a sentence for each change of the judge that no label allows; `allowed` the
    labels that the base's policy accepts; `gaps` those that were found before the comparison;
    `confirmed` is what fresh trials decided, None where suspects could not be run again. A first
    release is judged by `dialgate_gate.verdict.first_release`.
    """
    found_gaps = _all_gaps(comparison, policy, max_infra_error_rate, gaps)
    critical = broken_critical(comparison, screened_decides=confirmed is None)
    classes = _judge_classes(comparison, policy, critical, confirmed)
    suite = estimate_suite(
        comparison.suite,
        alpha=policy.alpha,
        deterministic=comparison.deterministic,
        by_confirmation=confirmed is not None,
    )
    if confirmed is not None:
        decision = confirmed.decision
        suite = shown_estimates(suite, decision.suite_figures, decision.suite)
    budget = judge_budget(comparison, policy.default, alpha=policy.alpha)
    ranked = rank_classes(classes)
    weakened = [*_judge_case_set(comparison, allowed), *_judge_loosened(loosened)]
    whole = _judge_whole(comparison, classes, suite, policy, confirmed)
    is_shifted = confirmed is not None and confirmed.decision.shift.is_low
    # What keeps everything from passing is said before any class.
    findings = [
        *whole[: int(is_shifted)],
        *((Verdict.INVALID, gap.reason) for gap in found_gaps),
        *weakened,
        *_judge_critical(critical, classes),
        *judge_refused(refused_without_baseline(comparison)),
        *_class_findings(ranked),
        *whole[int(is_shifted) :],
        *_judge_without_classes(comparison, suite, policy),
        *((Verdict.FAIL, item.sentence) for item in budget if item.failed),
    ]
    verdict = worst([*(found for found, _ in findings), *(item.verdict for item in classes)])
    said = _reasons(findings, verdict)
    return ReleaseVerdict(
        verdict=verdict,
        comparison=comparison,
        classes=ranked,
        suite=suite,
        gaps=found_gaps,
        budget=budget,
        confirmed=confirmed,
        reasons=tuple(sentence for _, sentence in said),
        missing=places_of_missing([found for found, _ in said], verdict),
        weakened=tuple(sentence for _, sentence in weakened),
        allows_inconclusive=not policy.blocks_inconclusive,
    )


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
) -> list[Finding]:
    """The suite as a whole, and what belongs to no class."""
    if confirmed is not None:
        return list(confirmed.decision.findings)
    return [
        *_judge_suite(comparison, suite, policy),
        *_judge_unclassed(comparison, classes),
        *judge_uncorrected(comparison),
    ]


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


def broken_critical(comparison: RunComparison, *, screened_decides: bool = True) -> tuple[str, ...]:
    """Critical cases that fail in some candidate trial while the baseline holds them.

    A critical case without a baseline, a new one or any of a first release, must simply pass: there
    any failing trial counts. Where fresh trials follow
    (`screened_decides` is false), they judge the cases that both sides ran.
    """
    added = set(comparison.case_set.added)
    broken = []
    for case in comparison.case_set.cases:
        if not case.critical or case.quarantined:
            continue
        now = comparison.candidate.finished(case.id)
        before = comparison.baseline.finished(case.id) if comparison.baseline else ()
        is_new = comparison.baseline is None or case.id in added
        held = is_new or (
            screened_decides and bool(before) and all(score.passed for score in before)
        )
        if held and any(not score.passed and not is_failed_by_votes(score) for score in now):
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


def _judge_loosened(loosened: Sequence[str]) -> list[Finding]:
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
    """The suite as a whole by recorded trials, as a class of all cases is judged."""
    if suite.difference is None or suite.interval is None or not comparison.classes:
        return []
    fail_on = policy.suite_fails_on(item.action_class for item in comparison.classes)
    certain = comparison.deterministic
    shown = is_regression_shown(suite)
    is_failing = shown and (fail_on is FailOn.CASE or suite.interval[1] < -policy.margin)
    if not is_failing and is_loss_excluded(suite, policy.margin):
        return []
    if is_failing:
        how = (
            "certain, because the agent is deterministic"
            if certain
            else f"{show_p(suite.p_adjusted or 0.0)}, at most {suite.level:g} shows it"
        )
        sentence = (
            f"Over the suite as a whole success fell by {show_loss(suite.difference)} ({how}); "
            f"the margin tolerates {show_rate(policy.margin)}."
        )
        return [(Verdict.FAIL, sentence)]
    sentence = (
        f"Over the suite as a whole a loss over the margin of {show_rate(policy.margin)} is not "
        f"excluded: the difference is {show_points(suite.difference)} and may be as low as "
        f"{show_points(suite.interval[0])}. More cases or trials would decide it."
    )
    return [(Verdict.INCONCLUSIVE, sentence)]


def _judge_without_classes(
    comparison: RunComparison, suite: Estimates, policy: GatePolicy
) -> list[Finding]:
    """A suite in which nothing is to be done, and nothing was: the trials as a whole decide."""
    if comparison.classes or suite.difference is None:
        return []
    passed, trials = (
        comparison.suite.candidate_passed.sum(),
        comparison.suite.candidate_trials.sum(),
    )
    told = (
        f"No case asks for an action and no agent took one: {passed} of {trials} trials passed "
        f"whole, {comparison.suite.baseline_passed.sum()} of "
        f"{comparison.suite.baseline_trials.sum()} before"
    )
    if passed == trials:
        return [(Verdict.PASS, f"{told}. That is all that this suite asks for.")]
    if is_loss_excluded(suite, policy.margin):
        excluded = f"a loss over the margin of {show_rate(policy.margin)} is excluded"
        return [(Verdict.PASS, f"{told}; {excluded}.")]
    open_still = f"a loss over the margin of {show_rate(policy.margin)} is not excluded"
    return [(Verdict.INCONCLUSIVE, f"{told}; {open_still}. Add cases or trials.")]


def _judge_unclassed(comparison: RunComparison, classes: Sequence[ClassVerdict]) -> list[Finding]:
    """Cases that broke without any action class breaking: their reply or end state did."""
    if comparison.deterministic:
        return []
    named = {i for item in classes for i in item.open_suspects}
    rest = [case_id for case_id in comparison.moves.broken if case_id not in named]
    if not rest:
        return []
    sentence = (
        f"{count_of(len(rest), 'case')} passed before and failed now without any action class of "
        f"theirs breaking (a reply check or an end state did): {name_cases(rest)}. More trials of "
        "these cases on both releases would decide it."
    )
    return [(Verdict.INCONCLUSIVE, sentence)]


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
