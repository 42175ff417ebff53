"""What whole commands take that people wait for, beside an interpreter that only starts.

`python benchmarks/whole_checks.py` makes repositories (20 cases, 10,000 cases, 1,000 cases among
20,000 other files) and runs `check` and what is near it on them as processes of their own, in turn
with `python -c pass`. Prints medians of wall and processor times, those of git and of the agents
included, and how many processes git took. `--only WORDS` measures a part, `--rounds N` how often.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

PROJECT = Path(__file__).resolve().parents[1]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from peers.tools import make_suite

if TYPE_CHECKING:
    from collections.abc import Callable

OTHER_FILES = 20_000
ROUNDS = 5
POLICY = "schema = 1\n[gate]\nmax_agent_calls = 100000\n[gate.default]\nmargin = 0.05\n"
OUT = ".dialgate"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One command in one repository."""

    what: str
    command: tuple[str, ...]
    make: Callable[[Path], None] = lambda _folder: None
    # makes the repository
    before: tuple[str, ...] = ()
    # run once, not measured: what fills the cache
    afresh: bool = False
    # whether what earlier runs left is taken away before each


def in_git(folder: Path, *arguments: str) -> None:
    """A command of git, by somebody."""
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def make_base(folder: Path, cases: int, others: int = 0) -> None:
    """A suite of these cases, and other files, committed on main; the change's branch is out."""
    make_suite("arguments", "")(folder, cases)
    (folder / "shop/policy.toml").write_text(POLICY)
    (folder / ".gitignore").write_text(f"{OUT}/\n")
    for number in range(others):
        path = folder / f"src/{number % 200}/{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(number))
    in_git(folder, "init", "-q", "-b", "main")
    in_git(folder, "add", "-A")
    in_git(folder, "commit", "-qm", "base")
    in_git(folder, "checkout", "-qb", "change")


def another_prompt(cases: int) -> Callable[[Path], None]:
    """A change of the prompt, so that both sides are run and compared."""

    def make(folder: Path) -> None:
        make_base(folder, cases)
        (folder / "shop/system.md").write_text("Refund what is asked for, at once.\n")
        in_git(folder, "commit", "-qam", "another prompt")

    return make


def another_readme(folder: Path) -> None:
    """A change that decides nothing, among many files."""
    make_base(folder, 1_000, OTHER_FILES)
    (folder / "README.md").write_text("Words for people.\n")
    in_git(folder, "add", "-A")
    in_git(folder, "commit", "-qm", "words")


CHECK = ("-m", "dialgate", "check", "shop")
RUN = ("-m", "dialgate", "run", "shop")
MEASURED = (
    Measured(what="--help", command=("-m", "dialgate", "--help")),
    Measured(what="run, 1 case", make=another_prompt(1), command=(*RUN, "--no-cache"), afresh=True),
    Measured(what="check, 20 cases", make=another_prompt(20), command=CHECK, afresh=True),
    Measured(what="check, 20 cached cases", make=another_prompt(20), command=CHECK, before=CHECK),
    Measured(
        what="check, 10,000 cached cases", make=another_prompt(10_000), command=CHECK, before=CHECK
    ),
    Measured(what="unchanged check, 1,000 cases", make=another_readme, command=CHECK, before=RUN),
    Measured(
        what="changes --quick, 1,000 cases",
        make=another_readme,
        command=("-m", "dialgate", "changes", "--quick"),
    ),
)


def environment(home: Path) -> dict[str, str]:
    """Of every command: this checkout's code, a home of its own, an agent that answers at once."""
    return {
        **os.environ, "PYTHONPATH": os.pathsep.join(PATHS), "HOME": str(home), "DELAY_S": "0",
    }  # fmt: skip


def seconds(arguments: tuple[str, ...], folder: Path) -> tuple[float, float]:
    """Wall and processor time of a whole process with its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment(folder.parent), check=False,
        capture_output=True,
    )  # fmt: skip
    wall_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, 3}:
        raise SystemExit(f"{arguments}: exit {done.returncode}\n{done.stderr.decode()}")
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def count_git(arguments: tuple[str, ...], folder: Path) -> int:
    """How many processes of git the command starts, as git's own trace tells."""
    trace = folder.parent / "git-trace"
    trace.unlink(missing_ok=True)
    given = {**environment(folder.parent), "GIT_TRACE2": str(trace)}
    subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=given, check=False, capture_output=True
    )
    return trace.read_text().count(" start ") if trace.exists() else 0


def measure(item: Measured, rounds: int) -> None:
    """Prints the medians, and the ratio of processor times to the bare interpreter."""
    with tempfile.TemporaryDirectory(prefix="dialgate-whole-") as name:
        folder = Path(name) / "repository"
        folder.mkdir()
        item.make(folder)
        if item.before:
            seconds(item.before, folder)
        found: list[tuple[float, float]] = []
        bare: list[tuple[float, float]] = []
        for _ in range(rounds):
            if item.afresh:
                shutil.rmtree(folder / OUT, ignore_errors=True)
            found.append(seconds(item.command, folder))
            bare.append(seconds(("-c", "pass"), folder))
        if item.afresh:
            shutil.rmtree(folder / OUT, ignore_errors=True)
        git = count_git(item.command, folder)
    wall_s, cpu_s = (statistics.median(pair[i] for pair in found) for i in (0, 1))
    floor = statistics.median(cpu for _, cpu in bare)
    print(
        f"{item.what}: {wall_s:.2f} s, of which processor {cpu_s:.3f} s ({cpu_s / floor:.1f} times "
        f"a bare interpreter's {floor:.3f} s), {git} of git",
        flush=True,
    )


def main() -> None:
    """Prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", help="a part of a name")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    for item in MEASURED:
        if not asked.only or any(part in item.what for part in asked.only):
            measure(replace(item), asked.rounds)


if __name__ == "__main__":
    main()
