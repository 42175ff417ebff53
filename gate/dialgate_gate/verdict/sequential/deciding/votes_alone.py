"""What votes of a judge may not do by themselves: break a critical case, decide uncorrected.

Pure; leaves correcting rates for a judge's errors to `verdict.blocks.votes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.verdict.sequential.screening import is_failed_by_votes
from dialgate_gate.wording import count_of, name_cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.verdict.sequential.deciding.findings import Finding


def judge_refused(cases: Sequence[str]) -> list[Finding]:
    """Critical cases that votes alone failed: a vote neither breaks one nor may be passed over."""
    if not cases:
        return []
    text = (
        f"{count_of(len(cases), 'critical case')} failed by a judge's votes alone: "
        f"{name_cases(cases)}. A vote breaks no critical case by itself, so a person has to look: "
        "where the judge is wrong, say the criterion better, or state it by rules."
    )
    return [(Verdict.INCONCLUSIVE, text)]


def judge_uncorrected(comparison: RunComparison) -> Iterator[Finding]:
    """Where a judge's errors aren't known: votes that decided, uncorrected, let nothing pass.

    Critical cases without a baseline of their own are looked at whether or not trials were run.
    """
    sides = [side for side in (comparison.baseline, comparison.candidate) if side is not None]
    decided = sorted(
        {
            item.criterion
            for side in sides
            for s in side.scores
            for item in s.rulings
            if item.decides
        }
    )
    if decided and comparison.baseline is not None:
        text = (
            f"A judge's votes on {name_cases(decided)} decided, and nothing here says how often it "
            "errs, so nothing is corrected for its errors, and nothing passes by them. "
            "`dialgate check` reads the suite's labels."
        )
        yield Verdict.INCONCLUSIVE, text


def refused_without_baseline(comparison: RunComparison) -> tuple[str, ...]:
    """Critical cases, new or of a first release, that votes alone failed."""
    added = set(comparison.case_set.added)
    return tuple(
        case.id
        for case in comparison.case_set.cases
        if case.critical
        and not case.quarantined
        and (comparison.baseline is None or case.id in added)
        and any(is_failed_by_votes(score) for score in comparison.candidate.finished(case.id))
    )
