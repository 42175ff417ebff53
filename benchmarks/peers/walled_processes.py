"""Processor time that no parent is told of: of processes in a PID namespace that ends with them.

dialgate's agents run there. Each is looked at while it runs, so the last few hundredths of a second
of one are lost; a figure a case, which is a difference of two runs, has them on both sides.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

_LOOK_S = 0.02
_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


class Walled:
    """Watches what a process started, from its making on, in other PID namespaces than ours."""

    def __init__(self, root: int) -> None:
        """`root`: the process."""
        self._root = root
        self._seen: dict[int, float] = {}
        # seconds of processor, by process
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def seconds(self) -> float:
        """What they used up to now; ends the watch."""
        self._done.set()
        self._thread.join()
        return sum(self._seen.values())

    def _watch(self) -> None:
        while not self._done.wait(_LOOK_S):
            for process in _below(self._root):
                if _is_walled(process):
                    self._seen[process] = max(self._seen.get(process, 0.0), _used(process))


def _below(root: int) -> list[int]:
    """Processes that the root started, and those that these did."""
    found, rest = [], [root]
    while rest:
        for children in _PROC.glob(f"{rest.pop()}/task/*/children"):
            try:
                names = children.read_text().split()
            except OSError:
                continue
            found += map(int, names)
            rest += map(int, names)
    return found


def _is_walled(process: int) -> bool:
    """Whether it has a namespace of its own, and isn't the first in it, which is waited for."""
    try:
        status = (_PROC / str(process) / "status").read_text()
    except OSError:
        return False
    numbers = next((line for line in status.splitlines() if line.startswith("NSpid:")), "").split()
    return len(numbers) > 2 and numbers[-1] != "1"  # the word, and one number for each namespace


def _used(process: int) -> float:
    try:
        fields = (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
