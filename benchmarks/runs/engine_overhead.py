"""What the engine costs a trial, beside a bare asyncio loop that writes the same JSON lines.

`python benchmarks/runs/engine_overhead.py` runs 10,000 instant trials with the agent in its own
process and with one for all, records them, and 2,000 trials of an agent that waits 50 ms; it prints
microseconds a trial over the bare loop, and the ratio to the ideal wall time. Preparing a case is
paid once, so a thousand cases ten times cost less than ten thousand cases. Each figure is the
median of five runs, each beside a bare loop of its own: machines change their pace by the second.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from dialgate.runs.live_runs import run_agent
from dialgate.runs.recorded_run import RunOptions
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import RecordedSuite, a_trial

INSTANT = """
async def respond(messages, tools, release):
    case = messages[0]["content"].split()[-1].rstrip(".")
    await tools.call("refund", {"id": case, "amount": 10})
    return "Done."
"""
RUNS = 5
WAITING = INSTANT.replace("    await tools", "    await asyncio.sleep(0.05)\n    await tools")


def bare_loop(trials: int, path: Path) -> float:
    """Seconds of a loop that awaits once and writes a trial's JSON line, trial by trial."""
    line = json.dumps(a_trial("refund-000", [{"name": "refund", "arguments": {"id": "x"}}]))
    document = json.loads(line)

    async def run() -> None:
        with path.open("w") as file:
            for _ in range(trials):
                await asyncio.sleep(0)
                file.write(json.dumps(document) + "\n")

    began = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - began


def engine_run(
    folder: Path, cases: int, agent: str, isolation: str, concurrency: int, trials: int = 1
) -> float:
    """Seconds of a whole run, record written; start-up of the agent's processes included."""
    suite = RecordedSuite(folder / "shop", refunds=cases)
    suite.write("agent.py", "import asyncio\n" + agent)
    text = (suite.folder / "suite.toml").read_text()
    suite.write(
        "suite.toml",
        f"{text[: text.index('[agent]')]}concurrency = {concurrency}\n[agent]\n"
        f'kind = "python"\ntarget = "agent:respond"\nisolation = "{isolation}"\n',
    )
    workspace = load_workspace(suite.folder)
    release = workspace.release()
    began = time.perf_counter()
    run_agent(
        workspace,
        release,
        cases=workspace.cases,
        actions=workspace.actions,
        options=RunOptions(out=folder / "out", trials=trials),
    )
    return time.perf_counter() - began


def started(cases: int, agent: str, isolation: str, trials: int = 1) -> float:
    """Seconds of a run, less those of a run of one trial: processes have to be started."""
    with tempfile.TemporaryDirectory() as name:
        start_s = engine_run(Path(name) / "one", 1, INSTANT, isolation, 1)
        return engine_run(Path(name) / "all", cases, agent, isolation, 100, trials) - start_s


def floor() -> float:
    """Seconds of the bare loop."""
    with tempfile.TemporaryDirectory() as name:
        return bare_loop(10_000, Path(name) / "floor")


def main() -> None:
    """Prints each figure with its target."""
    started(1, INSTANT, "none")  # imports what a run needs
    floor_s = statistics.median(floor() for _ in range(RUNS))
    print(f"bare loop      {1e6 * floor_s / 10_000:7.1f} us a trial")
    for isolation, target in (("process", 150), ("none", 150)):
        for cases, trials in ((1_000, 10), (10_000, 1)):
            over_s = [started(cases, INSTANT, isolation, trials) - floor() for _ in range(RUNS)]
            over = 1e6 * statistics.median(over_s) / 10_000
            what = f"isolation {isolation}, {cases:,} cases {trials} times each"
            print(f"{what:<46}{over:7.1f} us a trial over it (target {target})")
    wall_s = statistics.median(started(2_000, WAITING, "process") for _ in range(RUNS))
    print(f"2,000 trials of 50 ms, 100 at once: {wall_s:.2f} s, {wall_s:.2f} times the ideal")


if __name__ == "__main__":
    main()
