"""What shells call in place of `python -m dialgate` shows them what that does."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tests.integration.command_line import PATHS, dialgate_process
from tests.integration.installing.warm_commands import warm_dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path


def call(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f'dialgate() {{ {warm_dialgate()} "$@"; }}\n{script}'],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": PATHS, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_command_ends_and_says_what_one_of_its_own_process_does(tmp_path: Path) -> None:
    RecordedSuite(tmp_path / "shop")
    for arguments in (["lint", "shop"], ["lint", "nothing"], ["--version"], ["no-command"]):
        warm, own = (
            call("dialgate " + " ".join(arguments), tmp_path),
            dialgate_process(*arguments, folder=tmp_path),
        )
        assert (warm.returncode, warm.stdout, warm.stderr) == (own.code, own.out, own.err)


def test_each_run_has_its_own_nonce(tmp_path: Path) -> None:
    RecordedSuite(tmp_path / "shop")
    check = "dialgate check shop --release releases/2.toml --baseline releases/1.toml --json -"
    said = [
        line
        for line in call(f"{check}; {check}", tmp_path).stdout.splitlines()
        if line.strip().startswith('"nonce"')
    ]
    assert len(set(said)) == 2, said
