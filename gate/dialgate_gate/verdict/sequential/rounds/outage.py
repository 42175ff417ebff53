"""Does the baseline still pass as often as it used to? Where it doesn't, nothing may pass.

A provider that takes both sides down looks like "no loss". Knows the baseline's fresh trials of
blocks and what was expected of them; leaves what follows to `sequential.deciding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.blocks.options import RATES
from dialgate_gate.verdict.sequential.screened_case import SUITE, Side

if TYPE_CHECKING:
    from dialgate_gate.verdict.blocks.steering import CaseGroups
    from dialgate_gate.verdict.sequential.block import Block

_FAR = 3.5
# standard deviations
_FEWER = 0.85
# of the passes expected


@dataclass(slots=True, kw_only=True)
class OutageCount:
    """The baseline's fresh trials, and the passes that its record lets one expect."""

    trials: int = 0
    passed: int = 0
    expected: float = 0.0
    variance: float = 0.0

    def take_in(self, block: Block, groups: CaseGroups) -> bool:
        """Counts a block; whether its baseline did so badly that the block may let nothing pass."""
        of_case = groups.of_case
        is_known = groups.rows[of_case, 1] > 0  # of a case never tried there is nothing to expect
        trials = np.where(is_known, block.trials[Side.BASELINE], 0)
        if not trials.any():
            return False
        failed = block.failed[Side.BASELINE].get(SUITE)
        lost = 0 if failed is None else int(failed[is_known].sum())
        means = groups.posterior @ RATES
        spreads = groups.posterior @ (RATES * (1 - RATES))
        around = groups.posterior @ RATES**2 - means**2
        expected = float(trials @ means[of_case])
        variance = float(trials @ spreads[of_case] + trials**2 @ around[of_case])
        passed = int(trials.sum()) - lost
        self.trials += int(trials.sum())
        self.passed += passed
        self.expected += expected
        self.variance += variance
        return _is_far_below(passed, expected, variance)

    @property
    def is_low(self) -> bool:
        """Whether the baseline's fresh trials lie far below what its record says."""
        return self.trials > 0 and _is_far_below(self.passed, self.expected, self.variance)

    @property
    def distance(self) -> float:
        """Standard deviations between what was seen and what the record says."""
        return (self.passed - self.expected) / sqrt(self.variance) if self.variance > 0 else 0.0


def _is_far_below(passed: int, expected: float, variance: float) -> bool:
    is_far = passed < expected - _FAR * sqrt(max(variance, 0.25))
    return is_far and passed < _FEWER * expected
