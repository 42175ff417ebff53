"""What the gate sees and costs: P(pass | unchanged), calls, P(pass | loss = margin), P(fail).

Run: python benchmarks/gate_operating_characteristics.py [GATES] [ROWS…]
500 gates a row by default; ROWS are words of the rows' names (pass, fail, drift, curve). The seeds
are fixed: the same table each time.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import ClassPolicy, FailOn, GatePolicy, RecordUse
from dialgate_gate.verdict.sequential import SimulatedRelease, drive_gate, screen_gate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dialgate_gate.verdict.sequential import GateDecision
    from numpy.typing import NDArray

Rates = "NDArray[np.float64]"
WAYS = ("spread", "stable", "flaky", "broken", "trade")
"""The five ways to lose the margin."""


def shares(*parts: tuple[float, float]) -> Callable[[int, np.random.Generator], Rates]:
    """An agent by shares of its cases and their success rates."""

    def rates(cases: int, _: np.random.Generator) -> Rates:
        counts = [round(share * cases) for share, _ in parts[:-1]]
        return np.repeat([rate for _, rate in parts], [*counts, cases - sum(counts)])

    return rates


def beta(a: float, b: float) -> Callable[[int, np.random.Generator], Rates]:
    """An agent whose cases' rates are drawn from a beta distribution."""
    return lambda cases, rng: rng.beta(a, b, size=cases)


AGENTS = {
    "mixture": shares((0.7, 1.0), (0.2, 0.8), (0.1, 0.3)),
    "strong": shares((0.9, 1.0), (0.07, 0.9), (0.03, 0.5)),
    "mean .75": lambda cases, rng: 1 - rng.beta(1.1, 3.2, size=cases),
    # two families that were not looked at while the method was built
    "two levels": shares((0.5, 0.98), (0.5, 0.85)),
    "beta 3, .6": beta(3.0, 0.6),
    "noisy": shares((0.15, 0.75), (0.85, 0.995)),
}


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
        return f"{self.agent}, {self.cases}, {self.margin:g}, {self.recorded} on record"

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
    Row(agent="two levels", cases=100, margin=0.05),
    Row(agent="beta 3, .6", cases=100, margin=0.05),
    Row(agent="noisy", cases=17, margin=0.10),
    Row(agent="noisy", cases=60, margin=0.05),
)


def lose(before: Rates, loss: float, way: str, rng: np.random.Generator) -> Rates:
    """The candidate's rates: the mean falls by `loss`, in one of the five ways."""
    now = before.copy()
    stable, flaky = np.flatnonzero(before >= 0.95), np.flatnonzero(before < 0.95)
    total = loss * len(before)
    if way == "trade":
        better = flaky[: len(flaky) // 2]
        total += float((1 - now[better]).sum())
        now[better] = 1.0
        rest = np.setdiff1d(np.arange(len(before)), better)
        _take(now, stable if len(stable) else rest, total)
    elif way == "broken":
        for place in rng.permutation(len(before)):
            taken = min(now[place], total)
            now[place] -= taken
            total -= taken
    else:
        chosen = {"spread": np.arange(len(before)), "stable": stable, "flaky": flaky}[way]
        total = _take(now, chosen, total)
        _take(now, np.arange(len(before)), total)
    return now


def losing(loss: float, way: str, before: Rates, rng: np.random.Generator) -> Rates:
    """`lose` with its size and way first."""
    return lose(before, loss, way, rng)


def _take(rates: Rates, places: NDArray[np.int64], total: float) -> float:
    """Lowers these rates alike by `total` in all; what could not be taken."""
    while total > 1e-9 and len(places := places[rates[places] > 1e-12]):
        taken = np.minimum(rates[places], total / len(places))
        rates[places] -= taken
        total -= float(taken.sum())
    return total


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
                f"{row.name:34} {record.value:8} {share(same, Verdict.PASS):.3f} "
                f"{share(same, Verdict.FAIL):.3f} {calls(same)} | {lost[way]:.3f} ({way})"
            )


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


def print_drift_rows(number: int) -> Iterator[str]:
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
    "fail": print_fail_rows,
    "drift": print_drift_rows,
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
