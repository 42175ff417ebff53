"""How long `fleet` takes over 40 suites with 10 million review events in Parquet.

Each suite has the twelve classes of benchmarks/dial/review_events.py, an even part of the events
and, with `--signals`, a `[watch]` on cost, latency, escalations and retry loops, whose tasks are
looked at one by one. Run `python benchmarks/dial/fleet.py`; `--suites N`, `--events N` for other
numbers. Needs about 0.4 GB of disk for 10 million events, in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT)]

from benchmarks.dial.review_events import Cost, dialgate, write_events, write_workspace

NOW = "2026-11-01"
"""A day after the last event."""
SIGNALS = """
[watch.cost_usd]
limit = 0.1
[watch.latency_p95_ms]
limit = 6000
[watch.escalation_rate]
limit = 0.2
[watch.retry_loops]
limit = 0.2
"""


def write_fleet(folder: Path, suites: int, events: int, *, signals: bool) -> None:
    """The suites, and an even part of the events for each."""
    (folder / "events").mkdir()
    for number in range(suites):
        name = f"agent-{number:02d}"
        suite = folder / "suites" / name
        suite.mkdir(parents=True)
        write_workspace(suite)
        path = suite / "suite.toml"
        path.write_text(path.read_text().replace('"bench"', f'"{name}"'))
        if signals:
            policy = suite / "policy.toml"
            policy.write_text(policy.read_text() + SIGNALS)
        own = (number + 1) * events // suites - number * events // suites
        # Each has a feed of its own over all days and releases.
        write_events(folder / "events" / f"{name}.parquet", own, 0, own)


def measure_fleet(folder: Path) -> Cost:
    """One `fleet` over all of them, from its start to its page."""
    return dialgate(
        folder, "fleet", "suites", "--events", "events/{name}.parquet", "--now", NOW,
        "--json", "fleet.json", "--html", "fleet.html",
    )  # fmt: skip


def main() -> None:
    """Prints a line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--suites", type=int, default=40)
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--signals", action="store_true")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dialgate-fleet-") as name:
        folder = Path(name)
        write_fleet(folder, asked.suites, asked.events, signals=asked.signals)
        size = sum(path.stat().st_size for path in (folder / "events").iterdir()) / 2**20
        cost = measure_fleet(folder)
        document = json.loads((folder / "fleet.json").read_text())
        counted = sum(item["events"]["counted"] for item in document["suites"])
        classes = sum(len(item["classes"]) for item in document["suites"])
        page = (folder / "fleet.html").stat().st_size / 2**20
        print(
            f"fleet{' with [watch]' if asked.signals else ''}: {len(document['suites'])} suites, "
            f"{classes} classes, {counted:,} events ({size:,.0f} MB) in {cost}; "
            f"page {page:.1f} MB; {os.cpu_count()} cores"
        )


if __name__ == "__main__":
    main()
