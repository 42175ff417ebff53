"""The place that an agent runs in: its copy, its environment, and the walls around both.

Knows what is shown to the agent and where, and how a program is started there; leaves building
the walls to `starter` and talking to the program to adapters.
"""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.files.file_reading import workspace_root
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.containment.environment import agent_environment, parse_env_file
from dialgate_evals.running.containment.judging_files import judging_files
from dialgate_evals.running.containment.left_copies import HeldFolder
from dialgate_evals.running.containment.listening_ports import listening_ports
from dialgate_evals.running.containment.machine import machine_walls
from dialgate_evals.running.containment.release_copy import (
    ReleaseCopy,
    find_release,
    place_for_copies,
    write_copy,
)
from dialgate_evals.running.containment.scripts import write_scripts
from dialgate_evals.running.containment.start_file import StartFile, write_start_file
from dialgate_evals.running.containment.visible_paths import find_program, program_parts
from dialgate_evals.running.containment.walls import Means, Walls, walls_around
from dialgate_evals.suite.suite import Network

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.running.containment.walls import MachineWalls
    from dialgate_evals.suite.suite import Suite

RELEASE, START, SCRATCH = "/release", "/start", "/tmp"  # noqa: S108 - inside the sandbox
"""Where an agent behind mounts finds its copy, the harness's script and its scratch folder."""

