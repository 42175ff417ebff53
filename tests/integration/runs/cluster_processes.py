"""A real Dask scheduler and real workers on loopback: processes that a test starts and ends.

Each is a fork of one process that has imported Dask: that takes half a second of processor.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from typing import IO, TYPE_CHECKING, Any

from tests.integration.command_line import PATHS, PROJECT

if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn


@dataclass
class Forked:
    """A scheduler or a worker: a process by itself, though no child of this one."""

    pidfd: int
    said: IO[str]
    # what it prints: its address

    def first_line(self) -> str:
        """What it prints once it is there."""
        line = self.said.readline().strip()
        assert line, "it could not be started"
        return line

    def kill(self) -> None:
        """As a machine that loses its power; again does nothing."""
        if self.pidfd < 0:
            return
        if not select.select([self.pidfd], [], [], 0)[0]:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        select.select([self.pidfd], [], [])
        os.close(self.pidfd)
        self.pidfd = -1
        self.said.close()


@dataclass
class ClusterProcesses:
    """The processes of one cluster; `close` ends those that still live."""

    folder: Path
    address: str = ""
    workers: list[Forked] = field(default_factory=list)
    started: list[Forked] = field(default_factory=list)

    def start_scheduler(self) -> Forked:
        """Starts a scheduler, whose address is the cluster's."""
        scheduler = self._start("")
        self.address = scheduler.first_line()
        return scheduler

    def start_worker(self, **environment: str) -> Forked:
        """Starts a worker with these variables; it may still be joining."""
        worker = self._start(self.address, **environment)
        self.workers.append(worker)
        return worker

    def start_workers(self, *environments: dict[str, str]) -> None:
        """Starts several side by side, and waits until they are there."""
        for worker in [self.start_worker(**environment) for environment in environments]:
            worker.first_line()

    def _start(self, scheduler: str, **environment: str) -> Forked:
        variables = {**os.environ, "PYTHONPATH": PATHS, **environment}
        asked = json.dumps([scheduler, str(self.folder), variables]).encode()
        ours, theirs = os.pipe()
        line = _nursery()
        socket.send_fds(line, [len(asked).to_bytes(8, "big")], [theirs])
        line.sendall(asked)
        os.close(theirs)
        pid = int.from_bytes(line.recv(8, socket.MSG_WAITALL), "big")
        process = Forked(os.pidfd_open(pid), os.fdopen(ours))
        self.started.append(process)
        return process

    def close(self) -> None:
        """Ends every process that was started here."""
        for process in self.started[::-1]:
            process.kill()


@cache
def _nursery() -> socket.socket:
    """The line to the process that forks them; it ends with this one."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": PATHS},
            pass_fds=[theirs.fileno()],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _fork_for(line: socket.socket) -> None:
    """Starts whatever is asked for, until the other end is closed."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    while True:
        head, streams, _, _ = socket.recv_fds(line, 8, 1)
        if not head:
            return
        raw = line.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
        pid = os.fork()
        if pid == 0:
            line.close()
            _become(streams[0], *json.loads(raw))
        os.close(streams[0])
        line.sendall(pid.to_bytes(8, "big"))


def _become(stream: int, scheduler: str, folder: str, variables: dict[str, str]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(stream, 1)
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    sys.path[0] = folder
    asyncio.run(_serve(scheduler, folder))
    os._exit(0)


async def _serve(scheduler: str, folder: str) -> None:
    """A worker of that scheduler, or a scheduler where none is named."""
    from distributed import Scheduler, Worker

    server: Any  # Dask's types of both are incomplete
    if scheduler:
        server = Worker(
            scheduler, nthreads=1, host="127.0.0.1", dashboard=False, local_directory=folder
        )
    else:
        server = Scheduler(host="127.0.0.1", port=0, dashboard=False)
    async with server:
        print(server.address, flush=True)  # noqa: T201 - whoever started this waits for the line
        await server.finished()


if __name__ == "__main__":
    import distributed  # noqa: F401 - all forks have it then

    _fork_for(socket.socket(fileno=int(sys.argv[1])))
