"""What `check` takes where nothing has changed, beside an interpreter that only starts.

`python benchmarks/unchanged_check.py` makes a repository of 1,000 cases and 20,000 other files and
runs `dialgate check`, `changes` and `changes --quick` on it unchanged, in turn with
`python -c "import click"`. Prints wall and processor times, git's included.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from tests.workspaces import RELEASE, RecordedSuite

CASES = 1_000
OTHER_FILES = 20_000
ROUNDS = 5
AGENT = "def respond(messages, tools, release):\n    return ''\n"
COMMANDS = {
    "a bare interpreter": ["-c", "import click"],
    "dialgate check": ["-m", "dialgate", "check", "shop"],
    "dialgate changes": ["-m", "dialgate", "changes", "shop"],
    "dialgate changes --quick": ["-m", "dialgate", "changes", "--quick"],
}


def make_repository(folder: Path) -> None:
    """A suite among many files, all committed on main."""
    suite = RecordedSuite(folder / "shop", refunds=CASES)
    suite.write("agent.py", AGENT)
    release = RELEASE.format(version="1").replace("[model]", 'code = ["agent.py"]\n[model]')
    suite.write("release.toml", release)
    text = (suite.folder / "suite.toml").read_text()
    agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\n'
    suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    for number in range(OTHER_FILES):
        path = folder / f"src/{number % 200}/{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(number))
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "base"]):
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


def seconds(arguments: list[str], folder: Path) -> tuple[float, float]:
    """Wall and processor time of a whole process with its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)},
        check=True,
        capture_output=True,
    )
    wall_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Prints the best of each, and the ratio of processor times to the bare interpreter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_repository(folder)
        rounds = [
            {what: seconds(arguments, folder) for what, arguments in COMMANDS.items()}
            for _ in range(ROUNDS)
        ]
    print(f"{CASES:,} cases, {OTHER_FILES:,} other files")
    best = {what: [min(r[what][i] for r in rounds) for i in (0, 1)] for what in COMMANDS}
    floor = best["a bare interpreter"][1]
    for what, (wall_s, cpu_s) in best.items():
        print(f"{what}: {wall_s:.2f} s, of which processor {cpu_s:.2f} s ({cpu_s / floor:.0f} x)")


if __name__ == "__main__":
    main()
