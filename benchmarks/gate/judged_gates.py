"""What a judge that errs does to the gate: P(pass | loss = margin), P(fail | unchanged), power.

Run: python benchmarks/gate/judged_gates.py [GATES] [TABLES…]
500 gates a row by default; TABLES are level, power, alone (the live gate), recorded, record and
labels (`judged_recorded.py`); all by default. The seeds are fixed: the
same table each time. Every gate draws its labels anew, half of them of right replies, and knows the
judge by them alone. A share of 500 gates near 0.05 has a standard error of 0.010.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

PROJECT = Path(__file__).resolve().parents[2]
PATHS = [str(PROJECT / folder) for folder in ("benchmarks/gate", ".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from judged_recorded import TABLES as RECORDED
from judged_releases import (
    CRITERIA,
    PERFECTLY_KNOWN,
    WAYS,
    Judge,
    Row,
    release_of,
    screen,
)

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.verdict.sequential import SUITE, start_gate

if TYPE_CHECKING:
    from dialgate_gate.verdict.sequential import GateDecision


def gate_once(
    row: Row,
    judge: Judge,
    loss: float,
    way: str,
    seed: int,
    *,
    shift: float = 0.0,
    known: bool = True,
) -> GateDecision:
    """One gate. known: whether it corrects for the judge, else it takes its votes for the truth."""
    rng = np.random.default_rng([seed, row.cases, judge.labels])
    release = release_of(row, judge, loss, way, rng)
    errors = judge.errors(rng, shift)
    cases = [screen(row, release, place, rng, is_judged=known) for place in range(row.cases)]
    judges = {"": {CRITERIA: errors}} if known else None
    gate = start_gate(cases, row.policy, seed=int(rng.integers(2**31)), judges=judges)
    while requests := gate.next_requests():
        for request in requests:
            for _ in range(request.count):
                failed = release.run(int(request.case_id), request.side, rng)
                failed = failed if known else failed & {SUITE}
                gate.observe(request.case_id, request.side, failed)
    return gate.decide(with_bounds=False)


def shares(decisions: list[GateDecision]) -> tuple[float, float, float]:
    """P(pass), P(fail), mean calls."""
    number = len(decisions)
    passed = sum(d.verdict is Verdict.PASS for d in decisions) / number
    failed = sum(d.verdict is Verdict.FAIL for d in decisions) / number
    return passed, failed, float(np.mean([d.agent_calls for d in decisions]))


def measure(row: Row, judge: Judge, loss: float, way: str, gates: int, **more) -> tuple:  # noqa: ANN003 - as gate_once
    """Shares over so many gates."""
    return shares([gate_once(row, judge, loss, way, seed, **more) for seed in range(gates)])


def level_table(gates: int) -> None:
    """Of each judge and number of labels the worst way to lose the margin, and no change."""
    row = Row()
    print(f"\n{row.agent}, {row.cases} cases, margin {row.margin:g}, {row.budget:,} calls at most")
    print("| sensitivity = specificity | labels | pass, loss = margin | fail, unchanged "
          "| pass, unchanged | calls |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- |")
    for share in (0.7, 0.8, 0.9, 0.95, 0.99):
        for labels in (50, 200, 1_000):
            judge = Judge(sensitivity=share, specificity=share, labels=labels)
            worst = max(measure(row, judge, row.margin, way, gates)[0] for way in WAYS)
            passed, failed, calls = measure(row, judge, 0.0, "spread", gates)
            print(f"| {share:g} | {labels:,} | {worst:.3f} | {failed:.3f} | {passed:.2f} "
                  f"| {calls:,.0f} |", flush=True)  # fmt: skip


def power_table(gates: int) -> None:
    """What not knowing the judge costs, beside knowing it exactly, and what its errors do."""
    print("\n| agent, margin | judge | known from | pass, unchanged | calls |")
    print("| --- | --- | --- | --- | --- |")
    for row in (Row(), Row(agent="mixture"), Row(margin=0.05)):
        for share in (1.0, 0.99, 0.95):
            for labels in (200, 1_000, PERFECTLY_KNOWN):
                judge = Judge(sensitivity=share, specificity=share, labels=labels)
                passed, _, calls = measure(row, judge, 0.0, "spread", gates)
                known = "exactly" if labels == PERFECTLY_KNOWN else f"{labels:,} labels"
                print(f"| {row.agent}, {row.margin:g} | {share:g} | {known} | {passed:.2f} "
                      f"| {calls:,.0f} |", flush=True)  # fmt: skip


def alone_table(gates: int) -> None:
    """Judges that would decide alone: taken for the truth, and corrected for."""
    row = Row()
    blind = Judge(sensitivity=0.99, specificity=0.6, labels=1_000)
    pleased = Judge(sensitivity=0.99, specificity=0.97, specificity_now=0.92, labels=1_000)
    bought = Judge(sensitivity=0.99, specificity=0.97, specificity_now=0.4, labels=1_000)
    sticky = Judge(sensitivity=0.97, specificity=0.9, labels=1_000, is_sticky=True)
    print("\n| judge | taken for the truth: pass at the margin | corrected: pass at the margin |")
    print("| --- | --- | --- |")
    listed = (
        ("lets 40 % of wrong replies pass", blind, 0.0),
        ("is pleased by the candidate: specificity .97, then .92", pleased, 0.0),
        ("the same, with max_shift = 0.05", pleased, 0.05),
        ("is bought by the candidate: specificity .97, then .4", bought, 0.0),
        ("errs on whole cases", sticky, 0.0),
    )
    for words, judge, shift in listed:
        naive, corrected = (
            max(
                measure(row, judge, row.margin, way, gates, shift=shift, known=known)[0]
                for way in WAYS
            )
            for known in (False, True)
        )
        print(f"| {words} | {naive:.3f} | {corrected:.3f} |", flush=True)


TABLES = {"level": level_table, "power": power_table, "alone": alone_table}


def main() -> None:
    """Prints the tables asked for."""
    tables = {**TABLES, **RECORDED}
    words = sys.argv[1:]
    gates = int(words[0]) if words and words[0].isdigit() else 500
    chosen = [word for word in words if word in tables] or list(tables)
    began = time.perf_counter()
    for name in chosen:
        tables[name](gates)
    print(f"\n{gates} gates a row, {time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
