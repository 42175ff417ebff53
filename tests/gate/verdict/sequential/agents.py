"""Simulated suites and gates for the tests of the sequential gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.settings.gate_policy import GatePolicy
from dialgate_gate.verdict.sequential import (
    SUITE,
    Endpoint,
    ScreenedCase,
    SimulatedRelease,
    simulate_gate,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dialgate_gate.verdict.sequential import GateDecision

SUCCESS = Endpoint(action_class="a")
FAILED = frozenset({SUITE, SUCCESS})


def mixture(cases: int) -> NDArray[np.float64]:
    """70 % of the cases always pass, 20 % pass 8 times in 10, 10 % 3 times in 10."""
    counts = [cases * 7 // 10, cases * 2 // 10]
    return np.repeat([1.0, 0.8, 0.3], [*counts, cases - sum(counts)])


def gates(
    *,
    cases: int,
    broken: float = 0.0,
    classes: int = 1,
    seeds: int = 500,
    silent_share: float = 0.0,
) -> list[GateDecision]:
    """Simulated gates in which each case is broken fully with the chance `broken`."""
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng([seed, cases])
        before = mixture(cases)
        now = np.where(rng.random(cases) < broken, 0.0, before)
        release = SimulatedRelease(
            baseline_rates=before,
            candidate_rates=now,
            classes=[(f"class {index % classes}",) for index in range(cases)],
            silent_share=silent_share,
        )
        found.append(simulate_gate(release, GatePolicy(), rng))
    return found


def screened(
    case_id: str = "1", *, failed: bool = False, critical: bool = False, passes: int = 3
) -> ScreenedCase:
    """A case of class `a` with three baseline trials on record."""
    missed = 3 - passes
    return ScreenedCase(
        id=case_id,
        classes=("a",),
        baseline_trials=3,
        candidate_trials=1,
        baseline_failed=dict.fromkeys(FAILED, missed),
        candidate_failed=dict.fromkeys(FAILED, int(failed)),
        critical=critical,
    )
