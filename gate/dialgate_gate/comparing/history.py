"""Per case over recorded runs: how often it passed under each release, and which cases flip.

Pure counting; leaves finding the records to `dialgate.runs.on_record.histories`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.statistics import clopper_pearson, pass_hat_k

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRuns:
    """The fresh trials of one case under one release, over all records."""

    case_id: str
    fingerprint: str
    version: str
    passed: int
    trials: int

    @property
    def is_flaky(self) -> bool:
        """Whether the case passed and failed without a change of the release."""
        return 0 < self.passed < self.trials

    @property
    def failure_rate(self) -> float:
        """The failing share of the trials."""
        return 1 - self.passed / self.trials

    def failure_bounds(self, confidence: float = 0.95) -> tuple[float, float]:
        """Two-sided Clopper-Pearson limits of the failure rate."""
        one_sided = 1 - (1 - confidence) / 2
        return clopper_pearson(self.trials - self.passed, self.trials, one_sided)

    def pass_hats(self, most: int = 5) -> tuple[float, ...]:
        """pass^1, pass^2, … up to `most` or the trials there are."""
        ks = range(1, min(self.trials, most) + 1)
        return tuple(pass_hat_k([self.passed], [self.trials], k) for k in ks)


def flaky_cases(history: Iterable[CaseRuns]) -> tuple[CaseRuns, ...]:
    """Cases that flip without a change of release, the worst first."""
    flaky = [item for item in history if item.is_flaky]
    return tuple(sorted(flaky, key=lambda item: (-item.failure_rate, item.case_id)))
