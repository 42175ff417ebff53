"""What a judge that errs does to the gate: P(pass | loss = margin), P(fail | unchanged), power.

Run: python benchmarks/judged_gates.py [GATES] [TABLES…]
500 gates a row by default; TABLES are level, power, alone (the live gate), recorded, record and
labels (`judged_recorded.py`); all by default. The seeds are fixed: the
same table each time. Every gate draws its labels anew, half of them of right replies, and knows the
judge by them alone. A share of 500 gates near 0.05 has a standard error of 0.010.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
PATHS = [str(PROJECT / folder) for folder in ("benchmarks", ".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from simulated_agents import AGENTS, lose

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import ClassPolicy, FailOn, GatePolicy, RecordUse
from dialgate_gate.statistics.judged.corrected_difference import CALIBRATION_ERROR
from dialgate_gate.statistics.judged.judge_errors import Labelled, estimate_errors
from dialgate_gate.verdict.sequential import SUITE, ScreenedCase, Side, start_gate
from dialgate_gate.verdict.sequential.screened_case import voted_on

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from simulated_agents import Rates

    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors
    from dialgate_gate.verdict.sequential import Endpoint, GateDecision

CRITERIA = ("answers",)
PERFECTLY_KNOWN = 10**7
WAYS = ("spread", "broken", "better acting")
"""How replies get worse: everywhere, whole cases, and everywhere while acting gets better."""


@dataclass(frozen=True, kw_only=True)
class Judge:
    """A judge by its true errors, and how many labels tell of them."""

    sensitivity: float
    specificity: float
    labels: int
    specificity_now: float | None = None
    # on the candidate; None: the same
    is_sticky: bool = False
    # errs on all trials of a case, or on none: what it takes a case's replies for

    def errors(self, rng: np.random.Generator, shift: float = 0.0) -> JudgeErrors:
        """What labels drawn now tell."""
        half = self.labels // 2
        mistakes = [rng.binomial(half, 1 - s) for s in (self.sensitivity, self.specificity)]
        right, wrong = (Labelled(half, int(number)) for number in mistakes)
        return estimate_errors(right=right, wrong=wrong, error=CALIBRATION_ERROR, shift=shift)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A suite whose replies are judged."""

    agent: str = "strong"
    cases: int = 100
    margin: float = 0.10
    budget: int = 4_000
    on_record: int = 3
    trials: int = 1
    # of the candidate, before any fresh one

    @property
    def policy(self) -> GatePolicy:
        """Fails on a case, as the strictest does."""
        return GatePolicy(
            margin=self.margin,
            confirm_trials=32,
            max_agent_calls=self.budget,
            record=RecordUse.STEERS,
            default=ClassPolicy(margin=self.margin, fail_on=FailOn.CASE),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedRelease:
    """Two releases by how often they act rightly and, having done so, reply rightly."""

    acts: tuple[Rates, Rates]
    replies: tuple[Rates, Rates]
    # baseline, candidate; a place per case
    judge: Judge
    luck: NDArray[np.float64]
    # per case and kind of mistake, 0 to 1: whether a sticky judge errs there

    def run(self, place: int, side: Side, rng: np.random.Generator) -> frozenset[Endpoint]:
        """The endpoints that a trial failed."""
        return self.try_once(place, side, rng)[0]

    def try_once(
        self, place: int, side: Side, rng: np.random.Generator
    ) -> tuple[frozenset[Endpoint], bool]:
        """The endpoints that a trial failed, and whether it acted and replied rightly."""
        at = int(side is Side.CANDIDATE)
        if rng.random() >= self.acts[at][place]:
            return frozenset({SUITE}), False
        is_right = rng.random() < self.replies[at][place]
        judge = self.judge
        specificity = judge.specificity
        if at and judge.specificity_now is not None:
            specificity = judge.specificity_now
        draw = self.luck[place, int(is_right)] if judge.is_sticky else rng.random()
        says_yes = draw < judge.sensitivity if is_right else draw >= specificity
        return frozenset() if says_yes else frozenset({SUITE, voted_on(SUITE)}), is_right


def release_of(
    row: Row, judge: Judge, loss: float, way: str, rng: np.random.Generator
) -> JudgedRelease:
    """A release whose success rate falls by `loss` in the replies alone."""
    right = AGENTS[row.agent](row.cases, rng)
    luck = rng.random((row.cases, 2))
    if way != "better acting":
        now = lose(right, loss, way, rng) if loss else right
        ones = np.ones(row.cases)
        return JudgedRelease(acts=(ones, ones), replies=(right, now), judge=judge, luck=luck)
    acts = np.sqrt(right)
    better = np.ones(row.cases)
    now = lose(right, loss, "spread", rng)
    return JudgedRelease(acts=(acts, better), replies=(acts, now), judge=judge, luck=luck)


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


def screen(
    row: Row,
    release: JudgedRelease,
    place: int,
    rng: np.random.Generator,
    *,
    is_judged: bool = True,
) -> ScreenedCase:
    """A case after its first trials."""
    before = [release.run(place, Side.BASELINE, rng) for _ in range(row.on_record)]
    now = [release.run(place, Side.CANDIDATE, rng) for _ in range(row.trials)]
    counted = (SUITE, voted_on(SUITE)) if is_judged else (SUITE,)
    return ScreenedCase(
        id=str(place),
        baseline_trials=row.on_record,
        candidate_trials=row.trials,
        baseline_failed={e: sum(e in trial for trial in before) for e in counted},
        candidate_failed={e: n for e in counted if (n := sum(e in trial for trial in now))},
        judged={"": CRITERIA} if is_judged else {},
    )


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
    from judged_recorded import TABLES as RECORDED  # noqa: PLC0415 - it needs this module

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
