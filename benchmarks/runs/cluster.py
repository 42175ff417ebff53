"""Trials on a cluster: four workers beside one, and what wide rounds of the gate cost in calls.

`python benchmarks/runs/cluster.py [speed|calls] [GATES]` prints the tables of
docs/how-to/run-on-a-cluster.md; both by default, 60 gates a row. Speed is `run` on clusters of one
and of four local workers that stand already, with an agent that waits a second: what a further
trial takes, as the slope between a short and a long run, and both runs as they are, with
connecting, comparing, starting the agent and writing the record. Calls are simulated with fixed
seeds: the same gates with eight cases side by side, as on one machine, and with more where the
first rounds decide nothing.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(PROJECT / folder) for folder in (".", "evals", "gate", "reports", "benchmarks/gate")
]

from simulated_agents import AGENTS, lose

from dialgate.runs.recorded_run import RunOptions, other_machines
from dialgate.runs.running import run_release
from dialgate_gate.settings.gate_policy import ClassPolicy, FailOn, GatePolicy
from dialgate_gate.verdict.sequential import SimulatedRelease, simulate_gate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulated_agents import Rates

WAIT_S, LANES = 1.0, 4
FEW, TRIALS = 40, 240
WIDTHS = (8, 16, 32, 64, 128)
MOST_CALLS = 1.15

SUITE = f"""schema = 1
name = "waiting"
cases = ["cases.jsonl"]
concurrency = {LANES}
[agent]
kind = "python"
target = "agent:respond"
workers = 1
"""
AGENT = f"""import asyncio

async def respond(messages, tools, release):
    await asyncio.sleep({WAIT_S})
    return "Done."
"""
RELEASE = """schema = 1
name = "waiting-agent"
version = "1"
prompts = ["prompt.md"]
tools = ["tools.json"]
code = ["agent.py"]
[model]
provider = "none"
name = "none-2026-01-01"
"""
ACTIONS = """schema = 1
[class.refund]
tools = ["refund"]
effect = "write"
blast_radius = "high"
reversible = false
"""


def write_suite(folder: Path) -> Path:
    """A suite whose agent waits and does nothing, as its cases expect."""
    suite = folder / "suites" / "waiting"
    suite.mkdir(parents=True)
    tools = [{"name": "refund", "parameters": {"type": "object"}}]
    files = {
        "suite.toml": SUITE, "agent.py": AGENT, "release.toml": RELEASE, "actions.toml": ACTIONS,
        "policy.toml": "schema = 1\n", "prompt.md": "Wait.", "tools.json": json.dumps(tools),
    }  # fmt: skip
    for name, text in files.items():
        (suite / name).write_text(text, "utf-8")
    cases = (
        {
            "schema": 1, "id": f"case-{number:04d}", "origin": "golden",
            "messages": [{"role": "user", "content": f"Question {number}."}],
            "expect": {"actions": []},
        }
        for number in range(TRIALS)
    )  # fmt: skip
    (suite / "cases.jsonl").write_text("".join(f"{json.dumps(case)}\n" for case in cases), "utf-8")
    return suite


def seconds_on(workers: int, suite: Path, out: Path) -> dict[int, float]:
    """By number of trials what a run takes on so many workers that stand already."""
    taken = {}
    with other_machines(f"local:{workers}") as cluster:
        options = RunOptions(out=out, use_cache=False, cluster=cluster, trials=1)
        # The first run starts the workers and is not counted.
        for trials in (1, FEW, TRIALS):
            names = tuple(f"case-{number:04d}" for number in range(trials))
            began = time.perf_counter()
            run = run_release(suite, release=None, case_ids=names, options=options)
            taken[trials] = time.perf_counter() - began
            assert run.document["counts"]["passed"] == trials
    return taken


def print_speed() -> Iterator[str]:
    """One worker and four."""
    with tempfile.TemporaryDirectory() as name:
        suite = write_suite(Path(name))
        taken = {workers: seconds_on(workers, suite, Path(name) / "out") for workers in (1, 4)}
    slopes = {n: (item[TRIALS] - item[FEW]) / (TRIALS - FEW) for n, item in taken.items()}
    yield f"trials of {WAIT_S:g} s, {LANES} at once on each worker"
    for workers, seconds in taken.items():
        beside = slopes[workers] * LANES * workers / WAIT_S
        yield (
            f"{workers} workers: {FEW} trials {seconds[FEW]:5.1f} s, {TRIALS} trials "
            f"{seconds[TRIALS]:5.1f} s; each further one {slopes[workers]:.4f} s, "
            f"{beside:.2f} times the ideal"
        )
    yield f"four give {slopes[1] / slopes[4]:.2f} times one (at least 3.5)"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A change of a suite of a hundred cases."""

    name: str
    change: Callable[[Rates, np.random.Generator], Rates]


def _broken(share: float) -> Callable[[Rates, np.random.Generator], Rates]:
    return lambda before, rng: np.where(rng.random(len(before)) < share, 0.0, before)


ROWS = (
    Row(name="unchanged", change=lambda before, _: before),
    Row(name="loses the margin, spread", change=lambda b, rng: lose(b, 0.05, "spread", rng)),
    Row(name="3 % of cases broken", change=_broken(0.03)),
    Row(name="10 % of cases broken", change=_broken(0.1)),
    Row(name="30 % of cases broken", change=_broken(0.3)),
    Row(name="20 points lost, spread", change=lambda b, rng: lose(b, 0.2, "spread", rng)),
)


def mean_calls(row: Row, widest: int, gates: int, cases: int) -> float:
    """Of so many gates the mean calls of both sides."""
    policy = GatePolicy(
        margin=0.05,
        confirm_trials=32,
        max_agent_calls=2000,
        default=ClassPolicy(margin=0.05, fail_on=FailOn.CASE),
    )
    found = []
    for seed in range(gates):
        rng = np.random.default_rng([seed, cases])
        before = AGENTS["mixture"](cases, rng)
        release = SimulatedRelease(
            baseline_rates=before,
            candidate_rates=row.change(before, rng),
            classes=[("class",)] * cases,
        )
        found.append(simulate_gate(release, policy, rng, widest=widest).agent_calls)
    return float(np.mean(found))


def print_calls(gates: int) -> Iterator[str]:
    """Mean calls by how many suspects may be tried side by side."""
    yield f"{'calls, beside rounds of 8':42} " + " ".join(f"{width:>6}" for width in WIDTHS)
    worst = dict.fromkeys(WIDTHS, 0.0)
    for cases in (100, 300):
        for row in ROWS:
            calls = {width: mean_calls(row, width, gates, cases) for width in WIDTHS}
            ratios = {width: calls[width] / calls[WIDTHS[0]] for width in WIDTHS}
            worst = {width: max(worst[width], ratios[width]) for width in WIDTHS}
            name = f"{row.name}, {cases} cases ({calls[WIDTHS[0]]:.0f})"
            yield f"{name:42} " + " ".join(f"{ratios[width]:6.2f}" for width in WIDTHS)
    widest = max(width for width in WIDTHS if worst[width] <= MOST_CALLS)
    yield f"widest rounds that cost at most {MOST_CALLS} times the calls in every row: {widest}"


def main(asked: str = "", gates: str = "60") -> None:
    """Prints what was asked for."""
    if asked in {"", "calls"}:
        for line in print_calls(int(gates)):
            print(line, flush=True)
    if asked in {"", "speed"}:
        for line in print_speed():
            print(line, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
