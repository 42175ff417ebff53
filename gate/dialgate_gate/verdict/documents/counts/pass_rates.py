"""pass^1 to pass^k of a run: the chance that k trials of a case all pass, averaged over cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_gate.statistics import pass_hat_k

if TYPE_CHECKING:
    from dialgate_gate.comparing.judged_cases import CaseSet
    from dialgate_gate.comparing.run_evidence import RunEvidence


def pass_rates(side: RunEvidence | None, case_set: CaseSet) -> list[float]:
    """pass^1, pass^2, … as far as every case has trials; empty where some case has none.

    Quarantined cases don't count. Unbiased (Chen et al. 2021; Yao et al. 2024, tau-bench).
    """
    if side is None:
        return []
    passed, counts = [], []
    for case in case_set.cases:
        scores = () if case.quarantined else side.finished(case.id)
        if scores:
            passed.append(sum(bool(score.passed) for score in scores))
            counts.append(len(scores))
    if not counts:
        return []
    return [round(float(pass_hat_k(passed, counts, k)), 6) for k in range(1, min(counts) + 1)]
