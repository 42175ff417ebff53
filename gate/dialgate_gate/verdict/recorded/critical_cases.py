"""Critical cases that the candidate fails, by the trials at hand.

Leaves those that fresh trials of both sides judge to `sequential.critical_cases`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.verdict.sequential.screening import is_failed_by_votes
from dialgate_gate.wording import count_of, name_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.verdict.class_figures import ClassVerdict
    from dialgate_gate.verdict.sequential.deciding.findings import Finding


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


def judge_critical(critical: Sequence[str], classes: Sequence[ClassVerdict]) -> list[Finding]:
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
