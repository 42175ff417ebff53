"""Is the candidate worse? The exact test for counts stratified by case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dialgate_gate.statistics.paired_counts import PairedCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class StratifiedTest:
    """A one-sided p-value against "in no case is the candidate worse"."""

    p_value: float
    cases: int
    # that both sides have trials of
    informative_cases: int
    # whose trials did not all end alike; only these move the p-value
    method: str = "exact conditional test, stratified by case, one-sided"


def regression_p_value(counts: PairedCounts) -> StratifiedTest:
    """How likely at most the candidate's successes are if both sides are equal in every case.

    Given each case's successes on both sides together, the candidate's share of them is
    hypergeometric; the sum over cases is their convolution. With one trial a side this is the
    exact McNemar (sign) test. Nothing to compare, or nothing that differs, gives p = 1, which
    says nothing in the candidate's favour.

    counts: any number of cases and trials. Deterministic, no simulation.
    Assumes that trials of a case are independent; cases may differ at will.
    Source: Mehta, Patel & Gray (1985), exact inference for several 2 x 2 tables; Agresti (2013),
    section 7.3.5.

    >>> one, none = np.ones(5, int), np.zeros(5, int)
    >>> from dialgate_gate.statistics import PairedCounts
    >>> regression_p_value(PairedCounts(baseline_passed=one, baseline_trials=one,
    ...     candidate_passed=none, candidate_trials=one)).p_value
    0.03125
    """
    usable = counts.comparable
    total = usable.baseline_passed + usable.candidate_passed
    trials = usable.baseline_trials + usable.candidate_trials
    informative = (total > 0) & (total < trials)
    strata = Counter(
        zip(
            usable.baseline_trials[informative].tolist(),
            usable.candidate_trials[informative].tolist(),
            total[informative].tolist(),
            strict=True,
        )
    )
    pmf, offset = np.ones(1), 0
    for (baseline_trials, candidate_trials, successes), repeats in sorted(strata.items()):
        table, lowest = _hypergeometric(baseline_trials, candidate_trials, successes)
        pmf = np.convolve(pmf, _convolved(table, repeats))
        offset += lowest * repeats
    observed = int(usable.candidate_passed[informative].sum())
    p_value = float(pmf[: observed - offset + 1].sum())
    return StratifiedTest(
        p_value=min(1.0, p_value), cases=len(usable), informative_cases=int(informative.sum())
    )


def _hypergeometric(
    baseline_trials: int, candidate_trials: int, successes: int
) -> tuple[NDArray[np.float64], int]:
    """Probabilities of the candidate's successes from the lowest possible number on."""
    lowest = max(0, successes - baseline_trials)
    highest = min(candidate_trials, successes)
    everything = comb(baseline_trials + candidate_trials, successes)
    table = [
        comb(candidate_trials, k) * comb(baseline_trials, successes - k) / everything
        for k in range(lowest, highest + 1)
    ]
    return np.array(table), lowest


def _convolved(table: NDArray[np.float64], repeats: int) -> NDArray[np.float64]:
    """The table convolved with itself `repeats` times, by squaring."""
    found = np.ones(1)
    power = table
    while repeats:
        if repeats & 1:
            found = np.convolve(found, power)
        repeats >>= 1
        if repeats:
            power = np.convolve(power, power)
    return found
