"""The engine, the simulated tools and scoring know nothing of pytest: `check` works without it."""

from __future__ import annotations

import subprocess
import sys

from tests.integration.command_line import PROJECT

WITHOUT = """
import sys
for name in ("pytest", "_pytest", "pluggy", "xdist", "hypothesis"):
    sys.modules[name] = None  # as if it were not installed
from dialgate.cli import run
sys.exit(run(sys.argv[1:]))
"""


def test_check_runs_an_agent_where_pytest_is_not_installed(tmp_path: object) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-c", WITHOUT, "check", "suites/support-desk"),
            *("--release", "releases/2026.11.toml", "--baseline", "release.toml"),
            *("--out", str(tmp_path)),
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert "email.send" in done.stdout
