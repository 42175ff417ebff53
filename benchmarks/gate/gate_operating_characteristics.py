"""What the gate sees and costs: P(pass | unchanged), calls, P(pass | loss = margin), P(fail).

Run: python benchmarks/gate/gate_operating_characteristics.py [GATES] [TABLES…]
500 gates a row by default; TABLES are pass, classes, pool, fail, shift, curve; all by default. The
seeds are fixed: the same table each time. A share of 500 gates has a standard error of at most
0.022, near 0.05 of 0.010, near 0.98 of 0.006.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

PROJECT = Path(__file__).resolve().parents[2]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from simulated_agents import AGENTS, WAYS, lose, losing

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import ClassPolicy, FailOn, GatePolicy, RecordUse
from dialgate_gate.verdict.class_margins import derive_rules
from dialgate_gate.verdict.sequential import (
    SUITE,
    ScreenedCase,
    Side,
    SimulatedRelease,
    drive_gate,
    screen_gate,
    start_gate,
)
from dialgate_gate.verdict.sequential.screening import histories_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from simulated_agents import Rates

    from dialgate_gate.verdict.sequential import GateDecision


@dataclass(frozen=True, kw_only=True)
class Row:
    """A suite, its agent and what is on record."""

    agent: str
    cases: int
    margin: float
    recorded: int = 3
    classes: int = 1
    class_margin: float | None = None
    # None: the suite's
    most_calls: int = 2000

    @property
    def name(self) -> str:
        """As the issue names it."""
        classes = f", {self.classes} classes" if self.classes > 1 else ""
        return f"{self.agent}, {self.cases}, {self.margin:g}, {self.recorded} on record{classes}"

    def policy(self, record: RecordUse) -> GatePolicy:
        """The policy of the row, failing on a case."""
        margin = self.class_margin or self.margin
        return GatePolicy(
            margin=self.margin,
            confirm_trials=32,
            max_agent_calls=self.most_calls,
            record=record,
            default=ClassPolicy(margin=margin, fail_on=FailOn.CASE),
        )

    def release(self, before: Rates, now: Rates, **more: tuple[float, float]) -> SimulatedRelease:
        """The simulated release; cases are dealt to the classes in turn."""
        classes = [(f"class {index % self.classes}",) for index in range(self.cases)]
        return SimulatedRelease(baseline_rates=before, candidate_rates=now, classes=classes, **more)


PASS_ROWS = (
    Row(agent="mixture", cases=30, margin=0.05),
    Row(agent="mixture", cases=100, margin=0.05),
    Row(agent="mixture", cases=100, margin=0.05, recorded=10),
    Row(agent="mixture", cases=300, margin=0.05),
    Row(agent="strong", cases=100, margin=0.05),
    Row(agent="mean .75", cases=100, margin=0.10),
    Row(agent="mixture", cases=300, margin=0.05, classes=12, class_margin=0.20),
    Row(agent="steps", cases=100, margin=0.05),
    Row(agent="beta .5, .05", cases=100, margin=0.05),
    Row(agent="two levels", cases=100, margin=0.05),
    Row(agent="beta 3, .6", cases=100, margin=0.05),
    Row(agent="noisy", cases=17, margin=0.10),
    Row(agent="noisy", cases=60, margin=0.05),
)
TWELVE = PASS_ROWS[6]


def gates(
    row: Row,
    number: int,
    change: Callable[[Rates, np.random.Generator], Rates],
    *,
    record: RecordUse = RecordUse.STEERS,
    provider: Callable[[int], float] | None = None,
    recorded_at: float = 1.0,
    broke_off: tuple[float, float] = (0.0, 0.0),
) -> list[GateDecision]:
    """So many gates; `provider` scales every success rate by the number of trials so far.

    recorded_at: what the provider's rates were when the record was made, over today's.
    """
    found = []
    for seed in range(number):
        rng = np.random.default_rng([seed, row.cases, row.recorded])
        before = AGENTS[row.agent](row.cases, rng)
        now = change(before, rng)
        release = row.release(before, now, broke_off=broke_off)
        then = row.release(before * recorded_at, now, broke_off=broke_off)
        gate = screen_gate(then, row.policy(record), rng, recorded_trials=row.recorded)
        if provider is None:
            drive_gate(gate, release, rng)
        else:
            _drive(gate, row, (before, now), provider, rng)
        found.append(gate.decide())
    return found


def _drive(gate, row: Row, rates: tuple[Rates, Rates], provider, rng) -> None:  # noqa: ANN001 - any data
    trials = row.cases
    while requests := gate.next_requests():
        for request in requests:
            for _ in range(request.count):
                scale = provider(trials)
                trials += 1
                release = row.release(rates[0] * scale, rates[1] * scale)
                failed = release.run(int(request.case_id), request.side, rng)
                gate.observe(request.case_id, request.side, failed)


def share(found: list[GateDecision], verdict: Verdict) -> float:
    """How many of the gates came to this verdict."""
    return Counter(item.verdict for item in found)[verdict] / len(found)


def calls(found: list[GateDecision]) -> str:
    """Mean and 95th percentile of the calls of both sides."""
    numbers = [item.agent_calls for item in found]
    return f"{np.mean(numbers):6.0f} / {np.percentile(numbers, 95):5.0f}"


def unchanged(before: Rates, _: np.random.Generator) -> Rates:
    """Nothing happened."""
    return before


def print_pass_rows(number: int) -> Iterator[str]:
    """The issue's table."""
    yield "unchanged: pass, fail, calls mean / p95 | loss = margin: worst of five ways passes"
    for row in PASS_ROWS:
        for record in RecordUse:
            same = gates(row, number, unchanged, record=record)
            lost = {}
            for way in WAYS:
                worse = gates(row, number, partial(losing, row.margin, way), record=record)
                lost[way] = share(worse, Verdict.PASS)
            way = max(lost, key=lambda name: lost[name])
            yield (
                f"{row.name:46} {record.value:8} {share(same, Verdict.PASS):.3f} "
                f"{share(same, Verdict.FAIL):.3f} {calls(same)} | {lost[way]:.3f} ({way})"
            )


