"""What a sealed trial costs beside an unsealed one, and beside one process for all trials.

`python benchmarks/sealed_trials.py` runs 5,000 instant trials (1,000 cases five times) in pairs:
with walls and without, each with the agent in its own processes and with `isolation = "none"`. A
ratio is the median over the pairs, as machines change their pace by the second; what starting the
processes costs is measured by a run of one trial, printed, and taken off. Of the machine's walls
the strongest are taken.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]

from dialgate_evals.running.containment.machine import CHOICE, find_walls, machine_walls
from dialgate_evals.running.containment.walls import Means

from benchmarks.engine_overhead import INSTANT, engine_run

PAIRS = 5
CASES, TRIALS = 1_000, 5
TARGET = 1.3


def run_s(isolation: str, means: Means) -> tuple[float, float]:
    """Seconds of the trials, and of starting the agent's processes for one."""
    os.environ[CHOICE] = means.value
    machine_walls.cache_clear()
    machine_walls()  # tried once in a process
    with tempfile.TemporaryDirectory() as name:
        start_s = engine_run(Path(name) / "one", 1, INSTANT, isolation, 1)
        all_s = engine_run(Path(name) / "all", CASES, INSTANT, isolation, 100, TRIALS)
    return all_s - start_s, start_s


def main() -> None:
    """Prints each form's cost, and the ratios with their target."""
    found = find_walls()
    print(f"walls by {found.means.value}")
    run_s("none", Means.NOTHING)  # imports what a run needs
    for isolation in ("process", "none"):
        pairs = [
            (run_s(isolation, Means.NOTHING), run_s(isolation, found.means)) for _ in range(PAIRS)
        ]
        for label, side in (("unsealed", 0), ("sealed", 1)):
            each = 1e6 * statistics.median(pair[side][0] for pair in pairs) / (CASES * TRIALS)
            start = statistics.median(pair[side][1] for pair in pairs)
            what = f"{label}, isolation {isolation}"
            print(f"{what:<30}{each:7.1f} us a trial, {start:.2f} s for a run of one")
        ratio = statistics.median(sealed[0] / unsealed[0] for unsealed, sealed in pairs)
        print(f"sealed trials cost {ratio:.2f} times unsealed ones (at most {TARGET})")


if __name__ == "__main__":
    main()