_MOUNTED = {Means.NAMESPACES, Means.BUBBLEWRAP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A program that is ready to be started."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str
    # where it is started from; the walls move it on
    line: socket.socket | None = None
    # the harness's end: closed, it has a starter that waits end the program and what it left
    starter_waits: bool = False
    # bubblewrap has its place, and is killed
    theirs: socket.socket | None = None
    # the other end, which the program's starter inherits
    listens: bool = False
    # whether sockets come over the line


class Sandbox:
    """One release's place; made once for a run, left by `close`."""

    def __init__(
        self,
        suite: Suite,
        *,
        suite_folder: Path,
        root: Path,
        home: Path | None = None,
        machine: MachineWalls | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """`home` is the suite's folder where a person works, for what no commit holds."""
        self.ports: list[int] = []
        # of the harness's own servers on loopback: reached in every network
        self._suite = suite
        self._suite_folder = suite_folder.resolve()
        self._root = root.resolve()
        self._home = (home or suite_folder).resolve()
        self._environ = os.environ if environ is None else environ
        self._machine = machine_walls() if machine is None else machine
        self._held: HeldFolder | None = None
        self._temporary: Path | None = None
        self._copy: ReleaseCopy | None = None
        self._programs: dict[Path, None] = {}
        self._started = 0
        self._known_parts: dict[Path, tuple[Path, ...]] = {}

    @property
    def walls(self) -> Walls:
        """The walls that stand around the agent."""
        return walls_around(
            self._suite.agent.kind, machine=self._machine, network=self._suite.agent.network
        )

    def open(self) -> None:
        """Makes the copy; a second call does nothing. Raises InfrastructureError."""
        if self._temporary is not None:
            return
        is_mounted = self._machine.means in _MOUNTED
        try:
            found = find_release(
                self._root,
                left_out=judging_files(self._suite, self._suite_folder),
                may_show=is_mounted,
            )
            # For this user's eyes only.
            self._held = HeldFolder(place_for_copies(found))
            self._temporary = self._held.path
            for name in ("release", "start", "scratch", "root"):
                (self._temporary / name).mkdir()
            self._copy = write_copy(found, self._temporary / "release")
            if not is_mounted:
                self._link_shown(self._copy)
        except OSError as error:
            self.close()
            raise InfrastructureError(
                f"the release can't be copied for its agent: {error}"
            ) from None

    def close(self) -> None:
        """Takes the copy away."""
        held, self._held, self._temporary = self._held, None, None
        if held is not None:
            held.close()

    def add_scripts(self, folder: Path) -> str:
        """Puts scripts of the harness beside the copy; their folder as the agent's process sees it.

        What the harness's own folders are called would say who is asking.
        """
        assert self._temporary is not None
        target = self._temporary / "start" / folder.name
        is_mounted = self._machine.means in _MOUNTED
        seen = f"{START}/{folder.name}" if is_mounted else str(target)
        if not target.exists():
            write_scripts(folder, target, seen=seen)
        return seen

    def show_program(self, path: Path) -> None:
        """Lets the agent see one more program with its parts, or a folder."""
        self._programs[path] = None

    def inside(self, path: Path) -> str:
        """A path of the workspace as the agent's process sees it."""
        assert self._copy is not None
        absolute = Path(os.path.normpath(path))
        if not absolute.is_relative_to(self._root):
            return str(absolute)
        relative = absolute.relative_to(self._root)
        base = Path(RELEASE) if self._machine.means in _MOUNTED else self._copy.folder
        return str(base / relative)

    def original(self, path: str) -> Path:
        """The path in the workspace of what the agent's process calls so; else the path itself."""
        assert self._copy is not None
        base = Path(RELEASE) if self._machine.means in _MOUNTED else self._copy.folder
        seen = Path(path)
        return self._root / seen.relative_to(base) if seen.is_relative_to(base) else seen

    @property
    def working_folder(self) -> str:
        """Where the agent is started, as its process sees it."""
        return self.inside(self._suite_folder / (self._suite.agent.working_folder or "."))

    def launch(self, command: Sequence[str], *, memory_mb: int | None = None) -> Launch:
        """The command, ready to be started behind the walls. Raises InfrastructureError."""
        self.open()
        assert self._temporary is not None
        program = self._find(command[0])
        arguments = [program, *command[1:]]
        environment = self._environment(program)
        if sys.platform != "linux":
            folder = self.working_folder
            return Launch(command=tuple(arguments), environment=environment, folder=folder)
        self._started += 1
        start = self._start_file(arguments, memory_mb)
        path = self._temporary / f"{self._started}.start"
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return Launch(
            command=write_start_file(start, path, line=theirs.fileno()),
            environment=environment,
            folder=str(self._temporary / "scratch"),
            line=ours,
            theirs=theirs,
            starter_waits=start.means is not Means.BUBBLEWRAP,
            listens=bool(start.listen),
        )

    def _start_file(self, arguments: list[str], memory_mb: int | None) -> StartFile:
        assert self._temporary is not None
        assert self._copy is not None
        network = self._suite.agent.network
        ports = [] if network is Network.OPEN else [*self.ports]
        if network is Network.LOOPBACK:
            ports += [port for port in listening_ports() if port not in ports]
        parts = {part: None for path in self._programs for part in self._parts(path)}
        program = Path(arguments[0])
        if not program.is_relative_to(RELEASE):
            parts |= dict.fromkeys(self._parts(program))
        for argument in arguments[1:]:
            if argument.startswith("/") and not argument.startswith((RELEASE, START)):
                parts |= {Path(argument): None}
        return StartFile(
            means=self._machine.means,
            copy=self._copy,
            temporary=self._temporary,
            also_at=tuple({self._root, self._home_root}),
            hidden=tuple({self._root, self._home_root}),
            parts=tuple(parts),
            needs=self._needs(),
            network=network,
            ports=tuple(ports),
            memory_mb=memory_mb,
            folder=self.working_folder,
            command=tuple(arguments),
            environment=self._environment(arguments[0]),
        )

    @property
    def _home_root(self) -> Path:
        return workspace_root(self._home)

    def _parts(self, path: Path) -> tuple[Path, ...]:
        if path.is_dir():
            return (path,)
        if path not in self._known_parts:
            wide = (self._root, self._home_root, Path.home())
            self._known_parts[path] = program_parts(path, too_wide=wide)
        return self._known_parts[path]

    def _needs(self) -> tuple[tuple[Path, str], ...]:
        """Untracked files that the suite names, and where the agent finds them."""
        wanted = [(name, self._home / name) for name in self._suite.agent.needs]
        missing = [name for name, path in wanted if not path.exists()]
        if missing:
            raise InfrastructureError(f"[agent] needs: {missing[0]} is not in your checkout")
        return tuple(
            (path.resolve(), self.inside(self._suite_folder / name)) for name, path in wanted
        )

    def _find(self, named: str) -> str:
        """The program as the agent's process calls it: of the copy, or of the system."""
        if os.sep not in named:
            found = find_program(named, self._environ)
            if found is None:
                raise InfrastructureError(f"{named} can't be started: No such file or directory")
            return found
        path = Path(os.path.normpath(self._suite_folder / named))
        if not path.exists():
            raise InfrastructureError(f"{named} can't be started: No such file or directory")
        assert self._copy is not None
        is_shown = any(path.is_relative_to(shown) for shown in self._copy.shown)
        return str(path) if is_shown or Path(named).is_absolute() else self.inside(path)

    def _environment(self, program: str) -> dict[str, str]:
        assert self._temporary is not None
        agent = self._suite.agent
        is_mounted = self._machine.means in _MOUNTED
        return agent_environment(
            agent.env,
            self._environ,
            own=self._read_env_file(),
            scratch=SCRATCH if is_mounted else str(self._temporary / "scratch"),
            folders=[str(Path(program).parent)],
        )

    def _read_env_file(self) -> dict[str, str]:
        name = self._suite.agent.env_file
        if name is None:
            return {}
        path = self._home / name
        try:
            return parse_env_file(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(
                f"[agent] env_file: {path} can't be read: {error}. It is looked up in your "
                "checkout, from the suite's folder."
            ) from None

    @staticmethod
    def _link_shown(copy: ReleaseCopy) -> None:
        """Where nothing can be mounted, what is only shown is linked to."""
        for path in copy.shown:
            target = copy.folder / path.relative_to(copy.root)
            if target.is_dir():
                target.rmdir()
            else:
                target.unlink()
            target.symlink_to(path)
