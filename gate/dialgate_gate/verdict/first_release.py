"""The verdict on a release that has no baseline: the absolute bounds of the mode in force.

Never "recorded and passed": a class passes only where its eval evidence reaches the ladder's
bounds for the mode it is in. Leaves comparisons to `dialgate_gate.verdict.release_verdict`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.review_events import Mode
from dialgate_gate.comparing.evidence_gaps import empty_class_gaps, find_gaps
from dialgate_gate.conditions.eval_conditions import bound_evals, eval_conditions
from dialgate_gate.four_verdicts import Verdict, worst
from dialgate_gate.verdict.class_figures import ClassVerdict
from dialgate_gate.verdict.class_rules import rules_of
from dialgate_gate.verdict.recorded.critical_cases import broken_critical
from dialgate_gate.verdict.release_verdict import places_of_missing, rank_classes
from dialgate_gate.verdict.sequential.deciding.votes_alone import (
    judge_refused,
    refused_without_baseline,
)
from dialgate_gate.verdict.verdict import ReleaseVerdict
from dialgate_gate.wording import count_of, name_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_gate.comparing.comparison import ClassComparison, RunComparison
    from dialgate_gate.comparing.gap import EvidenceGap
    from dialgate_gate.settings.dial import DialSettings
    from dialgate_gate.settings.ladder_policy import LadderStep
    from dialgate_gate.settings.policy import Policy

_NO_BASELINE = "There is no baseline: only the ladder's bounds for the mode in force are judged."


def judge_first_release(
    comparison: RunComparison,
    policy: Policy,
    *,
    actions: ActionRegistry,
    dial: DialSettings,
    max_infra_error_rate: float = 0.02,
    gaps: Sequence[EvidenceGap] = (),
) -> ReleaseVerdict:
    """Pass where every class reaches its bounds, fail where one is shown to miss them."""
    found_gaps = (
        *gaps,
        *find_gaps(
            baseline=None,
            candidate=comparison.candidate,
            case_set=comparison.case_set,
            max_infra_error_rate=max_infra_error_rate,
        ),
        *empty_class_gaps(policy.gate.classes, [c.action_class for c in comparison.classes]),
        *comparison.refuted,
    )
    critical = broken_critical(comparison)
    classes = rank_classes(
        [
            _judge_class(item, policy, step_in_force(item.action_class, policy, actions, dial))
            for item in comparison.classes
        ]
    )
    verdicts = [*(Verdict.INVALID for _ in found_gaps), *(item.verdict for item in classes)]
    said = [(Verdict.PASS, _NO_BASELINE), *((Verdict.INVALID, gap.reason) for gap in found_gaps)]
    if critical:
        verdicts.append(Verdict.FAIL)
        failed = f"{count_of(len(critical), 'critical case')} failed: {name_cases(critical)}."
        said.append((Verdict.FAIL, failed))
    refused = judge_refused(refused_without_baseline(comparison))
    verdicts += [verdict for verdict, _ in refused]
    said += refused
    said += [
        (item.verdict, f"{item.action_class}: {text}") for item in classes for text in item.reasons
    ]
    verdict = worst(verdicts)
    return ReleaseVerdict(
        verdict=verdict,
        comparison=comparison,
        classes=classes,
        gaps=found_gaps,
        reasons=tuple(sentence for _, sentence in said),
        missing=places_of_missing([found for found, _ in said], verdict),
        allows_inconclusive=not policy.gate.blocks_inconclusive,
    )


def step_in_force(
    action_class: str, policy: Policy, actions: ActionRegistry, dial: DialSettings
) -> tuple[Mode, LadderStep | None]:
    """The mode by whose bounds the class is judged, and these bounds.

    A mode that is only the default of reads and escalations was not earned by the ladder: such a
    class is held to the first step.
    """
    known = actions.get(action_class)
    mode = dial.mode_of(known) if known is not None else Mode.IN_THE_LOOP
    is_signed = action_class in dial.entries
    judged = mode if is_signed or mode.rank < Mode.ON_THE_LOOP.rank else Mode.IN_THE_LOOP
    return judged, policy.ladder.get(judged)


def _judge_class(
    item: ClassComparison, policy: Policy, in_force: tuple[Mode, LadderStep | None]
) -> ClassVerdict:
    mode, step = in_force
    thresholds = policy.gate.for_class(item.action_class)
    findings: list[tuple[Verdict, str]] = []
    if step is None:
        if mode is not Mode.SHADOW:
            findings.append((Verdict.INCONCLUSIVE, f"The ladder has no bounds for {mode.value}."))
    else:
        findings += [
            (Verdict.FAIL if condition.is_refuted else Verdict.INCONCLUSIVE, condition.sentence)
            for condition in eval_conditions(step, bound_evals(item, step.confidence))
            if not condition.met
        ]
    cases = item.candidate.cases
    if cases < thresholds.min_cases:
        sentence = (
            f"Only {count_of(cases, 'case')}, fewer than the {thresholds.min_cases} that decide "
            f"(min_cases): add {thresholds.min_cases - cases} more."
        )
        findings.append((Verdict.INCONCLUSIVE, sentence))
    return ClassVerdict(
        action_class=item.action_class,
        verdict=worst([Verdict.PASS, *(finding for finding, _ in findings)]),
        comparison=item,
        rules=rules_of(policy.gate, item.action_class),
        reasons=tuple(sentence for _, sentence in findings)
        or (f"Reaches the bounds for {mode.value}: {_figures(item)}.",),
    )


def _figures(item: ClassComparison) -> str:
    now = item.candidate
    return f"{now.successes} of {now.trials} trials succeed in {count_of(now.cases, 'case')}"
