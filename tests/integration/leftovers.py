"""What agents left running: found by a variable that suite.toml passes on to them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

MARK = "STARTED_FOR"
PASSED_ON = f'env = ["{MARK}"]\n'
"""A line for suite.toml's [agent] table."""


def mark(folder: Path) -> None:
    """What is started from now on is the folder's."""
    os.environ[MARK] = str(folder)


def processes(folder: Path) -> set[int]:
    """Processes that still run for the folder: the agent's, and whatever it left behind."""
    found = set()
    wanted = f"{MARK}={folder}".encode()
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            with suppress(OSError):
                if wanted in (process / "environ").read_bytes().split(b"\0"):
                    found.add(int(process.name))
    return found


def limit_for(poison: str) -> float:
    """A trial's time limit: short where it has to be waited for, else enough on a busy machine."""
    return 1.5 if "sleep(3600)" in poison and "fork" not in poison else 30
