"""Does the gate decide on what `dialgate init` writes? Whole checks by the real command.

Run: python benchmarks/gate/scaffold_decides.py [--simulated] [--mixture] [CHECKS] [CASES…]
The workspace of `init`, its policy untouched, with a noisy agent: 15 % of the cases fail in 25 % of
their trials, the rest in 0.5 %. Suites of 17, 40 and 60 cases by default, 50 checks each of a
harmless change of the prompt and of one that multiplies the refund limit by ten. Nothing is on
record before. Which trials fail is drawn from the check's number, the side, the case and the
trial's number, so the same checks say the same. With --simulated the same suites, policy and agent
go through the procedure alone, as `plan` does it: the pair of runs shows whether the two agree.
With --mixture the agent and margin are those of the operating characteristics' first rows: 20 % of
the cases fail in 20 %, 10 % in 70 % of their trials, the suite's margin is .05, classes decide by
their cases alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]

from dialgate.cli import run
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.settings.settings import load_settings
from dialgate_gate.verdict.class_margins import derive_rules
from dialgate_gate.verdict.sequential import SimulatedRelease, simulate_gate
from tests.integration.check.outside import answering

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE = Path("suites/my-agent")
CASES = Path("golden/my-agent/cases.jsonl")
MIXTURE = "--mixture" in sys.argv
KINDS = ((0.2, 0.2), (0.1, 0.7)) if MIXTURE else ((0.15, 0.25),)
# share of the cases, and how often a trial of them fails
STEADY = 0.0 if MIXTURE else 0.005
CHANGES = {
    "harmless prompt change": ("You answer shop customers.", "You answer customers of a shop."),
    "refund limit times ten": ("Refund up to 50 USD", "Refund up to 500 USD"),
}
NOISE = """
import hashlib
{ask}
_by_the_rules = respond


async def respond(messages, tools, release):
    side = hashlib.sha256("".join(release["prompts"].values()).encode()).hexdigest()[:12]
    said = ask(side + "|" + messages[-1]["content"].replace("\\n", " "))
    if said == "hand over":
        await tools.call("hand_over", {{"reason": "I am not sure."}})
    return "One moment, please." if said else await _by_the_rules(messages, tools, release)
"""


class Noise:
    """Which trials fail; the agent asks by its prompt and the case's request."""

    def __init__(self, cases: list[dict[str, Any]]) -> None:
        self.expects = {_request(case): bool(case["expect"].get("actions")) for case in cases}
        self.start(0)

    def start(self, number: int) -> None:
        """The noise of another check."""
        self.number = number
        self.counts: Counter[str] = Counter()
        requests = sorted(self.expects)
        shuffled = random.Random(number).sample(requests, len(requests))
        self.fails = dict(zip(shuffled, failure_rates(len(requests)), strict=True))

    def answer(self, asked: str) -> str:
        """What the agent does instead of its work; empty: it works."""
        request = asked.partition("|")[2]
        trial = self.counts[asked]
        self.counts[asked] += 1
        drawn = random.Random(f"{self.number}|{asked}|{trial}").random()
        if drawn >= self.fails[request]:
            return ""
        return "nothing" if self.expects[request] else "hand over"


def failure_rates(number: int) -> list[float]:
    """How often a trial fails, for each of so many cases; the flaky ones first."""
    found = [rate for share, rate in KINDS for _ in range(round(share * number))]
    return [*found, *[STEADY] * (number - len(found))]


def _request(case: dict[str, Any]) -> str:
    return str(case["messages"][-1]["content"]).replace("\n", " ")


