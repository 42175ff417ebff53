"""Budget rules: cost, latency and tool calls per task as ratios to the baseline; retry loops.

A rule fails only where its whole interval lies above the limit. Leaves success and silence to
`dialgate_gate.verdict.recorded.class_verdict`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.comparing.measures import MEASURES
from dialgate_gate.settings.gate_policy import ClassPolicy
from dialgate_gate.settings.threshold import Unit, thresholds_of
from dialgate_gate.statistics.ratio import FEWEST_CASES
from dialgate_gate.wording import count_of, name_cases

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.settings.threshold import Threshold
    from dialgate_gate.statistics.ratio import RatioEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFinding:
    """One rule of the policy, what was found, and whether it fails the release."""

    rule: str
    # the policy's key
    limit: float
    estimate: RatioEstimate | None
    failed: bool
    sentence: str


def judge_budget(
    comparison: RunComparison, policy: ClassPolicy, *, alpha: float
) -> tuple[BudgetFinding, ...]:
    """Every budget rule that the policy sets; without a baseline only retry loops can be judged."""
    findings = []
    if comparison.baseline is not None:
        for rule in thresholds_of(ClassPolicy):
            limit = getattr(policy, rule.key)
            if rule.unit is Unit.RATIO and limit is not None:
                measure = MEASURES[rule.key]
                before, now = _per_case(comparison, comparison.baseline, measure.figure)
                found = _judge_ratio(rule, limit, measure.ratio(before, now, 1 - alpha))
                is_timed = rule.key == "latency_p95_ratio" and _was_run_now(comparison)
                findings.append(_with_floor(found, now) if is_timed else found)
    if policy.max_identical_calls is not None:
        findings.append(_judge_loops(comparison, policy.max_identical_calls))
    return tuple(findings)


def _per_case(
    comparison: RunComparison,
    baseline: RunEvidence,
    value: Callable[[TrialScore], float | None],
) -> tuple[np.ndarray, np.ndarray]:
    """The mean of each case that has the figure on both sides; unknown is never counted as 0."""
    before, now = [], []
    for case in comparison.case_set.deciding:
        sides = [
            [figure for score in side.finished(case.id) if (figure := value(score)) is not None]
            for side in (baseline, comparison.candidate)
        ]
        if all(sides):
            before.append(sum(sides[0]) / len(sides[0]))
            now.append(sum(sides[1]) / len(sides[1]))
    return np.array(before, dtype=float), np.array(now, dtype=float)


def _judge_ratio(rule: Threshold, limit: float, estimate: RatioEstimate) -> BudgetFinding:
    if estimate.estimate is None or estimate.low is None or estimate.high is None:
        sentence = f"{rule.name}: {_why_none(estimate)}, so {rule.key} is not judged."
        return BudgetFinding(
            rule=rule.key, limit=limit, estimate=estimate, failed=False, sentence=sentence
        )
    failed = estimate.low > limit
    sentence = (
        f"{rule.name} is {estimate.estimate:.2f} times the baseline's "
        f"[{estimate.low:.2f}, {estimate.high:.2f}] over {count_of(estimate.cases, 'case')}; "
        f"at most {limit:g} is tolerated ({rule.key})."
    )
    return BudgetFinding(
        rule=rule.key, limit=limit, estimate=estimate, failed=failed, sentence=sentence
    )


def _why_none(estimate: RatioEstimate) -> str:
    """Why there is no ratio with an interval."""
    if not estimate.cases:
        return "unknown on one side"
    if estimate.cases < FEWEST_CASES:
        known = count_of(estimate.cases, "case")
        return f"known on both sides in {known} only, and {FEWEST_CASES} are needed"
    return "the baseline's is 0"


_LEAST_MS = 250
"""Under so many milliseconds an agent's latency is that of the machine it shares with others."""


def _was_run_now(comparison: RunComparison) -> bool:
    """Whether the candidate's latencies were measured here, beside whatever else was running."""
    return comparison.candidate.cached < len(comparison.candidate.scores)


def _with_floor(found: BudgetFinding, now: NDArray[np.float64]) -> BudgetFinding:
    """The finding; it fails nothing where the candidate is as quick as nobody would notice."""
    highest = float(np.quantile(now, 0.95)) if len(now) else 0.0
    if not found.failed or highest >= _LEAST_MS:
        return found
    sentence = (
        f"{found.sentence} It fails nothing, since {highest:.0f} ms is within what the machine "
        f"itself may take (under {_LEAST_MS} ms)."
    )
    return replace(found, failed=False, sentence=sentence)


def _judge_loops(comparison: RunComparison, most: int) -> BudgetFinding:
    """Cases in which the same call comes more often than tolerated, and did not before."""
    looping = []
    for case in comparison.case_set.deciding:
        before = comparison.baseline.finished(case.id) if comparison.baseline else ()
        now = comparison.candidate.finished(case.id)
        is_new = all(score.identical_calls <= most for score in before)
        if is_new and any(score.identical_calls > most for score in now):
            looping.append(case.id)
    sentence = (
        f"{count_of(len(looping), 'case')} with the same call more than {most} times in one trial "
        f"(max_identical_calls): {name_cases(looping)}."
        if looping
        else f"No case with the same call more than {most} times in one trial."
    )
    return BudgetFinding(
        rule="max_identical_calls",
        limit=most,
        estimate=None,
        failed=bool(looping),
        sentence=sentence,
    )
