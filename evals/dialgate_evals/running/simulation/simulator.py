"""A suite's own stand-in for the systems behind the tools: `[tools] simulator = "sim.py:World"`.

Knows loading the class and speaking to one instance per trial; its exceptions are the suite's
fault, never the agent's. Recordings and faults of a case come first: see
`simulation.simulated_tools`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.json_text import JsonTextError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.running.agent_protocol import InfrastructureError, ToolAnswer
from dialgate_evals.running.simulation.simulated_tools import CaseTools, SimulatedTools, _Turn
from dialgate_evals.running.simulation.simulator_process import (
    SimulatorFailedError,
    SimulatorProcess,
    ToolError,
)
from dialgate_evals.suite.case import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class Simulator(Protocol):
    """What the suite's author writes; made without arguments, once per trial."""

    def call(self, name: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON data
        """The tool's result, and whatever the call changes. Raises ToolError for an error."""
        ...

    def state(self) -> Any:  # noqa: ANN401 - JSON data
        """The state as JSON data."""
        ...


class Worlds(Protocol):
    """Makes a world for each trial."""

    def __call__(self) -> Simulator:
        """A new world."""
        ...

    @property
    def close(self) -> Callable[[], object]:
        """Ends what the worlds live in."""
        ...


def load_simulator(reference: str, *, folder: Path) -> Worlds:
    """The class that `file.py:Class` names, looked up from the suite's folder.

    It runs in a process of its own, behind walls like an agent's.
    Raises ConfigurationError where it can't be loaded, made, or asked for its state.
    """
    file, _, name = reference.partition(":")
    path = folder / file
    if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
        raise _unusable(path, "no such file in the suite's folder")
    try:
        return SimulatorProcess(path, name, folder=folder.resolve())
    except (SimulatorFailedError, JsonTextError, InfrastructureError) as error:
        raise _unusable(path, f"a simulator that can't be used: {error}"[:500]) from None


def _unusable(path: Path, found: str) -> ConfigurationError:
    problem = Problem(
        file=show_path(path),
        found=found,
        expected="a class with the methods call(name, arguments) and state()",
        advice="suite.toml's tools.simulator names it as file.py:Class.",
    )
    return ConfigurationError([problem])


class WorldTools(SimulatedTools):
    """One trial's tools where the suite has a simulator.

    A call that a recording answers never reaches the simulator; every other valid call does. A
    fault without an answer stands before the simulator: after a timeout, and behind a slow or
    malformed answer, the call took effect.
    """

    def __init__(
        self, prepared: CaseTools, *, make_world: Callable[[], Simulator], most_calls: int
    ) -> None:
        self._make_world = make_world
        super().__init__(prepared, most_calls=most_calls)

    def restart(self) -> None:
        """Forgets every call and the world they changed."""
        self.defect: str | None = None
        # how the simulator itself failed: then the trial is errored
        self.initial: Any = None
        self._world = self._guarded(self._make_world)
        if self._world is not None:
            self.initial = self._guarded(self._snapshot)
        super().restart()

    def state(self) -> dict[str, Any]:
        """The state before the first call and now, for the trajectory."""
        return {"initial": self.initial, "final": self._guarded(self._snapshot)}

    def _snapshot(self) -> Any:  # noqa: ANN401 - JSON data
        assert self._world is not None
        return self._world.state()

    def _next_turn(self, name: str, arguments: Mapping[str, Any]) -> _Turn | None:
        turn = super()._next_turn(name, arguments)
        if turn is None or turn.recording.has_answer:
            return turn
        if turn.recording.fault in {None, Fault.ERROR}:
            return turn
        turn.faults_left -= 1
        answer = self._ask(name, arguments)
        error = str(answer.content) if answer.is_error else None
        recording = replace(
            turn.recording, result=answer.content, error=error, has_answer=True, times=1
        )
        return _Turn(recording, turn.key, turn.where, faults_left=1)

    def _answer_unmatched(self, name: str, arguments: Mapping[str, Any]) -> tuple[ToolAnswer, bool]:
        return self._ask(name, arguments), False

    def _ask(self, name: str, arguments: Mapping[str, Any]) -> ToolAnswer:
        """The simulator's answer; what it breaks on is kept for the engine."""
        if self._world is None:
            return ToolAnswer(content="the simulator failed", is_error=True)
        try:
            return ToolAnswer(content=self._world.call(name, arguments))
        except ToolError as error:
            return ToolAnswer(content=str(error), is_error=True)
        except (SimulatorFailedError, JsonTextError) as error:
            self.defect = self.defect or _defect(error)
            return ToolAnswer(content="the simulator failed", is_error=True)

    def _guarded(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - JSON data or the world
        if self.defect is not None:
            return None
        try:
            return ask()
        except (SimulatorFailedError, JsonTextError) as error:
            self.defect = _defect(error)
            return None


def _defect(error: Exception) -> str:
    if isinstance(error, JsonTextError):
        return f"the simulator gave {error}"
    return f"the simulator failed: {error}"[:2000]