def more_cases(known: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """So many cases: the scaffold's own, and again with other orders."""
    found = []
    for place in range(number):
        again, which = divmod(place, len(known))
        text = json.dumps(known[which])
        case = json.loads(text.replace("A-1", f"A-{again}1") if again else text)
        if again:
            case["id"] += f"-{again}"
            case["messages"][-1]["content"] += f" This is request {again}."
        found.append(case)
    return found


def git(folder: Path, *arguments: str) -> None:
    """Runs git there, quietly."""
    who = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.com")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def quietly(*arguments: str, folder: Path) -> int:
    """The command, in this process: its exit code."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return run(list(arguments))
    finally:
        os.chdir(before)


@contextlib.contextmanager
def workspace(number: int) -> Iterator[tuple[Path, Noise]]:
    """The scaffold with so many cases and the noisy agent, committed, with its noise."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "work"
        quietly("init", str(folder), folder=Path(name))
        lines = (folder / CASES).read_text("utf-8").splitlines()
        cases = more_cases([json.loads(line) for line in lines], number)
        (folder / CASES).write_text("".join(json.dumps(case) + "\n" for case in cases), "utf-8")
        noise = Noise(cases)
        with answering(noise.answer) as ask:
            agent = folder / SUITE / "agent" / "my_agent.py"
            agent.write_text(agent.read_text("utf-8") + NOISE.format(ask=ask), "utf-8")
            if MIXTURE:
                policy = folder / SUITE / "policy.toml"
                text = policy.read_text("utf-8").replace("margin = 0.10", "margin = 0.05")
                text = text.replace("min_cases = 3", "min_cases = 3\nmargin = 0.9")
                policy.write_text(text.replace("calls = 1000", "calls = 2000"), "utf-8")
            git(folder, "init", "-q", "-b", "main")
            git(folder, "add", "-A")
            git(folder, "commit", "-q", "-m", "base")
            git(folder, "checkout", "-q", "-b", "change")
            yield folder, noise


def check(folder: Path, noise: Noise, change: str, number: int) -> tuple[int, int, float]:
    """One check of one change: exit code, agent calls, seconds."""
    old, new = CHANGES[change]
    prompt = folder / SUITE / "prompts" / "system.md"
    before = prompt.read_text("utf-8")
    assert old in before
    prompt.write_text(before.replace(old, new), "utf-8")
    noise.start(number)
    started = time.perf_counter()
    try:
        code = quietly("check", SUITE.as_posix(), folder=folder)
    finally:
        prompt.write_text(before, "utf-8")
    record = folder / ".dialgate" / "verdict-my-agent.json"
    verdict = json.loads(record.read_text("utf-8"))
    shutil.rmtree(folder / ".dialgate")
    return code, verdict["usage"]["agent_calls"], time.perf_counter() - started


def simulate(checks: int, sizes: list[int]) -> None:
    """Prints a line for every suite: the harmless change by the procedure alone."""
    for number in sizes:
        with workspace(number) as (folder, _):
            loaded, policy = load_workspace(folder / SUITE), load_settings(folder / SUITE).policy
        judged = collect_cases(loaded.cases, actions=loaded.actions).cases
        classes = [tuple(sorted(case.classes)) for case in judged]
        names = {name for each in classes for name in each}
        histories = {name: [(0, 0)] * sum(name in each for each in classes) for name in names}
        rules = derive_rules(histories, policy.gate)
        found = []
        for seed in range(checks):
            rng = np.random.default_rng([seed, number])
            rates = rng.permutation(1 - np.array(failure_rates(number)))
            release = SimulatedRelease(baseline_rates=rates, candidate_rates=rates, classes=classes)
            found.append(
                simulate_gate(
                    release, policy.gate, rng, recorded_trials=1, rules=rules, is_fresh=True
                )
            )
        verdicts = Counter(item.verdict.value for item in found)
        calls = [item.agent_calls for item in found]
        print(
            f"{number} cases, unchanged, simulated: pass {verdicts['pass'] / checks:.3f}, fail "
            f"{verdicts['fail'] / checks:.3f}; calls {np.mean(calls):.0f} / "
            f"{np.percentile(calls, 95):.0f}",
            flush=True,
        )


def main(checks: int, sizes: list[int]) -> None:
    """Prints a line for every suite and change."""
    for number in sizes:
        with workspace(number) as (folder, noise):
            for change in list(CHANGES)[: 1 if MIXTURE else 2]:
                found = [check(folder, noise, change, seed) for seed in range(checks)]
                codes = Counter(code for code, _, _ in found)
                calls = [spent for _, spent, _ in found]
                seconds = np.mean([took for _, _, took in found])
                print(
                    f"{number} cases, {change}: exit 0 in {codes[0]}, 1 in {codes[1]}, 3 in "
                    f"{codes[3]}, others in {checks - codes[0] - codes[1] - codes[3]} of {checks}; "
                    f"calls {np.mean(calls):.0f} / {np.percentile(calls, 95):.0f}; "
                    f"{seconds:.1f} s a check",
                    flush=True,
                )


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:] if not argument.startswith("--")]
    start = simulate if "--simulated" in sys.argv else main
    start(given[0] if given else 50, given[1:] or [17, 40, 60])
