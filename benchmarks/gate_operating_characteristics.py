"""What the sequential gate sees and costs, beside the reference figures and the issue's limits.

Run: python benchmarks/gate_operating_characteristics.py [GATES]    (500 gates a row by default)
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.policy import GatePolicy
from dialgate_gate.verdict.sequential import SimulatedRelease, simulate_gate

# cases, share broken, classes, what the reference caught (or blocked) with how many calls
_ROWS = (
    (30, 0.0, 1, "0.01 / 64"),
    (30, 0.10, 1, "0.93 / 61"),
    (30, 0.03, 1, "0.54 / 66"),
    (100, 0.0, 1, "0.00 / 215"),
    (100, 0.10, 1, "1.00 / 157"),
    (100, 0.03, 1, "0.92 / 207"),
    (300, 0.0, 1, "0.00 / 634"),
    (300, 0.10, 1, "1.00 / 412"),
    (300, 0.03, 1, "1.00 / 607"),
    (300, 0.0, 12, "at most 0.05"),
)


def main(gates: int) -> None:
    """Prints a row per suite: without and with further rounds for the margin."""
    print("cases  broken  classes  reference      confirm only    with 3 rounds (passed)    s")
    for cases, broken, classes, reference in _ROWS:
        started = time.perf_counter()
        failed, calls, _ = measure(cases, broken, classes, gates, most_rounds=0)
        more_failed, more_calls, passed = measure(cases, broken, classes, gates, most_rounds=3)
        seconds = time.perf_counter() - started
        print(
            f"{cases:5}  {broken:6.2f}  {classes:7}  {reference:13}  {failed:.3f} / {calls:5.1f}"
            f"   {more_failed:.3f} / {more_calls:5.1f} ({passed:.2f})   {seconds:8.1f}"
        )


def measure(
    cases: int, broken: float, classes: int, gates: int, *, most_rounds: int
) -> tuple[float, float, float]:
    """Share of gates that failed, mean agent calls, share that passed."""
    found = []
    for seed in range(gates):
        rng = np.random.default_rng([seed, cases])
        counts = [cases * 7 // 10, cases * 2 // 10]
        before = np.repeat([1.0, 0.8, 0.3], [*counts, cases - sum(counts)])
        release = SimulatedRelease(
            baseline_rates=before,
            candidate_rates=np.where(rng.random(cases) < broken, 0.0, before),
            classes=[(f"class {index % classes}",) for index in range(cases)],
        )
        found.append(simulate_gate(release, GatePolicy(), rng, most_rounds=most_rounds))
    verdicts = [decision.verdict for decision in found]
    return (
        verdicts.count(Verdict.FAIL) / gates,
        float(np.mean([decision.agent_calls for decision in found])),
        verdicts.count(Verdict.PASS) / gates,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