def print_class_rows(number: int) -> Iterator[str]:
    """Every class loses its own margin: how often one of them passes, by the way to lose it."""
    found = [_with_derived_margins(seed) for seed in range(number)]
    margins = Counter(item.figures.margin for decision in found for item in decision.classes)
    shares = ", ".join(
        f"{margin:g}: {n / sum(margins.values()):.2f}" for margin, n in sorted(margins.items())
    )
    yield f"12 classes of 25 with the margins that their cases on record give ({shares}), unchanged"
    passed, failed = share(found, Verdict.PASS), share(found, Verdict.FAIL)
    yield f"pass {passed:.3f} fail {failed:.3f} {calls(found)}"
    yield "12 classes of 25, each loses its margin of .20: a class passes, at most / on average"
    for record in RecordUse:
        for way in WAYS:
            found = gates(TWELVE, number, partial(_in_each_class, way), record=record)
            by_class = [
                np.mean([item.classes[place].figures.is_passed for item in found])
                for place in range(TWELVE.classes)
            ]
            yield f"{record.value:8} {way:8} {max(by_class):.3f} / {np.mean(by_class):.3f}"


def _with_derived_margins(seed: int) -> GateDecision:
    rng = np.random.default_rng([seed, TWELVE.cases])
    before = AGENTS[TWELVE.agent](TWELVE.cases, rng)
    release = TWELVE.release(before, before)
    policy = replace(TWELVE.policy(RecordUse.STEERS), default=ClassPolicy(fail_on=FailOn.CASE))
    recorded = release.screen(Side.BASELINE, TWELVE.recorded, rng)
    screened = release.screen(Side.CANDIDATE, 1, rng)
    cases = [
        ScreenedCase(
            id=str(place),
            classes=classes,
            baseline_trials=TWELVE.recorded,
            candidate_trials=1,
            baseline_failed=recorded[place],
            candidate_failed=screened[place],
        )
        for place, classes in enumerate(release.classes)
    ]
    rules = derive_rules(histories_of(cases, is_fresh=False), policy)
    gate = start_gate(cases, policy, rules=rules, seed=seed)
    drive_gate(gate, release, rng)
    return gate.decide()


