"""A suite's simulator in a process of its own: asked one thing at a time, ended with the run.

Knows the lines that pass and how long an answer may take; leaves the other side to `world.serve`
and what a world means to a trial to `simulator`.
"""

from __future__ import annotations

import itertools
import os
import select
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from dialgate_evals.files.file_reading import workspace_root
from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.containment.sandbox import Sandbox
from dialgate_evals.suite.suite import AgentKind, AgentSettings, Network, Suite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.running.containment.sandbox import Launch

ANSWER_S = 10.0
"""How long a simulator may take for one answer."""

_SCRIPTS = Path(__file__).parent / "world"
_CHUNK_BYTES = 2**18
_LINE_LIMIT_BYTES = 64 * 2**20


class ToolError(Exception):
    """What a simulator raises where the real tool would answer with an error."""


class SimulatorFailedError(Exception):
    """The simulator broke; the message says how, in its own words."""


class SimulatorProcess:
    """The process; call it for a world of a trial's own."""

    def __init__(self, path: Path, name: str, *, folder: Path) -> None:
        """Starts it and loads the class. Raises SimulatorFailedError or JsonTextError."""
        nothing = AgentSettings(kind=AgentKind.PYTHON, network=Network.NONE)
        suite = Suite(name="simulator", cases=(), agent=nothing)
        sandbox = Sandbox(suite, suite_folder=folder, root=workspace_root(folder))
        sandbox.open()
        self._numbers = itertools.count()
        self._rest = b""
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        script = f"{sandbox.add_scripts(_SCRIPTS)}/serve.py"
        launch = sandbox.launch([sys.executable, "-u", script])
        self._process = _start(launch, self._log)
        self.close = weakref.finalize(self, _end, self._process, launch, self._log, sandbox)
        try:
            self._load(sandbox.inside(path.resolve()), name)
        except BaseException:
            self.close()
            raise

    def _load(self, path: str, name: str) -> None:
        if not self.ask({"load": [path, name]})["has_call"]:
            raise SimulatorFailedError(f'a class "{name}" without the method "call"')

    def __call__(self) -> RemoteWorld:
        """A new world."""
        number = next(self._numbers)
        self.ask({"world": number, "make": True})
        return RemoteWorld(self, number)

    def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The answer. Raises ToolError, JsonTextError or SimulatorFailedError."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json_line(asked))
            self._process.stdin.flush()
        except (OSError, ValueError):  # gone, or closed since
            raise self._ended() from None
        answer = parse_json(self._read_line())
        if not isinstance(answer, dict):
            raise SimulatorFailedError("it wrote on the line of the harness")
        if "tool_error" in answer:
            raise ToolError(answer["tool_error"])
        if "no_json" in answer:
            raise JsonTextError(answer["no_json"])
        if "failed" in answer:
            raise SimulatorFailedError(answer["failed"])
        return answer

    def _read_line(self) -> bytes:
        assert self._process.stdout is not None
        ends_at = time.monotonic() + ANSWER_S
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            left = max(0.0, ends_at - time.monotonic())
            if not select.select([self._process.stdout], [], [], left)[0]:
                self.close()
                raise SimulatorFailedError(f"no answer within {ANSWER_S:g} s")
            chunk = os.read(self._process.stdout.fileno(), _CHUNK_BYTES)
            if not chunk or sum(map(len, parts)) > _LINE_LIMIT_BYTES:
                raise self._ended()
            parts.append(chunk)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line

    def _ended(self) -> SimulatorFailedError:
        said = b""
        if not self._log.closed:
            self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - 500))
            said = self._log.read()
        self.close()
        text = said.decode("utf-8", "replace").strip()
        return SimulatorFailedError(
            "its process ended" + (f"; its log ends: {text}" if text else "")
        )


class RemoteWorld:
    """One trial's world, in the simulator's process."""

    def __init__(self, process: SimulatorProcess, number: int) -> None:
        self._process = process
        self._number = number

    def call(self, name: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON data
        """The tool's result. Raises ToolError for an error of the tool."""
        return self._process.ask({"world": self._number, "call": [name, arguments]})["gives"]

    def state(self) -> Any:  # noqa: ANN401 - JSON data
        """The state as JSON data."""
        return self._process.ask({"world": self._number})["gives"]


def _start(launch: Launch, log: IO[bytes]) -> subprocess.Popen[bytes]:
    theirs = () if launch.theirs is None else (launch.theirs.fileno(),)
    try:
        return subprocess.Popen(
            launch.command,
            cwd=launch.folder,
            env=dict(launch.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=theirs,
            start_new_session=True,
        )
    except OSError as error:
        raise InfrastructureError(f"the simulator can't be started: {error}") from None
    finally:
        if launch.theirs is not None:
            launch.theirs.close()


def _end(
    process: subprocess.Popen[bytes], launch: Launch, log: IO[bytes], sandbox: Sandbox
) -> None:
    """Ends the process with all that it started."""
    if launch.line is not None:
        launch.line.close()
    else:
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    log.close()
    sandbox.close()
