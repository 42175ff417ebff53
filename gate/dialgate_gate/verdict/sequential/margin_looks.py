"""Is a loss over the margin excluded? Looks at a class whose error is spent in advance.

Knows the trials that may be used for it: the record, screening, and rounds in which every case of
the class runs once on each side. Confirmation trials stay out: only cases that look bad get them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.statistics.paired_counts import PairedCounts
from dialgate_gate.statistics.paired_difference import DifferenceEstimate, difference_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_gate.verdict.sequential.screened_case import Endpoint, ScreenedCase


@dataclass(slots=True, kw_only=True)
class RoundTrials:
    """What one case did in the rounds so far."""

    baseline_trials: int = 0
    candidate_trials: int = 0
    baseline_failed: dict[Endpoint, int]
    candidate_failed: dict[Endpoint, int]


def look_level(look: int, last_look: int, error: float = 0.05) -> float:
    """The confidence level of a look, 0 being the one after screening.

    Half of the error for the first look, half of the rest for each next one, all of the rest for
    the last: together the intervals hold at 1 - error, whenever one stops.
    Raises ValueError for a look after the last.

    >>> [round(look_level(look, 2), 4) for look in range(3)]
    [0.975, 0.9875, 0.9875]
    """
    if not 0 <= look <= last_look:
        raise ValueError(f"found look {look} of {last_look}")
    halvings = look if look == last_look else look + 1
    return 1 - error * 0.5**halvings


def look_at(
    endpoint: Endpoint,
    cases: Sequence[ScreenedCase],
    rounds: Mapping[str, RoundTrials],
    level: float,
) -> DifferenceEstimate:
    """The difference on an endpoint over the cases, from all trials that choose no case."""
    rows = sorted(_row(endpoint, case, rounds.get(case.id)) for case in cases)
    return _interval(tuple(rows), level)


@lru_cache(maxsize=1024)
def _interval(rows: tuple[tuple[int, int, int, int], ...], level: float) -> DifferenceEstimate:
    """The interval doesn't depend on the cases' order; simulations ask for the same ones often."""
    columns = np.array(rows).T
    return difference_interval(
        PairedCounts(
            baseline_passed=columns[0],
            baseline_trials=columns[1],
            candidate_passed=columns[2],
            candidate_trials=columns[3],
        ),
        level,
    )


def could_exclude(
    found: DifferenceEstimate, margin: float, *, trials: int, more_trials: int
) -> bool:
    """Whether more trials a case could be enough, if the truth is no worse than it looks.

    A forecast that saves calls; it decides nothing. `trials` is the smaller side's trials a case.
    """
    if found.estimate is None:
        return False
    looks = max(found.estimate, 0.0) if found.high >= 0 else found.estimate
    half = (found.estimate - found.low) * sqrt(trials / (trials + more_trials))
    return looks - half >= -margin


def _row(
    endpoint: Endpoint, case: ScreenedCase, more: RoundTrials | None
) -> tuple[int, int, int, int]:
    before, now = case.baseline_trials, case.candidate_trials
    before_bad = case.baseline_failed.get(endpoint, 0) if case.baseline_failed else 0
    now_bad = case.candidate_failed.get(endpoint, 0) if case.candidate_failed else 0
    if more:
        before, now = before + more.baseline_trials, now + more.candidate_trials
        before_bad += more.baseline_failed.get(endpoint, 0)
        now_bad += more.candidate_failed.get(endpoint, 0)
    return before - before_bad, before, now - now_bad, now
