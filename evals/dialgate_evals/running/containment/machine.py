"""What this machine lets the harness build around an agent: tried, not guessed.

Each way is tried once by starting a program that does nothing. Leaves what the walls mean to
`walls`.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate_evals.running.containment.start_file import StartFile, write_start_file
from dialgate_evals.running.containment.walls import (
    NO_WALLS,
    MachineWalls,
    Means,
    Wall,
    walls_around,
)
from dialgate_evals.suite.suite import AgentKind, Network

if TYPE_CHECKING:
    from dialgate_evals.running.containment.walls import Walls
    from dialgate_evals.suite.suite import Suite

CHOICE = "DIALGATE_WALLS"
"""A variable that names the means to use, for a machine on which the best one misbehaves."""

_EVERY = frozenset({Wall.READ, Wall.WRITE, Wall.PROCESSES, Wall.NETWORK})
_TRY_S = 20.0


def walls_of(suite: Suite) -> Walls:
    """The walls around the suite's agent on this machine; tried only where they matter."""
    started = suite.agent.kind in {AgentKind.PYTHON, AgentKind.COMMAND}
    machine = machine_walls() if started else NO_WALLS
    return walls_around(suite.agent.kind, machine=machine, network=suite.agent.network)


@cache
def machine_walls() -> MachineWalls:
    """The strongest walls that this machine lets stand."""
    return find_walls(os.environ.get(CHOICE))


def find_walls(choice: str | None = None) -> MachineWalls:
    """As `machine_walls`; `choice` names the only means to be tried."""
    if sys.platform != "linux":
        return MachineWalls(
            means=Means.NOTHING, stands=frozenset(), why="there is a sandbox on Linux only"
        )
    if choice == Means.NOTHING.value:
        return MachineWalls(
            means=Means.NOTHING, stands=frozenset(), why=f"{CHOICE} is set to {choice}"
        )
    reasons: list[str] = []
    for means in (Means.NAMESPACES, Means.BUBBLEWRAP, Means.LANDLOCK):
        if choice not in {None, "", means.value}:
            continue
        why = _why_not(means)
        if why is None:
            return (
                _landlock_walls()
                if means is Means.LANDLOCK
                else MachineWalls(means=means, stands=_EVERY)
            )
        reasons.append(f"{means.value}: {why}")
    why = "; ".join(reasons) or f"{CHOICE} names no way that is known: {choice}"
    return MachineWalls(means=Means.NOTHING, stands=NO_WALLS.stands, why=why)


def _why_not(means: Means) -> str | None:
    """Why a program can't be started so; None where it can."""
    if means is Means.BUBBLEWRAP and shutil.which("bwrap") is None:
        return "not installed"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for part in ("root", "start", "scratch"):
            (folder / part).mkdir()
        start = StartFile(
            means=means,
            temporary=folder,
            network=Network.NONE,
            folder="/",
            command=(shutil.which("true") or "/bin/true",),
        )
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            command = write_start_file(start, folder / "1.start", line=theirs.fileno())
            return _run(command, theirs.fileno())


def _run(command: tuple[str, ...], line: int) -> str | None:
    try:
        done = subprocess.run(
            command,
            pass_fds=(line,),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TRY_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"can't be tried ({error})"
    if done.returncode == 0:
        return None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return said[0][:200] if said else f"exit code {done.returncode}"


def _landlock_walls() -> MachineWalls:
    """Landlock sees neither datagrams nor, on older kernels, signals."""
    stands = {Wall.READ, Wall.WRITE}
    why = "Landlock leaves datagrams open"
    if _landlock_abi() >= 6:
        stands.add(Wall.PROCESSES)
    else:
        why = "this kernel's Landlock leaves signals and the network open"
    return MachineWalls(means=Means.LANDLOCK, stands=frozenset(stands), why=why)


def _landlock_abi() -> int:
    """Which Landlock the kernel has: landlock_create_ruleset(2) says it."""
    return int(ctypes.CDLL(None).syscall(444, None, 0, 1))
