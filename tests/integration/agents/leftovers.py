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


_STUCK = "stuck"
_SAYS_SO = f'__import__("ctypes").CDLL(None).prctl(15, b"{_STUCK}")'  # PR_SET_NAME
HANGS = f"{_SAYS_SO}; await asyncio.sleep(3600)"
"""Poison of a trial beside which others go on: `TimeByHand` ends it."""
BLOCKS = f"{_SAYS_SO}; time.sleep(3600)"
"""Poison that stops its process and all that runs in it: `TimeOfStuck` ends it."""


def stuck_processes(folder: Path) -> set[int]:
    """Those of the folder in which a trial hangs, or that a trial blocks."""
    named = set()
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            with suppress(OSError):
                if (process / "comm").read_text().strip() == _STUCK:
                    named.add(int(process.name))
    return named & processes(folder) if named else named
