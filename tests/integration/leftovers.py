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


HANGS = "await asyncio.sleep(3600)"
"""Poison of a trial beside which others go on: `TimeByHand` ends it."""


def limit_for(poison: str, *, is_alone: bool = False) -> float:
    """A trial's time limit: long enough on a busy machine, and short where it is waited for.

    That is where the poison blocks its process, or hangs with no other trial beside it.
    """
    return 4 if poison.startswith("time.sleep") or (poison == HANGS and is_alone) else 30
