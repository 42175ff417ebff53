"""Successes and trials of each case on both sides: what every comparison starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedCounts:
    """Four integer arrays of one length, a place per case; the order of cases is irrelevant.

    Raises ValueError where lengths differ or more trials succeeded than were made.
    """

    baseline_passed: NDArray[np.int64]
    baseline_trials: NDArray[np.int64]
    # 0: the baseline has no trial of the case, so it carries no comparison
    candidate_passed: NDArray[np.int64]
    candidate_trials: NDArray[np.int64]

    def __post_init__(self) -> None:
        for name in ("baseline", "candidate"):
            passed, trials = getattr(self, f"{name}_passed"), getattr(self, f"{name}_trials")
            if passed.shape != trials.shape or passed.shape != self.baseline_passed.shape:
                raise ValueError(f"{name}: found arrays of different lengths")
            if np.any(passed < 0) or np.any(passed > trials):
                raise ValueError(f"{name}: found more successes than trials, or fewer than none")

    @property
    def comparable(self) -> PairedCounts:
        """The cases that both sides have trials of."""
        keep = (self.baseline_trials > 0) & (self.candidate_trials > 0)
        return PairedCounts(
            baseline_passed=self.baseline_passed[keep],
            baseline_trials=self.baseline_trials[keep],
            candidate_passed=self.candidate_passed[keep],
            candidate_trials=self.candidate_trials[keep],
        )

    @property
    def swapped(self) -> PairedCounts:
        """The same counts with the sides exchanged."""
        return PairedCounts(
            baseline_passed=self.candidate_passed,
            baseline_trials=self.candidate_trials,
            candidate_passed=self.baseline_passed,
            candidate_trials=self.baseline_trials,
        )

    def __len__(self) -> int:
        return len(self.baseline_passed)
