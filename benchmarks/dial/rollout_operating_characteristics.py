"""How often a rollout promotes and rolls back wrongly, looked at after every ten tasks.

python benchmarks/dial/rollout_operating_characteristics.py [STREAMS] [TASKS]

Each row is a baseline's rate and a candidate's; a stream shares its tasks out at random by the
policy's share. Printed: ever promoted, ever rolled back (each over all looks, not only until the
first decision), and the median of the candidate's tasks until the first decision.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2] / name) for name in (".", "evals", "gate", "reports")]

from tests.gate.live.rollout.streams import RATES, Stream, simulate


def main(streams: int = 1000, tasks: int = 20_000) -> None:
    """Prints the table."""
    print(f"{streams} streams of {tasks:,} tasks; share 0.05 and 0.5, margin 0.05, alpha 0.05")
    print(
        "| share | baseline | candidate | ever promoted | ever rolled back | decided by (median) |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for share in (0.05, 0.5):
        for baseline, candidate in RATES:
            found = simulate(
                Stream(baseline=baseline, candidate=candidate, share=share, tasks=tasks),
                streams=streams,
                seed=20261129,
            )
            median = "never" if found.median is None else f"{found.median:,}"
            print(
                f"| {share:g} | {baseline:g} | {candidate:g} | {found.promoted:.3f} "
                f"| {found.rolled_back:.3f} | {median} |"
            )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
