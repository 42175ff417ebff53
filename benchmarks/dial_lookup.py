"""What `Dial.mode` costs beside a lookup in a dictionary: `python benchmarks/dial_lookup.py`.

A condition that only the slower validator judges (a pattern) is the worst that a suite can ask for.
"""

from __future__ import annotations

import sys
import tempfile
import timeit
from pathlib import Path
from typing import TYPE_CHECKING

PROJECT = Path(__file__).resolve().parents[1]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from dialgate import Dial

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = 20_000
TARGET_US = 20
PATTERN = """schema = 1
[class.internal]
tools = ["send_email"]
when = { properties = { to = { pattern = "@shop[.]example$" } }, required = ["to"] }
effect = "write"
blast_radius = "low"
reversible = true
"""
MAIL = {"to": "ada@shop.example", "subject": "Your invoice", "attachments": ["invoice"]}
REFUND = {"order_id": "O-1", "reason": "late", "request_id": "R-1-1"}
CALLS = {
    "a class without a condition": ("close_ticket", {"ticket_id": "T-1", "resolution": "solved"}),
    "the first of two conditions": ("refund_order", {**REFUND, "amount": 20}),
    "the second of two conditions": ("refund_order", {**REFUND, "amount": 120}),
    "arguments that the schema refuses": ("refund_order", {"order_id": "O-1"}),
    "a condition with a pattern": ("send_email", MAIL),
    "a tool that no class holds": ("unknown", {}),
    "arguments that are no object": ("close_ticket", None),
}


def fastest(call: Callable[[], object]) -> float:
    """Microseconds a call, of the fastest of five rounds: other work on the machine only adds."""
    return 1e6 * min(timeit.repeat(call, number=NUMBER, repeat=5)) / NUMBER


def main() -> None:
    """Prints microseconds a call."""
    desk = Dial.load(Path(__file__).parents[1] / "suites" / "support-desk")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "actions.toml").write_text(PATTERN, "utf-8")
        patterns = Dial.load(folder)
    table = {tool: "in_the_loop" for tool, _ in CALLS.values()}
    print(f"{'a dictionary':<30} {fastest(lambda: table.get('refund_order')):6.2f} us")
    for name, (tool, arguments) in CALLS.items():
        dial = patterns if "pattern" in name else desk
        took = fastest(lambda d=dial, t=tool, a=arguments: d.mode(t, a))
        print(f"{name:<30} {took:6.2f} us (target {TARGET_US})")


if __name__ == "__main__":
    main()
