"""How long recorded trials take to be scored, recorded and compared, beside a bare loop.

`python benchmarks/runs/recorded_trials.py [TRIALS]` writes that many trials of four calls for two
releases into a temporary folder, runs `dialgate check` on them and prints microseconds per trial
next to a loop that only parses the same lines, and the peak memory.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from tests.workspaces import RecordedSuite, a_case, a_trial, write_lines

LIMIT_S = 12.0
LIMIT_MB = 400


def write_suite(folder: Path, trials: int) -> RecordedSuite:
    """A suite with as many cases as trials, each of two reads and two refunds."""
    suite = RecordedSuite(folder, refunds=0)
    actions = {
        index: [
            {"name": "refund", "arguments": {"id": f"{index}-{part}", "amount": index / 100}}
            for part in range(2)
        ]
        for index in range(trials)
    }
    suite.cases = [a_case(f"case-{index:06d}", actions[index]) for index in range(trials)]
    suite.write_cases()
    for version in ("1", "2"):
        lines = []
        for index in range(trials):
            reads = [
                {"name": "look_up", "arguments": {"id": f"{index}-{part}"}} for part in range(2)
            ]
            calls = [*reads, *actions[index][: 1 if version == "2" and index % 50 == 0 else 2]]
            lines.append(a_trial(f"case-{index:06d}", calls))
        write_lines(suite.transcript(version), lines)
    return suite


def parse_only(suite: RecordedSuite) -> float:
    """Seconds that a bare loop needs to parse the same lines."""
    began = time.perf_counter()
    for version in ("1", "2"):
        with suite.transcript(version).open("rb") as file:
            for line in file:
                json.loads(line)
    return time.perf_counter() - began


def main() -> int:
    """Prints the figures; exit code 1 where a limit is passed."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        suite = write_suite(folder / "shop", trials // 2)
        floor_s = parse_only(suite)
        command = [
            *(sys.executable, "-m", "dialgate", "check", str(suite.folder)),
            *("--release", "releases/2.toml", "--baseline", "releases/1.toml"),
            *("--out", str(folder / "out"), "--json", os.devnull),
        ]
        began = time.perf_counter()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)}
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
        wall_s = time.perf_counter() - began
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{trials:,} trials of four calls, both releases together: exit {done.returncode}")
    print(
        f"check        {wall_s:6.2f} s  {1e6 * wall_s / trials:7.1f} us a trial  {peak_mb:.0f} MB"
    )
    print(f"parsing only {floor_s:6.2f} s  {1e6 * floor_s / trials:7.1f} us a trial")
    print(f"ratio        {wall_s / floor_s:6.1f}")
    print(f"limits: {LIMIT_S:g} s and {LIMIT_MB} MB")
    return int(wall_s > LIMIT_S or peak_mb > LIMIT_MB)


if __name__ == "__main__":
    sys.exit(main())
