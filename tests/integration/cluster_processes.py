"""A real Dask scheduler and real workers on loopback: processes that a test starts and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.integration.command_line import PATHS

if TYPE_CHECKING:
    from pathlib import Path

_SCHEDULER = """
import asyncio, sys
from distributed import Scheduler
async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
        print(scheduler.address, flush=True)
        await scheduler.finished()
asyncio.run(main())
"""

_WORKER = """
import asyncio, sys
from distributed import Worker
async def main():
    folder = sys.argv[2]
    options = {"nthreads": 1, "host": "127.0.0.1", "dashboard": False}
    async with Worker(sys.argv[1], local_directory=folder, **options) as worker:
        print(worker.address, flush=True)
        await worker.finished()
asyncio.run(main())
"""


@dataclass
class ClusterProcesses:
    """The processes of one cluster; `close` ends those that still live."""

    folder: Path
    address: str = ""
    scheduler: subprocess.Popen[str] | None = None
    workers: list[subprocess.Popen[str]] = field(default_factory=list)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start_scheduler(self) -> str:
        """Starts a scheduler; gives its address."""
        self.scheduler = self._start(_SCHEDULER)
        self.address = self._first_line(self.scheduler)
        return self.address

    def start_worker(self, **environment: str) -> subprocess.Popen[str]:
        """Starts a worker with these variables; it may still be joining."""
        worker = self._start(_WORKER, self.address, str(self.folder), **environment)
        self.workers.append(worker)
        return worker

    def start_workers(self, *environments: dict[str, str]) -> None:
        """Starts several side by side, and waits until they are there."""
        for worker in [self.start_worker(**environment) for environment in environments]:
            self._first_line(worker)

    def _start(self, code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": PATHS, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.started.append(process)
        return process

    @staticmethod
    def _first_line(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line, "it could not be started"
        return line

    @staticmethod
    def kill(process: subprocess.Popen[str]) -> None:
        """As a machine that loses its power."""
        process.send_signal(signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Ends every process that was started here."""
        for process in self.started[::-1]:
            if process.poll() is None:
                self.kill(process)
            assert process.stdout is not None
            process.stdout.close()
