"""Runs the benchmarks, keeps their ratios in a history, and says which got slower than it shows.

`python benchmarks/trend.py HISTORY.jsonl [--commit SHA]` appends a line and prints a table. Ratios
to a floor in the same run are compared, as machines differ from night to night. Exit code 1 where a
ratio is more than half over the median of the last nights, of which there must be five.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

PROJECT = Path(__file__).resolve().parents[1]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from dialgate_evals.files.file_writing import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NIGHTS = 10
LEAST_NIGHTS = 5
MOST = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A ratio that a benchmark prints, or two figures that make one."""

    name: str
    script: str
    figure: str
    # pattern with one group
    floor: str | None = None
    # the same; None: the figure is a ratio
    is_over_floor: bool = False
    # whether the figure is what comes on top of the floor


FIGURES = (
    Figure(
        name="a case as a pytest item, over a bare item",
        script="runs/pytest_items.py",
        figure=r"^ratio ([\d.]+)",
    ),
    Figure(
        name="a recorded trial judged, over parsing it",
        script="runs/recorded_trials.py",
        figure=r"^ratio +([\d.]+)",
    ),
    Figure(
        name="a trial in a process of its own, over a bare loop",
        script="runs/engine_overhead.py",
        figure=r"^isolation process, 1,000 cases 10 times each +([\d.]+)",
        floor=r"^bare loop +([\d.]+)",
        is_over_floor=True,
    ),
    Figure(
        name="trials that wait 50 ms, over the ideal",
        script="runs/engine_overhead.py",
        figure=r" s, ([\d.]+) times the ideal",
    ),
    Figure(
        name="Dial.mode with a condition, over a dictionary",
        script="dial/dial_lookup.py",
        figure=r"^the second of two conditions +([\d.]+)",
        floor=r"^a dictionary +([\d.]+)",
    ),
    Figure(
        name="the same in a runtime alone, with leases",
        script="dial/dial_lookup.py",
        figure=r"^the second of two conditions.*\n… by the runtime alone, with leases +([\d.]+)",
        floor=r"^a dictionary +([\d.]+)",
    ),
    Figure(
        name="the runtime's import, over a bare start",
        script="dial/dial_lookup.py",
        figure=r"^… and everything in it .* ([\d.]+) bare starts",
    ),
)


def read_figures(outputs: Mapping[str, str]) -> dict[str, float]:
    """Every ratio, of what the scripts printed. Raises ValueError where one is not there."""
    return {item.name: _ratio(item, outputs[item.script]) for item in FIGURES}


def _ratio(item: Figure, text: str) -> float:
    value = _find(item, item.figure, text)
    if item.floor is None:
        return value
    floor = _find(item, item.floor, text)
    return round((value + floor * item.is_over_floor) / floor, 4)


def _find(item: Figure, pattern: str, text: str) -> float:
    found = re.search(pattern, text, flags=re.MULTILINE)
    if found is None:
        raise ValueError(f"{item.script} printed nothing like {pattern!r}:\n{text}")
    return float(found[1])


def compare(now: Mapping[str, float], before: Sequence[Mapping[str, float]]) -> list[str]:
    """The names of ratios that are over the limit; none where there are too few nights."""
    slower = []
    for name, value in now.items():
        usual = median_of(name, before)
        if usual is not None and value > MOST * usual:
            slower.append(name)
    return slower


def median_of(name: str, before: Sequence[Mapping[str, float]]) -> float | None:
    """The usual ratio of the last nights; None where there are too few."""
    known = [night[name] for night in before if name in night][-NIGHTS:]
    return statistics.median(known) if len(known) >= LEAST_NIGHTS else None


def render(now: Mapping[str, float], before: Sequence[Mapping[str, float]]) -> str:
    """The table for a job's summary."""
    slower = compare(now, before)
    lines = ["| ratio | now | median before | |", "| --- | ---: | ---: | --- |"]
    for name, value in now.items():
        usual = median_of(name, before)
        shown = "–" if usual is None else f"{usual:.2f}"
        lines.append(f"| {name} | {value:.2f} | {shown} | {'slower' if name in slower else ''} |")
    return "\n".join(lines)


def read_history(path: Path) -> list[dict[str, float]]:
    """Every night's ratios, the oldest first."""
    if not path.exists():
        return []
    return [json.loads(line)["ratios"] for line in path.read_text("utf-8").splitlines()]


def run_scripts() -> dict[str, str]:
    """What each benchmark printed; one that is over its own limit still has figures."""
    folder = Path(__file__).parent
    names = dict.fromkeys(item.script for item in FIGURES)
    return {
        name: subprocess.run(
            [sys.executable, str(folder / name)], stdout=subprocess.PIPE, text=True, check=False
        ).stdout
        for name in names
    }


def main() -> int:
    """Measures, appends, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", type=Path)
    parser.add_argument("--commit", default="")
    arguments = parser.parse_args()
    before = read_history(arguments.history)
    now = read_figures(run_scripts())
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": arguments.commit,
            "ratios": now}  # fmt: skip
    old = arguments.history.read_bytes() if arguments.history.exists() else b""
    write_atomically(arguments.history, old + json.dumps(line).encode("ascii") + b"\n")
    print(render(now, before))
    return 1 if compare(now, before) else 0


if __name__ == "__main__":
    sys.exit(main())
