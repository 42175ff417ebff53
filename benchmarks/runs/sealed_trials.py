"""What a sealed trial costs beside an unsealed one, and beside the two forms that had no walls.

`python benchmarks/runs/sealed_trials.py` runs 5,000 instant trials (1,000 cases five times) in
rounds of five runs: sealed and unsealed with the agent in processes of its own, the same with
`isolation = "none"` (one child for all trials), and the agent's function called in the engine's own
process, as it was before anything was walled off. The in-process form is made here alone; no
command can reach it. A ratio is the median over the rounds, as machines change their pace by the
second; what starting the processes costs is measured by a run of one trial, printed, and taken off.
Of the machine's walls the strongest are taken. Prints the table of docs/explanation/walls.md.
"""

from __future__ import annotations

import os
import runpy
import statistics
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]

from benchmarks.runs.engine_overhead import INSTANT, engine_run
from dialgate_evals.running.agent_protocol import AgentReply
from dialgate_evals.running.containment.machine import CHOICE, find_walls, machine_walls
from dialgate_evals.running.containment.walls import Means

if TYPE_CHECKING:
    from dialgate_evals.running.agent_protocol import ToolSession, TrialInput
    from dialgate_evals.suite.release import Release

ROUNDS = 7
CASES, TRIALS = 1_000, 5
TARGET = 1.3
IN_PROCESS = "the agent's function in the engine's process"


class InProcessAgent:
    """The suite's function, called where the engine runs: nothing contains it."""

    most_in_flight = None

    def __init__(
        self, _suite: object, *, release: Release, suite_folder: Path, **_: object
    ) -> None:
        self._respond = runpy.run_path(str(suite_folder / "agent.py"))["respond"]
        self._release = release.for_agent()

    async def start(self) -> None:
        """There is nothing to start."""

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """One trial."""
        text = await self._respond(trial.messages, _Tools(tools), self._release)
        return AgentReply(text=text)

    async def close(self) -> None:
        """There is nothing to end."""


class _Tools:
    def __init__(self, session: ToolSession) -> None:
        self._session = session

    async def call(self, name: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON data
        return (await self._session.call(name, arguments)).content


def _in_this_process() -> AbstractContextManager[object]:
    return patch("dialgate_evals.running.executors.executor.open_agent", InProcessAgent)


def run_s(form: str, means: Means) -> tuple[float, float]:
    """Seconds of the trials, and of a run of one trial, which starts the agent's processes."""
    os.environ[CHOICE] = means.value
    machine_walls.cache_clear()
    machine_walls()  # tried once in a process
    isolation = "none" if form == IN_PROCESS else form
    context = _in_this_process() if form == IN_PROCESS else nullcontext()
    with tempfile.TemporaryDirectory() as name, context:
        start_s = engine_run(Path(name) / "one", 1, INSTANT, isolation, 1)
        all_s = engine_run(Path(name) / "all", CASES, INSTANT, isolation, 100, TRIALS)
    return all_s - start_s, start_s


def main() -> None:
    """Prints each form's cost, and its ratio to the sealed and unsealed ones."""
    found = find_walls()
    forms = {
        "sealed, own processes": ("process", found.means),
        "unsealed, own processes": ("process", Means.NOTHING),
        "sealed, one child": ("none", found.means),
        "unsealed, one child": ("none", Means.NOTHING),
        IN_PROCESS: (IN_PROCESS, Means.NOTHING),
    }
    for form, means in forms.values():
        run_s(form, means)  # imports what a run needs
    rounds = [{name: run_s(*how) for name, how in forms.items()} for _ in range(ROUNDS)]
    print(f"walls by {found.means.value}; {ROUNDS} rounds of {CASES * TRIALS:,} trials\n")
    print("| form | a trial | a run of one trial | times unsealed, own processes |")
    print("| --- | ---: | ---: | ---: |")
    for name in forms:
        each = 1e6 * statistics.median(each[name][0] for each in rounds) / (CASES * TRIALS)
        start = statistics.median(each[name][1] for each in rounds)
        print(f"| {name} | {each:.0f} µs | {start:.2f} s | {_ratio(rounds, name):.2f} |")
    one_child = _ratio(rounds, "sealed, one child", "unsealed, one child")
    sealed = _ratio(rounds, "sealed, own processes")
    print(f"\nSealed trials cost {sealed:.2f} times unsealed ones (at most {TARGET});")
    print(f"with one child for all trials {one_child:.2f} times.")
    sys.exit(sealed > TARGET)


def _ratio(
    rounds: list[dict[str, tuple[float, float]]],
    name: str,
    beside: str = "unsealed, own processes",
) -> float:
    return statistics.median(each[name][0] / each[beside][0] for each in rounds)


if __name__ == "__main__":
    main()
