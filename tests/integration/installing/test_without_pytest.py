"""The engine, the simulated tools and scoring know nothing of pytest: `check` works without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.integration.command_line import PATHS, dialgate

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT = """
import sys
for name in ("pytest", "_pytest", "pluggy", "xdist", "hypothesis"):
    sys.modules[name] = None  # as if it were not installed
from dialgate.cli import run
sys.exit(run(sys.argv[1:]))
"""


def test_check_runs_an_agent_where_pytest_is_not_installed(tmp_path: Path) -> None:
    assert dialgate("init", tmp_path, folder=tmp_path).code == 0
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, "check", "suites/my-agent", "--json", "-"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["verdict"] == "pass"
    assert document["usage"]["agent_calls"] > 0
