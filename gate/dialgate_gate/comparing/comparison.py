"""Two runs side by side: per action class, which cases succeeded how often on which side.

Pure counting over scored trials; leaves statistics to `dialgate_gate.statistics` and judging to
`dialgate_gate.verdict.verdict`. Two-sided things come baseline first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dialgate_evals.actions.outcomes import Kind, Outcome
from dialgate_gate.comparing.evidence_gaps import determinism_gaps
from dialgate_gate.comparing.missing_sides import at_worst, missing_on_one_side
from dialgate_gate.statistics import PairedCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_gate.comparing.gap import EvidenceGap
    from dialgate_gate.comparing.judged_cases import CaseSet, JudgedCase
    from dialgate_gate.comparing.run_evidence import RunEvidence

# A case whose success rate moved by at least this much changed sides; less is flaky.
_CHANGED_SIDES = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SideSummary:
    """One release's figures in one action class."""

    cases: int
    trials: int
    # in which the class was expected or touched
    decisions: int
    # outcomes of the class, all kinds
    correct: int
    successes: int
    # trials in which every outcome of the class is correct
    silent: int
    # outcomes that are silent failures
    outcomes: Mapping[str, int]

    @property
    def success_rate(self) -> float | None:
        """Successful share of the trials; None where there is no trial."""
        return self.successes / self.trials if self.trials else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMoves:
    """Case ids by how they moved from baseline to candidate."""

    broken: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    # passed and failed within one release, without having changed sides


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassComparison:
    """Everything the verdict needs to know of one action class."""

    action_class: str
    case_ids: tuple[str, ...]
    # cases that decide, in suite order; the arrays below follow it
    success: PairedCounts
    silence: PairedCounts
    baseline: SideSummary | None
    candidate: SideSummary
    moves: CaseMoves
    silent_moves: CaseMoves
    missing_one_sided: tuple[str, ...] = ()
    # cases that could not be run on one side only: the counts hold them at their worst

    @property
    def failing(self) -> frozenset[str]:
        """Cases of the class that fail in some candidate trial."""
        failed = self.success.candidate_passed < self.success.candidate_trials
        return frozenset(c for c, bad in zip(self.case_ids, failed, strict=True) if bad)


@dataclass(frozen=True, kw_only=True)
class RunComparison:
    """Two runs, or one and nothing before it."""

    baseline: RunEvidence | None
    candidate: RunEvidence
    case_set: CaseSet
    classes: tuple[ClassComparison, ...]
    suite: PairedCounts
    # trials passed, whole: classes, reply and state checks
    moves: CaseMoves
    deterministic: bool = False
    # claimed, and refuted by no trial
    refuted: tuple[EvidenceGap, ...] = ()
    # by what the claim was refuted, where it was
    expected_classes: frozenset[str] = field(default_factory=frozenset)


def compare_runs(
    *,
    baseline: RunEvidence | None,
    candidate: RunEvidence,
    case_set: CaseSet,
    class_names: Sequence[str],
    deterministic: bool = False,
) -> RunComparison:
    """Counts both sides, per class in the order of `class_names`, `unclassified` last.

    `deterministic` is the suite's claim; where trials refute it nothing is certain by it.
    """
    refuted = tuple(determinism_gaps([baseline, candidate])) if deterministic else ()
    deciding = case_set.deciding
    members = _class_members(deciding, baseline, candidate)
    order = [*class_names, "unclassified"]
    classes = tuple(
        _compare_class(name, members[name], baseline, candidate)
        for name in order
        if name in members
    )
    ids = [case.id for case in deciding]
    suite = _count(ids, baseline, candidate, lambda score: bool(score.passed))
    return RunComparison(
        baseline=baseline,
        candidate=candidate,
        case_set=case_set,
        classes=classes,
        suite=at_worst(suite, ids, missing_on_one_side(ids, baseline, candidate)),
        moves=_moves(ids, suite),
        deterministic=deterministic and not refuted,
        refuted=refuted,
        expected_classes=frozenset(name for case in deciding for name in case.classes),
    )


