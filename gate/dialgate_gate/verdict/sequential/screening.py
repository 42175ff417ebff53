"""From two scored runs to the sequential gate's screened cases, and from a trial to its endpoints.

Knows which trials fail which endpoint; leaves what follows from it to `verdict.sequential`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate_evals.actions.outcomes import Outcome
from dialgate_evals.actions.rubrics.votes import Answer
from dialgate_evals.actions.trajectory import CUT_OFF
from dialgate_evals.dialects.texts.endings import MALFORMED
from dialgate_gate.comparing.comparison import is_silent_free, is_success
from dialgate_gate.verdict.sequential.screened_case import (
    ANY_THIN,
    INVALID,
    SUITE,
    Endpoint,
    Kind,
    ScreenedCase,
    voted_on,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_gate.comparing.comparison import RunComparison


def classes_by_case(comparison: RunComparison) -> dict[str, tuple[str, ...]]:
    """The action classes that each deciding case expects or touched in screening."""
    found: dict[str, list[str]] = {case.id: [] for case in comparison.case_set.deciding}
    for item in comparison.classes:
        for case_id in item.case_ids:
            found[case_id].append(item.action_class)
    return {case_id: tuple(names) for case_id, names in found.items()}


def screen_cases(
    comparison: RunComparison, steering: Mapping[str, Sequence[TrialScore]] | None = None
) -> tuple[ScreenedCase, ...]:
    """The deciding cases that both sides could run, with what failed.

    `steering` holds by case the baseline's trials of other days, which only say where to look.

    A case without a finished trial on either side is left out: it is missing evidence, which
    `dialgate_gate.comparing.evidence_gaps` judges. One without any on one side is run again there.
    """
    if comparison.baseline is None:
        return ()
    classes = classes_by_case(comparison)
    screened = []
    for case in comparison.case_set.deciding:
        before = comparison.baseline.finished(case.id)
        now = comparison.candidate.finished(case.id)
        if before or now:
            found = _screen(case.id, classes[case.id], before, now, case.critical)
            screened.append(_steered(found, (steering or {}).get(case.id, ())))
    return tuple(screened)


def _steered(case: ScreenedCase, trials: Sequence[TrialScore]) -> ScreenedCase:
    if not trials:
        return case
    failed = _count(trials, case.classes)
    return replace(case, steering_trials=len(trials), steering_failed=failed)


def _screen(
    case_id: str,
    classes: tuple[str, ...],
    before: Sequence[TrialScore],
    now: Sequence[TrialScore],
    critical: bool,
) -> ScreenedCase:
    return ScreenedCase(
        id=case_id,
        classes=classes,
        baseline_trials=len(before),
        candidate_trials=len(now),
        baseline_failed=_count(before, classes),
        candidate_failed=_count(now, classes),
        critical=critical,
        judged=_deciding((*before, *now)),
    )


def _count(scores: Iterable[TrialScore], classes: Sequence[str]) -> Mapping[Endpoint, int]:
    return Counter(endpoint for score in scores for endpoint in failed_endpoints(score, classes))


def has_acted_rightly(score: TrialScore) -> bool:
    """Whether nothing but a ruling could fail the trial: judges are asked about no others."""
    is_clean = all(item.outcome is Outcome.CORRECT for item in score.decisions)
    return is_clean and not score.reply_failures and not score.undecided


def is_failed_by_votes(score: TrialScore) -> bool:
    """Whether rulings that decide are all that fails the trial."""
    refused = any(item.decides and item.answer is not Answer.YES for item in score.rulings)
    return score.passed is False and refused and has_acted_rightly(score)


def _deciding(scores: Iterable[TrialScore]) -> Mapping[str, tuple[str, ...]]:
    """By unit the criteria that decide in a case; rulings fail a trial, and no class of it.

    One that decides several times in a trial, of each of a list's texts say, stands as often.
    """
    most: Counter[str] = Counter()
    for score in scores:
        if score.rulings:
            most |= Counter(item.criterion for item in score.rulings if item.decides)
    return {"": tuple(sorted(most.elements()))} if most else {}


def failed_endpoints(score: TrialScore, classes: Iterable[str]) -> frozenset[Endpoint]:
    """The endpoints that a finished trial failed: the suite's, and those of these classes."""
    failed = set() if score.passed else {SUITE}
    if score.rulings and is_failed_by_votes(score):
        failed.add(voted_on(SUITE))
    if score.invalid_calls:
        failed.add(INVALID)
    thin = thin_kinds(score)
    if thin:
        failed.update(Endpoint(kind=kind) for kind in thin)
        failed.add(ANY_THIN)
    for name in classes:
        if not is_success(score, name):
            failed.add(Endpoint(action_class=name, kind=Kind.SUCCESS))
        if not is_silent_free(score, name):
            failed.add(Endpoint(action_class=name, kind=Kind.SILENCE))
    return frozenset(failed)


def thin_kinds(score: TrialScore) -> frozenset[Kind]:
    """In which of the thin and wide ways the trial failed."""
    found = set()
    if CUT_OFF in {score.failure, score.finish_reason} or score.finish_reason == "length":
        found.add(Kind.CUT_OFF)
    elif score.failure is not None:
        found.add(Kind.TIMED_OUT if score.timed_out else Kind.BROKE_OFF)
    elif score.finish_reason == MALFORMED:
        found.add(Kind.BROKE_OFF)
    if score.invalid_calls:
        found.add(Kind.INVALID_CALLS)
    if score.text_calls:
        found.add(Kind.TEXT_CALLS)
    return frozenset(found)


def histories_of(
    cases: Iterable[ScreenedCase], *, is_fresh: bool
) -> dict[str, list[tuple[int, int]]]:
    """Passes and trials of the baseline on record, by class; nothing is known of fresh trials.

    A margin is derived before anything is seen that counts as evidence.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for case in cases:
        for name in case.classes:
            trials = 0 if is_fresh else case.baseline_trials
            bad = case.baseline_failed.get(Endpoint(action_class=name), 0)
            found.setdefault(name, []).append((max(trials - bad, 0), trials))
    return found
