"""The estimates that a verdict rests on, for recorded trials: which method, which share of alpha.

Knows how alpha is shared (half for the suite as a whole, half over classes and endpoints by Holm);
leaves the methods themselves to `dialgate_gate.statistics`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.statistics import (
    PairedCounts,
    detectable_drop,
    difference_interval,
    holm,
    regression_p_value,
)
from dialgate_gate.verdict.class_figures import Estimates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.comparing.comparison import ClassComparison


def estimate_classes(
    classes: Sequence[ClassComparison],
    *,
    alpha: float,
    deterministic: bool,
    by_confirmation: bool = False,
) -> list[tuple[Estimates, Estimates]]:
    """Success and silence of every class, with p-values adjusted over all of them together.

    Where fresh trials confirm suspects (`by_confirmation`), alpha is spent there: the screening
    trials' p-values are shown, but none of them decides.
    """
    endpoints = [counts for item in classes for counts in (item.success, item.silence)]
    p_values = [_p_value(counts, deterministic) for counts in endpoints]
    adjusted = holm(p_values, alpha=alpha / 2).adjusted if p_values else ()
    found = [
        _estimate(counts, alpha=alpha, p_adjusted=float(p), deterministic=deterministic)
        for counts, p in zip(endpoints, adjusted, strict=True)
    ]
    if by_confirmation:
        found = [replace(item, p_adjusted=None) for item in found]
    return list(zip(found[::2], found[1::2], strict=True))


def estimate_suite(
    counts: PairedCounts, *, alpha: float, deterministic: bool, by_confirmation: bool = False
) -> Estimates:
    """Trials passed over the whole suite: the diffuse loss that no single class shows."""
    p_value = _p_value(counts, deterministic)
    found = _estimate(counts, alpha=alpha, p_adjusted=p_value, deterministic=deterministic)
    return replace(found, p_adjusted=None) if by_confirmation else found


_MOST_CASES_SAID = 10_000
"""Nobody adds more cases than that: what they would show is not said."""


def passing_cases_to_exclude(
    counts: PairedCounts, estimates: Estimates, margin: float
) -> int | None:
    """How many more cases exclude a loss over the margin, if they pass on both sides.

    By the interval that `estimates` came from, with every loss that was seen. None where even
    `_MOST_CASES_SAID` would not.
    """

    def excludes(more: int) -> bool:
        grown = _with_passing(counts.comparable, more)
        found = difference_interval(grown, confidence_level=estimates.confidence_level)
        return found.low >= -margin

    if not excludes(_MOST_CASES_SAID):
        return None
    low, high = 0, _MOST_CASES_SAID
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if excludes(middle) else (middle, high)
    return high


def _with_passing(counts: PairedCounts, more: int) -> PairedCounts:
    """The cases and as many more that pass in every trial, as many trials as the fewest have."""

    def grown(passed: np.ndarray, trials: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        extra = np.full(more, int(trials.min()) if len(trials) else 1, dtype=trials.dtype)
        return np.concatenate([passed, extra]), np.concatenate([trials, extra])

    baseline_passed, baseline_trials = grown(counts.baseline_passed, counts.baseline_trials)
    candidate_passed, candidate_trials = grown(counts.candidate_passed, counts.candidate_trials)
    return PairedCounts(
        baseline_passed=baseline_passed,
        baseline_trials=baseline_trials,
        candidate_passed=candidate_passed,
        candidate_trials=candidate_trials,
    )


def _p_value(counts: PairedCounts, deterministic: bool) -> float:
    if not deterministic:
        return float(regression_p_value(counts).p_value)
    interval = difference_interval(counts, confidence_level=0.95, deterministic=True)
    return 0.0 if interval.estimate is not None and interval.estimate < 0 else 1.0


def _estimate(
    counts: PairedCounts, *, alpha: float, p_adjusted: float, deterministic: bool
) -> Estimates:
    confidence_level = 1 - alpha
    found = difference_interval(
        counts, confidence_level=confidence_level, deterministic=deterministic
    )
    if found.estimate is None:
        return Estimates(level=alpha / 2, confidence_level=confidence_level)
    drop = None if deterministic else detectable_drop(counts, alpha=alpha / 2).drop
    return Estimates(
        difference=found.estimate,
        interval=(found.low, found.high),
        confidence_level=confidence_level,
        p_regression=_p_value(counts, deterministic),
        p_adjusted=p_adjusted,
        level=alpha / 2,
        detectable_drop=0.0 if deterministic else drop,
    )