def _class_members(
    cases: Iterable[JudgedCase], baseline: RunEvidence | None, candidate: RunEvidence
) -> dict[str, list[str]]:
    """Case ids per class: cases whose expectations name it or whose trials touched it."""
    members: dict[str, list[str]] = {}
    for case in cases:
        touched = set(case.classes)
        for side in (baseline, candidate):
            for score in side.by_case.get(case.id, ()) if side else ():
                touched.update(decision.action_class for decision in score.decisions)
        for name in sorted(touched):
            members.setdefault(name, []).append(case.id)
    return members


def _compare_class(
    name: str, case_ids: Sequence[str], baseline: RunEvidence | None, candidate: RunEvidence
) -> ClassComparison:
    success = _count(case_ids, baseline, candidate, lambda score: is_success(score, name))
    silence = _count(case_ids, baseline, candidate, lambda score: is_silent_free(score, name))
    missing = missing_on_one_side(case_ids, baseline, candidate)
    return ClassComparison(
        action_class=name,
        case_ids=tuple(case_ids),
        success=at_worst(success, case_ids, missing),
        silence=at_worst(silence, case_ids, missing),
        missing_one_sided=missing,
        baseline=_summarise(name, case_ids, baseline) if baseline else None,
        candidate=_summarise(name, case_ids, candidate),
        moves=_moves(case_ids, success),
        silent_moves=_moves(case_ids, silence),
    )


def is_success(score: TrialScore, action_class: str) -> bool:
    """Whether every outcome of the class in the trial is correct."""
    return all(
        decision.outcome is Outcome.CORRECT
        for decision in score.decisions
        if decision.action_class == action_class
    )


def is_silent_free(score: TrialScore, action_class: str) -> bool:
    """Whether the class has no silent failure in the trial."""
    return not any(
        decision.outcome.kind is Kind.SILENT
        for decision in score.decisions
        if decision.action_class == action_class
    )


def _count(
    case_ids: Sequence[str],
    baseline: RunEvidence | None,
    candidate: RunEvidence,
    is_good: Callable[[TrialScore], bool],
) -> PairedCounts:
    before = [baseline.finished(case_id) if baseline else () for case_id in case_ids]
    now = [candidate.finished(case_id) for case_id in case_ids]

    def count(trials: Sequence[Sequence[TrialScore]]) -> tuple[np.ndarray, np.ndarray]:
        good = np.array([sum(map(is_good, scores)) for scores in trials], dtype=np.int64)
        return good, np.array([len(scores) for scores in trials], dtype=np.int64)

    baseline_passed, baseline_trials = count(before)
    candidate_passed, candidate_trials = count(now)
    return PairedCounts(
        baseline_passed=baseline_passed,
        baseline_trials=baseline_trials,
        candidate_passed=candidate_passed,
        candidate_trials=candidate_trials,
    )


def _summarise(name: str, case_ids: Sequence[str], side: RunEvidence) -> SideSummary:
    scores = [score for case_id in case_ids for score in side.finished(case_id)]
    outcomes = Counter(
        decision.outcome
        for score in scores
        for decision in score.decisions
        if decision.action_class == name
    )
    return SideSummary(
        cases=sum(bool(side.finished(case_id)) for case_id in case_ids),
        trials=len(scores),
        decisions=outcomes.total(),
        correct=outcomes[Outcome.CORRECT],
        successes=sum(is_success(score, name) for score in scores),
        silent=sum(n for outcome, n in outcomes.items() if outcome.kind is Kind.SILENT),
        outcomes={outcome.value: outcomes[outcome] for outcome in Outcome if outcomes[outcome]},
    )


def _moves(case_ids: Sequence[str], counts: PairedCounts) -> CaseMoves:
    broken, fixed, flaky = [], [], []
    for index, case_id in enumerate(case_ids):
        before, before_n = int(counts.baseline_passed[index]), int(counts.baseline_trials[index])
        now, now_n = int(counts.candidate_passed[index]), int(counts.candidate_trials[index])
        change = now / now_n - before / before_n if before_n and now_n else 0.0
        if change <= -_CHANGED_SIDES:
            broken.append(case_id)
        elif change >= _CHANGED_SIDES:
            fixed.append(case_id)
        elif 0 < before < before_n or 0 < now < now_n:
            flaky.append(case_id)
    return CaseMoves(broken=tuple(broken), fixed=tuple(fixed), flaky=tuple(flaky))
