"""What `Dial.mode` costs beside a lookup in a dictionary: `python benchmarks/dial_lookup.py`."""

from __future__ import annotations

import sys
import timeit
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from dialgate import Dial

NUMBER = 100_000
CALLS = {
    "a class without a condition": ("close_ticket", {"ticket_id": "T-1"}),
    "a class with a condition": ("refund_order", {"order_id": "O-1", "amount": 20}),
    "no class": ("unknown", {}),
}


def main() -> None:
    """Prints microseconds a call."""
    dial = Dial.load(Path(__file__).parents[1] / "suites" / "support-desk")
    table = {tool: "in_the_loop" for tool, _ in CALLS.values()}
    floor = timeit.timeit(lambda: table.get("refund_order"), number=NUMBER)
    print(f"dictionary                     {1e6 * floor / NUMBER:6.2f} us")
    for name, (tool, arguments) in CALLS.items():
        took = timeit.timeit(lambda t=tool, a=arguments: dial.mode(t, a), number=NUMBER)  # type: ignore[misc]
        print(f"{name:<30} {1e6 * took / NUMBER:6.2f} us (target 20)")


if __name__ == "__main__":
    main()
