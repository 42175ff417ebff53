"""How much better or worse? The mean difference of success over fixed cases, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.statistics.binomial_bounds import clopper_pearson

if TYPE_CHECKING:
    from dialgate_gate.statistics.paired_counts import PairedCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceEstimate:
    """Candidate minus baseline, averaged over cases, with a two-sided interval."""

    estimate: float | None
    # None: no case has trials on both sides
    low: float
    high: float
    cases: int
    confidence_level: float
    method: str


def difference_interval(
    counts: PairedCounts, confidence_level: float = 0.95, *, deterministic: bool = False
) -> DifferenceEstimate:
    """The mean over cases of the candidate's success rate minus the baseline's.

    The cases are fixed, the trials random: the interval covers what more trials of these cases
    would show, not what other cases would. Exchanging the sides turns the interval around.
    A deterministic agent's outcomes are certain, so its interval is a point.

    Per side Clopper-Pearson limits, joined by the method of variance estimates recovery; with one
    trial a side the limits are those of the broken and of the fixed cases, which is tighter where
    most cases always pass. 30 cases without any difference bound a loss at about 4/30. Coverage is
    simulated in the tests for rates from 0 to 1 and for mixtures of rates.
    Raises ValueError where confidence_level is not between 0 and 1.
    Source: Newcombe (1998), methods 10 and 11; Zou & Donner (2008); Clopper & Pearson (1934).
    """
    if not 0 < confidence_level < 1:
        raise ValueError(f"found the confidence level {confidence_level}")
    usable = counts.comparable
    if len(usable) == 0:
        return DifferenceEstimate(
            estimate=None, low=-1.0, high=1.0, cases=0, confidence_level=confidence_level,
            method="none: no case has trials on both sides",
        )  # fmt: skip
    before = usable.baseline_passed / usable.baseline_trials
    now = usable.candidate_passed / usable.candidate_trials
    estimate = float(np.mean(now - before))
    if deterministic:
        low = high = estimate
        method = "exact: outcomes of a deterministic agent are certain"
    elif np.all(usable.baseline_trials == 1) and np.all(usable.candidate_trials == 1):
        low, high = _from_moves(usable, confidence_level)
        method = "Clopper-Pearson limits of broken and fixed cases, joined (MOVER)"
    else:
        low, high = _from_sides(usable, confidence_level)
        method = "Clopper-Pearson limits of both sides, joined (MOVER)"
    return DifferenceEstimate(
        estimate=estimate,
        low=max(-1.0, min(low, estimate)),
        high=min(1.0, max(high, estimate)),
        cases=len(usable),
        confidence_level=confidence_level,
        method=method,
    )


def _from_moves(counts: PairedCounts, confidence_level: float) -> tuple[float, float]:
    """Limits from how many cases broke and how many were fixed; these exclude each other."""
    n = len(counts)
    fixed = int(np.sum(counts.candidate_passed > counts.baseline_passed))
    broken = int(np.sum(counts.candidate_passed < counts.baseline_passed))
    one_sided = 1 - (1 - confidence_level) / 2
    fixed_low, fixed_high = clopper_pearson(fixed, n, one_sided)
    broken_low, broken_high = clopper_pearson(broken, n, one_sided)
    difference = (fixed - broken) / n
    # A case can't both break and be fixed: the covariance is -fixed x broken / n.
    overlap = 2 * (fixed / n) * (broken / n) / n
    down = (fixed / n - fixed_low) ** 2 + (broken_high - broken / n) ** 2
    up = (fixed_high - fixed / n) ** 2 + (broken / n - broken_low) ** 2
    scale = _squared_normal_quantile(one_sided)
    return difference - sqrt(down + scale * overlap), difference + sqrt(up + scale * overlap)


def _from_sides(counts: PairedCounts, confidence_level: float) -> tuple[float, float]:
    """Limits from each side's rate; cases of different rates only make them wider than needed."""
    one_sided = 1 - (1 - confidence_level) / 2
    before = _side(counts.baseline_passed, counts.baseline_trials, one_sided)
    now = _side(counts.candidate_passed, counts.candidate_trials, one_sided)
    difference = now[0] - before[0]
    down = sqrt((now[0] - now[1]) ** 2 + (before[2] - before[0]) ** 2)
    up = sqrt((now[2] - now[0]) ** 2 + (before[0] - before[1]) ** 2)
    return difference - down, difference + up


def _side(passed: np.ndarray, trials: np.ndarray, one_sided: float) -> tuple[float, float, float]:
    """Mean rate over cases with its limits; the case with fewest trials sets how many count."""
    rate = float(np.mean(passed / trials))
    effective = len(trials) * int(trials.min())
    low, high = clopper_pearson(min(rate * effective, effective), effective, one_sided)
    return rate, low, high


def _squared_normal_quantile(probability: float) -> float:
    from statistics import NormalDist  # noqa: PLC0415 - the package has the same last name

    return NormalDist().inv_cdf(probability) ** 2
