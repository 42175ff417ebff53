"""What the gate sees: blocked, caught and calls on simulated suites, by the real procedure.

`python benchmarks/gate_operating_characteristics.py` prints the table of the verdicts reference.
The simulation is the one that the tests hold to its bounds.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.gate.test_confirmation import gates


def main() -> None:
    """Prints share of gates that show a regression and mean calls, 500 gates a cell."""
    began = time.perf_counter()
    print(f"{'cases':>6} {'classes':>8} {'broken':>7} {'shown':>7} {'calls':>7}")
    for cases, classes in ((30, 1), (100, 1), (300, 1), (300, 12)):
        for broken in (0.0, 0.10, 0.03):
            shown, calls = gates(cases, broken, classes)
            print(f"{cases:>6} {classes:>8} {broken:>7.2f} {shown:>7.3f} {calls:>7.1f}")
    print(f"{time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
