"""What `fuzz` finds on the example, and how often it is wrong: planted defects and a sound agent.

    python benchmarks/runs/fuzz_findings.py [--runs 20] [--searches 1] [--budget 900]
        [--first-seed 0]

Each of the planted defects of the tests is searched with every relation; then the sound agent, of
which a sixth of the cases fails in 20 % of the trials, in so many searches with different seeds.
Ends with 1 where a search misses its defect, a case has more than three messages, or noise is a
finding.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]

from dialgate.runs.fuzzing.drawing import use_folder
from dialgate.runs.fuzzing.search import Found, FuzzSearch
from dialgate_evals.fuzzing.registry import REGISTRY
from tests.dialgate.runs.fuzzing.defects import DEFECTS
from tests.dialgate.runs.fuzzing.desk import Desk, DeskTrials


def search(trials: DeskTrials, seed: int) -> Found:
    """One search with every relation."""
    return FuzzSearch(
        relations=REGISTRY,
        parents=trials.workspace.cases,
        around=trials.around,
        trials=trials,
        seed=seed,
    ).run()


def main() -> int:
    """Runs both and says what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--searches", type=int, default=1, help="of each defect, a seed each")
    parser.add_argument("--budget", type=int, default=900)
    parser.add_argument("--first-seed", type=int, default=0, help="of searches and of the noise")
    asked = parser.parse_args()
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        use_folder(Path(folder))
        for name, (desk, relations) in DEFECTS.items():
            named, most, spent = 0, 0, 0
            for seed in range(asked.first_seed, asked.first_seed + asked.searches):
                trials = DeskTrials(desk, asked.budget)
                found = search(trials, seed=seed)
                named += relations <= {item.variant.relation.name for item in found.findings}
                lengths = [len(item.variant.case.messages) for item in found.findings]
                most, spent = max([most, *lengths]), max(spent, asked.budget - trials.left)
            print(
                f"{name}: by its own relation in {named} of {asked.searches} searches; at most "
                f"{spent} trials, {most} messages"
            )
            is_good &= named == asked.searches and most <= 3 and spent <= asked.budget
        false, began = 0, time.monotonic()
        for seed in range(asked.first_seed, asked.first_seed + asked.runs):
            trials = DeskTrials(Desk(), asked.budget, noise=0.2, seed=seed)
            found = search(trials, seed=seed)
            false += len(found.findings)
            for item in found.findings:
                print(f"false: seed {seed}, {item.variant.seed}: {item.variant.what}")
            is_good &= trials.left >= 0
        print(
            f"{false} false findings in {asked.runs} searches of the sound agent, "
            f"{(time.monotonic() - began) / max(1, asked.runs):.1f} s each"
        )
    return 0 if is_good and not false else 1


if __name__ == "__main__":
    raise SystemExit(main())
