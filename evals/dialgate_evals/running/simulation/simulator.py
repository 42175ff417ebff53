"""A suite's own stand-in for the systems behind the tools: `[tools] simulator = "sim.py:World"`.

Knows loading the class and speaking to one instance per trial; its exceptions are the suite's
fault, never the agent's. Recordings and faults of a case come first: see
`simulation.simulated_tools`.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from dialgate_evals.agent_protocol import ToolAnswer
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.json_text import JsonTextError, canonical_json
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.running.simulation.simulated_tools import CaseTools, SimulatedTools, _Turn
from dialgate_evals.suite.case import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class ToolError(Exception):
    """What a simulator raises where the real tool would answer with an error.

    A class of that name in the simulator's own file does as well, so that it needs no import.
    """


class Simulator(Protocol):
    """What the suite's author writes; made without arguments, once per trial."""

    def call(self, name: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON data
        """The tool's result, and whatever the call changes. Raises ToolError for an error."""
        ...

    def state(self) -> Any:  # noqa: ANN401 - JSON data
        """The state as JSON data."""
        ...


def load_simulator(reference: str, *, folder: Path) -> Callable[[], Simulator]:
    """The class that `file.py:Class` names, looked up from the suite's folder.

    The file is the suite author's trusted code and runs in this process.
    Raises ConfigurationError where it can't be loaded, made, or asked for its state.
    """
    file, _, name = reference.partition(":")
    path = folder / file
    if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
        raise _unusable(path, "no such file in the suite's folder")
    spec = importlib.util.spec_from_file_location("dialgate_simulator", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        made = getattr(module, name)
        canonical_json(made().state())
    except Exception as error:  # the suite's code: whatever it raises
        raise _unusable(path, f"a simulator that can't be used: {error!r}"[:500]) from error
    if not callable(getattr(made, "call", None)):
        raise _unusable(path, f'a class "{name}" without the method "call"')
    factory: Callable[[], Simulator] = made
    return factory


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
        return json.loads(canonical_json(self._world.state()))

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
            # A copy in and a copy out: neither side can change the other's data later.
            result = self._world.call(name, json.loads(canonical_json(arguments)))
            return ToolAnswer(content=json.loads(canonical_json(result)))
        except Exception as error:  # noqa: BLE001 - the suite's code: whatever it raises
            if _is_tool_error(error):
                return ToolAnswer(content=str(error), is_error=True)
            self.defect = self.defect or _defect(error)
            return ToolAnswer(content="the simulator failed", is_error=True)

    def _guarded(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - JSON data or the world
        if self.defect is not None:
            return None
        try:
            return ask()
        except Exception as error:  # noqa: BLE001 - the suite's code: whatever it raises
            self.defect = _defect(error)
            return None


def _is_tool_error(error: Exception) -> bool:
    return any(kind.__name__ == "ToolError" for kind in type(error).__mro__)


def _defect(error: Exception) -> str:
    if isinstance(error, JsonTextError):
        return f"the simulator gave {error}"
    return f"the simulator failed: {type(error).__name__}: {error}"[:2000]
