"""What a lookup costs beside one in a dictionary, and an import.

`python benchmarks/dial/dial_lookup.py`: `Dial.mode` of the whole package, and of a runtime that has
nothing else, with leases. A condition that only the slower validator judges (a pattern) is the
worst that a suite can ask for. An import is told beside a bare start of Python.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import timeit
from pathlib import Path
from typing import TYPE_CHECKING, Any

PROJECT = Path(__file__).resolve().parents[2]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from dialgate import Dial
from dialgate_runtime import Dial as RuntimeDial
from dialgate_runtime.leases.ed25519 import verify
from dialgate_runtime.leases.rules import SKEW_S

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER, ROUNDS = 500, 80
TARGET_US, TARGET_MS = 20, 20
STARTS = 25
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
SIGNED = (
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a"
    ),
)
"""Key, message and signature of RFC 8032, section 7.1, TEST 3."""


def fastest(call: Callable[[], object], number: int = NUMBER) -> float:
    """Microseconds a call, of the fastest of many rounds: other work on the machine only adds."""
    return 1e6 * min(timeit.repeat(call, number=number, repeat=ROUNDS)) / number


def leased(document: dict[str, Any]) -> dict[str, Any]:
    """The dial with every write on the loop by a lease that counts for an hour."""
    now = int(time.time())
    lease = {"mode": "on_the_loop", "issued_at": now, "not_after": now + 3600}
    for item in document["classes"]:
        item["mode"], item["lease"] = "on_the_loop", lease
    rules = {"schema": 1, "required": True, "skew_s": SKEW_S, "keys": [], "revoked": []}
    return {**document, "lease": rules}


def start_ms(script: str) -> float:
    """Milliseconds of processor of the cheapest of many starts of a fresh interpreter."""
    command = [sys.executable, "-S", "-c", script]
    took = []
    for _ in range(STARTS):
        child = subprocess.Popen(command, cwd=PROJECT, env={"PATH": os.defpath})
        _, status, used = os.wait4(child.pid, 0)
        assert status == 0
        child.returncode = 0
        took.append(used.ru_utime + used.ru_stime)
    return 1e3 * min(took)


def main() -> None:
    """Prints microseconds a call and milliseconds a start."""
    desk = Dial.load(PROJECT / "suites" / "support-desk")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "actions.toml").write_text(PATTERN, "utf-8")
        patterns = Dial.load(folder)
        path = Path(folder, "dial.json")
        path.write_text(json.dumps(leased(desk.as_json())), "utf-8")
        runtime = RuntimeDial.load(path)
    table = {tool: "in_the_loop" for tool, _ in CALLS.values()}
    print(f"{'a dictionary':<40} {fastest(lambda: table.get('refund_order')):6.2f} us")
    for name, (tool, arguments) in CALLS.items():
        dial = patterns if "pattern" in name else desk
        took = fastest(lambda d=dial, t=tool, a=arguments: d.mode(t, a))
        print(f"{name:<40} {took:6.2f} us (target {TARGET_US})")
        took = fastest(lambda t=tool, a=arguments: runtime.mode(t, a))
        print(f"{'… by the runtime alone, with leases':<40} {took:6.2f} us (target {TARGET_US})")
    key, message, signature = (bytes.fromhex(text) for text in SIGNED)
    took = fastest(lambda: verify(key, message, signature), number=5)
    print(f"{'a signature, when a lease is read':<40} {took:6.0f} us")
    bare = start_ms("pass")
    for name, script in (
        ("import dialgate_runtime", "import dialgate_runtime"),
        ("… and everything in it", "from dialgate_runtime import Dial, ReviewLog"),
    ):
        took = start_ms(script)
        more = took - bare
        print(f"{name:<40} {more:6.1f} ms (target {TARGET_MS}), {took / bare:.2f} bare starts")


if __name__ == "__main__":
    main()