def _in_each_class(way: str, before: Rates, rng: np.random.Generator) -> Rates:
    now = before.copy()
    for first in range(TWELVE.classes):
        mine = np.arange(first, len(before), TWELVE.classes)
        now[mine] = lose(before[mine], 0.20, way, rng)
    return now


_MOST_POOLED = 50
# trials of a case that the pool keeps


def print_pool_rows(number: int) -> Iterator[str]:
    """Twenty unchanged candidates in a row on one pool, which takes in what each check ran."""
    row = PASS_ROWS[1]
    yield "twenty unchanged candidates in a row on one pool: pass, fail, calls mean / p95"
    chains = [_chain(row, seed) for seed in range(max(1, number // 20))]
    for first, last in ((0, 1), (1, 5), (5, 10), (10, 20)):
        found = [item for chain in chains for item in chain[first:last]]
        name = (
            f"candidate {first + 1}" if last == first + 1 else f"candidates {first + 1} to {last}"
        )
        yield (
            f"{name:24} {share(found, Verdict.PASS):.3f} {share(found, Verdict.FAIL):.3f} "
            f"{calls(found)}"
        )
    every = [share(chain, Verdict.PASS) for chain in chains]
    yield f"share of the twenty that pass, by pool: {min(every):.2f} to {max(every):.2f}"


def _chain(row: Row, seed: int) -> list[GateDecision]:
    rng = np.random.default_rng([seed, row.cases, 20])
    before = AGENTS[row.agent](row.cases, rng)
    release = row.release(before, before)
    first = release.screen(Side.BASELINE, row.recorded, rng)
    pooled = np.zeros((2, row.cases), dtype=np.int64)
    # trials of other checks, and failures among them
    found = []
    for _ in range(20):
        now = release.screen(Side.CANDIDATE, 1, rng)
        cases = [
            ScreenedCase(
                id=str(place),
                classes=classes,
                baseline_trials=row.recorded,
                candidate_trials=1,
                baseline_failed=first[place],
                candidate_failed=now[place],
                steering_trials=int(pooled[0, place]),
                steering_failed={SUITE: int(pooled[1, place])},
            )
            for place, classes in enumerate(release.classes)
        ]
        seed_of = int(rng.integers(2**31))
        gate = start_gate(cases, row.policy(RecordUse.STEERS), seed=seed_of)
        drive_gate(gate, release, rng)
        found.append(gate.decide())
        ran = gate.rounds.known.counted[Side.BASELINE] - row.recorded
        bad = gate.rounds.known.counted_failed[Side.BASELINE].get(SUITE, np.zeros_like(ran))
        failed = np.array([item.get(SUITE, 0) for item in first])
        pooled += np.stack([ran, bad - failed])
        pooled[1] = np.minimum(pooled[1], pooled[0])
        over = pooled[0] > _MOST_POOLED
        pooled[1, over] = pooled[1, over] * _MOST_POOLED // pooled[0, over]
        pooled[0] = np.minimum(pooled[0], _MOST_POOLED)
    return found


def _broken(many: Callable[[Rates, np.random.Generator], NDArray[np.int64]]):  # noqa: ANN202 - any data
    def change(before: Rates, rng: np.random.Generator) -> Rates:
        now = before.copy()
        now[many(before, rng)] = 0.0
        return now

    return change


def print_fail_rows(number: int) -> Iterator[str]:
    """What a release that is worse comes to."""
    hundred, three = PASS_ROWS[1], PASS_ROWS[3]
    rows: tuple[tuple[str, Row, Callable, tuple[float, float]], ...] = (
        ("10 % of 100 broken", hundred,
         _broken(lambda b, r: np.flatnonzero(r.random(len(b)) < 0.1)), (0.0, 0.0)),
        ("3 % of 100 broken", hundred,
         _broken(lambda b, r: np.flatnonzero(r.random(len(b)) < 0.03)), (0.0, 0.0)),
        ("3 of 100 broken, never none", hundred,
         _broken(lambda b, r: r.choice(len(b), 3, replace=False)), (0.0, 0.0)),
        ("one of 100 broken, always passed", hundred,
         _broken(lambda b, r: r.choice(np.flatnonzero(b == 1), 1)), (0.0, 0.0)),
        ("one of 100 broken, passed 8 in 10", hundred,
         _broken(lambda b, r: r.choice(np.flatnonzero(b == 0.8), 1)), (0.0, 0.0)),
        ("breaks off in 5 % of 100 cases", hundred, unchanged, (0.0, 0.05)),
        ("-20 points spread over 100", hundred,
         lambda b, r: lose(b, 0.2, "spread", r), (0.0, 0.0)),
        ("-10 points spread over 300", three,
         lambda b, r: lose(b, 0.1, "spread", r), (0.0, 0.0)),
    )  # fmt: skip
    yield "changed: fail, pass, calls mean / p95"
    for name, row, change, broke_off in rows:
        found = gates(row, number, change, broke_off=broke_off)
        named = sum(any("broke off" in text for text in item.reasons) for item in found)
        more = f"  named {named / number:.3f}" if broke_off[1] else ""
        yield (
            f"{name:36} {share(found, Verdict.FAIL):.3f} {share(found, Verdict.PASS):.3f} "
            f"{calls(found)}{more}"
        )
    better = gates(hundred, number, lambda b, _: 1 - (1 - b) / 2)
    yield f"{'failures halved':36} passes {share(better, Verdict.PASS):.3f} {calls(better)}"


def print_shift_rows(number: int) -> Iterator[str]:
    """A provider that changes while the check runs, and records of a worse day."""
    row = PASS_ROWS[1]
    fallen = gates(row, number, unchanged, provider=lambda n: 0.7 if n > 250 else 1.0)
    yield f"success falls to .7 in the run: falsely failed {share(fallen, Verdict.FAIL):.3f}"
    down = gates(
        row,
        number,
        lambda b, r: lose(b, 2 * row.margin, "spread", r),
        provider=lambda n: 0.0 if (n // 200) % 2 else 1.0,
    )
    passes = share(down, Verdict.PASS)
    yield f"nothing answered for half of the run, twice the margin lost: passes {passes:.3f}"
    for worse in (0.98, 0.95, 0.90):
        lost = gates(row, number, lambda b, r: lose(b, row.margin, "spread", r), recorded_at=worse)
        yield (
            f"record made when the provider was {100 * (1 - worse):.0f} % worse, loss = margin: "
            f"passes {share(lost, Verdict.PASS):.3f}"
        )


def print_curve(number: int) -> Iterator[str]:
    """The operating curve: how often a release passes and fails by what it lost."""
    yield "loss of a mixture of 100 cases, margin .05: passes, fails"
    for loss in (0.0, 0.0125, 0.025, 0.0375, 0.05, 0.075, 0.1):
        found = gates(PASS_ROWS[1], number, lambda b, r, x=loss: lose(b, x, "spread", r))
        yield f"{loss:.4f} {share(found, Verdict.PASS):.3f} {share(found, Verdict.FAIL):.3f}"


TABLES = {
    "pass": print_pass_rows,
    "classes": print_class_rows,
    "pool": print_pool_rows,
    "fail": print_fail_rows,
    "shift": print_shift_rows,
    "curve": print_curve,
}


def main(number: int, names: list[str]) -> None:
    """Prints the tables that are named, all of them by default."""
    for name, table in TABLES.items():
        if not names or name in names:
            started = time.perf_counter()
            for line in table(number):
                print(line, flush=True)
            print(f"({time.perf_counter() - started:.0f} s)\n", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500, sys.argv[2:])
