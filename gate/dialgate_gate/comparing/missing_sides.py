"""Cases that could not be run on one side while the other has them: counted at their worst.

What is missing at random is missing on both sides; what an agent keeps from being run is not.
Leaves the verdict to `dialgate_gate.verdict`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.statistics import PairedCounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.comparing.run_evidence import RunEvidence


def missing_on_one_side(
    case_ids: Sequence[str], baseline: RunEvidence | None, candidate: RunEvidence
) -> tuple[str, ...]:
    """Cases whose trials all errored on one side, though the other finished some."""
    if baseline is None:
        return ()
    pairs = ((baseline, candidate), (candidate, baseline))
    return tuple(
        case_id
        for case_id in case_ids
        if any(_errored(one, case_id) and other.finished(case_id) for one, other in pairs)
    )


def _errored(side: RunEvidence, case_id: str) -> bool:
    return bool(side.by_case.get(case_id)) and not side.finished(case_id)


def at_worst(counts: PairedCounts, case_ids: Sequence[str], missing: Sequence[str]) -> PairedCounts:
    """The counts with what is missing filled in: passed before, or failed now."""
    if not missing:
        return counts
    is_missing = np.isin(np.array(case_ids), np.array(missing))
    lacks_before = is_missing & (counts.baseline_trials == 0)
    lacks_now = is_missing & (counts.candidate_trials == 0)
    before_n = np.where(lacks_before, counts.candidate_trials, counts.baseline_trials)
    return PairedCounts(
        baseline_passed=np.where(lacks_before, before_n, counts.baseline_passed),
        baseline_trials=before_n,
        candidate_passed=np.where(lacks_now, 0, counts.candidate_passed),
        candidate_trials=np.where(lacks_now, counts.baseline_trials, counts.candidate_trials),
    )
