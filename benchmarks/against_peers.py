"""Whole processes of dialgate and its peers on the same work, in turn, and a table.

`make bench` runs 1,000 and 10,000 distinct cases of one scripted call, instant and after 50 ms. A
figure a case is the slope between the two sizes, the median over rounds in which every tool has its
turn; processor time and peak memory are of the process and all that it started. Each peer comes
from its package, in an environment of its own below `.bench/`; `--only NAME`, `--rounds N`,
`--small`.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


from peers.tools import PATHS, TOOLS, Peer, install
from peers.walled_processes import Walled


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one whole process cost."""

    seconds: float
    processor_s: float
    memory_mb: float
    disk_bytes: int


def run_once(peer: Peer, cases: int, delay_s: float) -> Cost:
    """Runs the whole process once, in a folder of its own. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer.prepare(folder, cases)
        before = size_of(folder)
        environment = {
            **os.environ, "CASES": str(cases), "DELAY_S": str(delay_s), **peer.variables,
            "HOME": name, "NO_COLOR": "1",
        }  # fmt: skip
        began = time.perf_counter()
        with (folder / "stderr").open("wb") as err:
            child = subprocess.Popen(
                peer.command(folder),
                cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=err,
            )  # fmt: skip
            walled = Walled(child.pid)
            _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        hidden_s = walled.seconds()
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            tail = (folder / "stderr").read_text("utf-8", "replace")[-2000:]
            sys.stderr.write(f"{peer.name}: {tail}\n")
            raise subprocess.CalledProcessError(child.returncode, peer.name)
        return Cost(
            seconds=seconds,
            processor_s=used.ru_utime + used.ru_stime + hidden_s,
            memory_mb=used.ru_maxrss / 1024,
            disk_bytes=size_of(folder) - before,
        )


def size_of(folder: Path) -> int:
    """Bytes of every file below the folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure(
    tools: list[Peer], rounds: int, delay_s: float, scale: float
) -> dict[str, list[tuple[Cost, Cost]]]:
    """Each tool's costs at its two sizes, round by round."""
    found: dict[str, list[tuple[Cost, Cost]]] = {tool.name: [] for tool in tools}
    for number in range(rounds):
        for tool in tools:
            few, many = (max(10, round(size * scale)) for size in tool.sizes)
            pair = (run_once(tool, few, delay_s), run_once(tool, many, delay_s))
            found[tool.name].append(pair)
            sys.stderr.write(f"round {number + 1} of {rounds}: {tool.name}\n")
    return found


def rows(
    tools: list[Peer], found: dict[str, list[tuple[Cost, Cost]]], scale: float
) -> list[list[str]]:
    """The table's rows: medians over the rounds, ratios to the first tool."""
    per_case = {}
    for tool in tools:
        few, many = (max(10, round(size * scale)) for size in tool.sizes)
        slopes = [
            (
                1e6 * (b.seconds - a.seconds) / (many - few),
                1e6 * (b.processor_s - a.processor_s) / (many - few),
            )
            for a, b in found[tool.name]
        ]
        per_case[tool.name] = tuple(map(statistics.median, zip(*slopes, strict=True)))
    ours_cpu = per_case[tools[0].name][1]
    made = []
    for tool in tools:
        wall, processor = per_case[tool.name]
        pairs = found[tool.name]
        many = max(10, round(tool.sizes[1] * scale))
        made.append(
            [
                tool.name,
                f"{wall:,.0f}",
                f"{processor:,.0f}",
                f"{processor / ours_cpu:.2f}",
                f"{statistics.median(b.memory_mb for _, b in pairs):,.0f} ({many:,})",
                f"{statistics.median(a.seconds for a, _ in pairs):.2f}",
                f"{statistics.median(b.disk_bytes for _, b in pairs) / many:,.0f}",
                tool.note,
            ]
        )
    return made


HEAD = [
    "tool", "µs a case", "processor, µs a case", "to dialgate", "peak MB (cases)",
    "seconds of the smaller run", "bytes a case on disk", "",
]  # fmt: skip


def as_table(lines: list[list[str]]) -> str:
    """The rows as a Markdown table."""
    whole = [HEAD, ["---"] * len(HEAD), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in whole)


def read_back_and_cached(cases: int) -> str:
    """How long reading a record takes, and a second run of the same trials."""
    tool = TOOLS[0]
    environment = {**os.environ, "PYTHONPATH": PATHS, "DELAY_S": "0", "NO_COLOR": "1"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tool.prepare(folder, cases)
        times = []
        for _ in range(2):
            began = time.perf_counter()
            subprocess.run(
                tool.command(folder), cwd=folder, env={**environment, "HOME": name},
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            times.append(time.perf_counter() - began)
        record = max((folder / ".dialgate").glob("run-*"), key=lambda path: path.stat().st_mtime)
        load = f"import dialgate; dialgate.load({str(record)!r}).trials"
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", load], env=environment, check=True)
        back = time.perf_counter() - began
    return (
        f"{cases:,} cases: run {times[0]:.2f} s, again from the cache {times[1]:.2f} s, "
        f"record read back by a new process {back:.2f} s"
    )


def main() -> None:
    """Prints the versions, the machine and both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="only tools whose name begins so")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="a twentieth of the cases")
    asked = parser.parse_args()
    scale = 0.05 if asked.small else 1.0
    tools = [t for t in TOOLS if not asked.only or t.name.startswith(tuple(asked.only))]
    versions = {tool.name: install(tool) for tool in tools}
    cores = os.cpu_count()
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()}")
    print(", ".join(f"{name} {version}" for name, version in versions.items() if version))
    for delay_s in (0.0, 0.05):
        kept = [tool for tool in tools if not (delay_s and tool.name == "pytest items")]
        found = measure(kept, asked.rounds, delay_s, scale)
        print(f"\n{'Instant' if not delay_s else f'{1000 * delay_s:.0f} ms a call'}:\n")
        print(as_table(rows(kept, found, scale)))
    if any(tool is TOOLS[0] for tool in tools):
        print(f"\n{read_back_and_cached(max(100, round(10_000 * scale)))}")


if __name__ == "__main__":
    main()
