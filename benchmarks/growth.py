"""How time and memory grow with trials and events, from running to recommending.

`python benchmarks/growth.py` goes from 1,000 to 100,000 trials and 1,000,000 events; `--trials N`
and `--events N` go further (1,000,000 trials and 10,000,000 events take an hour and 10 GB of disk),
`--only NAME` measures a part. Prints a table; `--write` adds the figures to those that are kept in
docs/explanation/growth.json, and makes the chart and the table of the documentation from them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

PROJECT = Path(__file__).resolve().parents[1]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS
os.environ["PYTHONPATH"] = os.pathsep.join(PATHS)

from growing.chart import draw
from growing.figures import Figure, as_table
from growing.on_paper import on_paper
from peers.tools import ONE_CHILD, make_suite
from review_events import dialgate, write_events, write_workspace

from tests.workspaces import RecordedSuite, a_case, a_refund, a_trial, write_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from review_events import Cost

KEPT = PROJECT / "docs" / "explanation" / "growth.json"
PAGE = PROJECT / "docs" / "explanation" / "growth.md"
CHART = PROJECT / "docs" / "images" / "growth.svg"
MOST_CASES = 10_000
"""Cases of the largest runs: further trials are more of each, as no suite has a million cases."""


def figure(command: str, size: int, cost: Cost) -> Figure:
    """A cost as a figure."""
    return Figure(
        command=command,
        size=size,
        processor_s=round(cost.cpu, 2),
        seconds=round(cost.seconds, 2),
        memory_mb=round(1024 * cost.gigabytes),
    )


def run_instantly(folder: Path, size: int) -> Iterator[Figure]:
    """An agent that answers at once, every trial run for real and on record."""
    os.environ["DELAY_S"] = "0"
    cases = min(size, MOST_CASES)
    make_suite("arguments", ONE_CHILD)(folder, cases)
    words = ("run", "shop", "--trials", str(size // cases))
    yield figure("run", size, dialgate(folder, *words))


def score_and_compare(folder: Path, size: int) -> Iterator[Figure]:
    """Recorded trials of two releases: read, scored and on record, then compared and shown."""
    cases = min(size, MOST_CASES)
    suite = RecordedSuite(folder, refunds=0)
    names = [f"refund-{number:06d}" for number in range(cases)]
    suite.cases = [a_case(name, [a_refund(name)]) for name in names]
    suite.write_cases()
    for version in ("1", "2"):
        write_lines(
            suite.transcript(version),
            (
                a_trial(name, [a_refund(name)], trial=trial)
                for trial in range(size // cases)
                for name in names
            ),
        )
    records = []
    for version in ("1", "2"):
        out = f"out-{version}"
        words = ("run", ".", "--release", f"releases/{version}.toml", "--out", out)
        cost = dialgate(folder, *words)
        records += [str(path) for path in (folder / out).glob("run-*")]
    yield figure("score", size, cost)
    yield figure("compare", size, dialgate(folder, "diff", *records, "--json", "verdict.json"))
    page = ("report", "verdict.json", "--html", "report.html")
    yield figure("report", size, dialgate(folder, *page))


def count_events(folder: Path, size: int) -> Iterator[Figure]:
    """Review events in Parquet: counted, and judged."""
    write_workspace(folder)
    write_events(folder / "events.parquet", size, 0, size)
    yield figure("evidence", size, dialgate(folder, "evidence", ".", "events.parquet"))
    words = ("dial", "recommend", ".", "events.parquet")
    yield figure("dial recommend", size, dialgate(folder, *words))


PARTS: dict[str, tuple[str, Callable[[Path, int], Iterator[Figure]]]] = {
    "run": ("trials", run_instantly),
    "score": ("trials", score_and_compare),
    "events": ("events", count_events),
}


def sizes_to(most: int) -> list[int]:
    """From 1,000 by tens."""
    return [1000 * 10**power for power in range(6) if 1000 * 10**power <= most]


def write(figures: list[Figure]) -> None:
    """Keeps the figures, and makes chart and table from all that are kept."""
    kept = {(item["command"], item["size"]): Figure(**item) for item in read_kept()}
    kept.update({(item.command, item.size): item for item in figures})
    whole = [kept[key] for key in sorted(kept)]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    document = {"machine": machine, "figures": [asdict(item) for item in whole]}
    KEPT.write_text(json.dumps(document, indent=1) + "\n")
    CHART.write_text(draw(whole))
    PAGE.write_text(with_figures(PAGE.read_text(), machine, whole))


def with_figures(page: str, machine: str, figures: list[Figure]) -> str:
    """The page with the table and the reckoning of these figures between its marks."""
    for name, text in (
        ("table", f"{machine}\n\n{as_table(figures)}"),
        ("on paper", on_paper(figures)),
    ):
        begin, end = f"<!-- {name}: begin -->\n", f"\n<!-- {name}: end -->"
        whole = f"{begin}{text}{end}"
        page = re.sub(f"{begin}.*?{end}", lambda _, whole=whole: whole, page, flags=re.DOTALL)
    return page


def read_kept() -> list[dict[str, object]]:
    """The figures of the documentation."""
    return list(json.loads(KEPT.read_text())["figures"]) if KEPT.exists() else []


def main() -> None:
    """Measures, prints and, where asked, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100_000, help="up to so many")
    parser.add_argument("--events", type=int, default=1_000_000, help="up to so many")
    parser.add_argument("--least", type=int, default=1_000, help="from so many")
    parser.add_argument("--only", action="append", choices=list(PARTS))
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    figures = []
    for name, (kind, measured) in PARTS.items():
        if asked.only and name not in asked.only:
            continue
        for size in sizes_to(asked.trials if kind == "trials" else asked.events):
            if size < asked.least:
                continue
            with tempfile.TemporaryDirectory(prefix="dialgate-growth-") as folder:
                os.environ["HOME"] = folder
                for found in measured(Path(folder), size):
                    sys.stderr.write(f"{found}\n")
                    figures.append(found)
            if asked.write:
                write(figures)
    print(as_table(figures))


if __name__ == "__main__":
    main()
