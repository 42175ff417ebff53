"""A suite's own relations, in a process of their own behind the walls of a simulator.

Leaves what passes the line to `simulator_process` and the other side to `world.serve`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.running.simulation.simulator_process import (
    SimulatorFailedError,
    SimulatorProcess,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_MOST = 100
"""Relations of one file."""


class RelationsProcess(SimulatorProcess):
    """The process; it is asked for variants of cases."""

    def __init__(self, path: Path, *, folder: Path) -> None:
        """Starts it and loads the file. Raises SimulatorFailedError or JsonTextError."""
        self.relations: tuple[tuple[str, str], ...] = ()
        # name and what it keeps, of each function of the file
        super().__init__(path, "", folder=folder)

    def _load(self, path: str, name: str) -> None:  # noqa: ARG002 - a file of functions has no class
        given = self.ask({"functions": path}).get("gives")
        if not isinstance(given, list) or not 0 < len(given) <= _MOST:
            raise SimulatorFailedError(f"no functions, or more than {_MOST}")
        self.relations = tuple((str(pair[0]), str(pair[1])) for pair in given)

    def vary(
        self, name: str, case: Mapping[str, Any], numbers: Sequence[int]
    ) -> tuple[Any, list[int]]:
        """What the function makes of the case, None where nothing, and the numbers it drew.

        Raises SimulatorFailedError where it breaks.
        """
        made, drawn = self.ask({"vary": [name, dict(case), list(numbers)]})["gives"]
        return made, [int(number) for number in drawn]
