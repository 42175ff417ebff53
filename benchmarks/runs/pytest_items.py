"""What a case costs as a pytest item, beside a bare pytest item.

`python benchmarks/runs/pytest_items.py` runs 10,000 instant trials through pytest, their record
written, and 10,000 bare parametrized tests, in turn, and prints the ratio of the wall times.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PATHS = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]
sys.path[:0] = PATHS

from tests.integration.command_line import is_installed
from tests.workspaces import RecordedSuite

ITEMS = 10_000
ROUNDS = 3
AGENT = """
async def respond(messages, tools, release):
    case = messages[0]["content"].split()[-1].rstrip(".")
    await tools.call("refund", {"id": case, "amount": 10})
    return "Done."
"""
PLUGINS = [*([] if is_installed() else ["-p", "dialgate.plugin"]), "-p", "no:cacheprovider"]
BARE = f"""
import pytest

@pytest.mark.parametrize("number", range({ITEMS}))
def test_bare(number):
    pass
"""


def make_suite(folder: Path) -> Path:
    """A suite of as many cases, its agent in pytest's own process."""
    suite = RecordedSuite(folder / "shop", refunds=ITEMS)
    suite.write("agent.py", AGENT)
    text = (suite.folder / "suite.toml").read_text()
    suite.write(
        "suite.toml",
        f"{text[: text.index('[agent]')]}concurrency = 100\n[agent]\n"
        'kind = "python"\ntarget = "agent:respond"\nisolation = "none"\n',
    )
    return suite.folder


def seconds(target: Path, folder: Path) -> float:
    """Wall time of a whole pytest process."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLUGINS, str(target)],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": os.pathsep.join(PATHS)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


def main() -> None:
    """Prints the best of each and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        suite = make_suite(folder)
        bare = folder / "test_bare.py"
        bare.write_text(BARE)
        pairs = [(seconds(bare, folder), seconds(suite, folder)) for _ in range(ROUNDS)]
    bare_s, ours_s = (min(column) for column in zip(*pairs, strict=True))
    print(f"{ITEMS:,} bare items {bare_s:.2f} s, {ITEMS:,} cases as items {ours_s:.2f} s")
    print(f"ratio {ours_s / bare_s:.2f} (target 1.3)")


if __name__ == "__main__":
    main()
