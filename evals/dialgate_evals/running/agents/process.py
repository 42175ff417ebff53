"""A child process of its own group that speaks lines: started, read within bounds, ended whole.

Knows pipes, limits, ending, and when a pool of such children gets one more; leaves what the lines
mean to the adapters.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from typing import TYPE_CHECKING

from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.containment.relays import Relays

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dialgate_evals.running.containment.sandbox import Launch

LINE_LIMIT_BYTES = 16 * 2**20
_LOG_BYTES = 4096
_CHUNK_BYTES = 2**18
_LOOK_S = 0.002


_END_S = 2.0
"""How long a starter may take to end its program and what that left behind."""

_LOOK_AGAIN_S = 0.5
"""How long trials share a process at most before another is started, however slow its start."""


class ChildProcess:
    """One child; its standard error is kept in a bounded tail for messages."""

    def __init__(self, process: asyncio.subprocess.Process, launch: Launch) -> None:
        self._process = process
        self._line = launch.line
        self._starter_waits = launch.starter_waits
        self._relays: Relays | None = None
        self._log: deque[bytes] = deque(maxlen=64)
        self._loop = asyncio.get_running_loop()
        self._drain = self._loop.create_task(self._drain_log())
        self._waiting: list[bytes] = []
        self._rest = b""

    @classmethod
    async def start(cls, launch: Launch) -> ChildProcess:
        """Starts the program in its own session. Raises InfrastructureError where it can't."""
        creating = asyncio.ensure_future(_create(launch))
        try:
            child = cls(await asyncio.shield(creating), launch)
        except asyncio.CancelledError:
            # Half a child can't be ended, so it is made first: nothing is left behind.
            try:
                child = cls(await creating, launch)
            except OSError:
                _close_line(launch)
            else:
                await child.end()
            raise
        except OSError as error:
            _close_line(launch)
            raise InfrastructureError(
                f"{launch.command[0]} can't be started: {error.strerror or error}"
            ) from None
        finally:
            if launch.theirs is not None:
                launch.theirs.close()
        if launch.listens and launch.line is not None:
            try:
                child._relays = await Relays.open(launch.line)
            except BaseException:
                await child.end()
                raise
        return child

    async def read_line(self) -> bytes | None:
        """The next line, or None where the child closed its output.

        Raises ValueError for a line over LINE_LIMIT_BYTES.
        """
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        return line or None

    async def read_lines(self) -> list[bytes] | None:
        """The lines that came since, at least one; None where the child closed its output.

        Not to be mixed with `read_line` but after it. Raises ValueError for a line over
        LINE_LIMIT_BYTES.
        """
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(_CHUNK_BYTES):
            whole, newline, rest = chunk.rpartition(b"\n")
            if newline:
                lines = (self._rest + whole).split(b"\n")
                self._rest = rest
                return lines
            self._rest += chunk
            if len(self._rest) > LINE_LIMIT_BYTES:
                raise ValueError(f"a line over {LINE_LIMIT_BYTES // 2**20} MiB")
        return None

    def write(self, raw: bytes) -> None:
        """Queues bytes for the child; a child that is gone is noticed by reading from it.

        What is written in one turn of the loop goes out at once: a system call costs more.
        """
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(raw)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        stream = self._process.stdin
        if waiting and stream is not None and not stream.is_closing():
            stream.write(b"".join(waiting))

    async def drain(self) -> None:
        """Waits where the child reads slower than the harness writes."""
        self._flush()
        stream = self._process.stdin
        if stream is not None:
            with contextlib.suppress(ConnectionError):
                await stream.drain()

    @property
    def log_tail(self) -> str:
        """The end of what the child wrote to standard error."""
        text = b"".join(self._log)[-2000:].decode("utf-8", "replace").strip()
        return f"; its log ends: {text}" if text else ""

    async def end(self) -> str:
        """Kills the whole process group and says how the child ended.

        Goes on to its end when it is cancelled, as where another worker failed first: a child that
        is half ended outlives the loop with its pipes.
        """
        ending = asyncio.ensure_future(self._end())
        try:
            return await asyncio.shield(ending)
        except asyncio.CancelledError:
            await ending
            raise

    async def _end(self) -> str:
        if self._line is not None:
            self._line.close()
        if self._starter_waits:
            # The starter ends its program and every orphan of it, then itself.
            await self._has_exited(_END_S)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._relays is not None:
            await self._relays.close()
        await self._has_exited(_END_S)
        with contextlib.suppress(asyncio.TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(1):
                await self._drain
        self._drain.cancel()
        # asyncio has no public way to close what is left of the pipes before the loop ends.
        self._process._transport.close()  # type: ignore[attr-defined]  # as said
        code = await self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    async def _has_exited(self, limit_s: float) -> None:
        """Waits for the exit; `wait` of asyncio waits for whoever holds the pipes as well."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self._process.returncode is None:  # noqa: ASYNC110 - there is no event
                    await asyncio.sleep(_LOOK_S)

    async def ended(self) -> str:
        """How a child that closed its output ended; what is left of its group is killed."""
        await self._has_exited(1)
        return await self.end()

    async def _drain_log(self) -> None:
        assert self._process.stderr is not None
        while chunk := await self._process.stderr.read(_LOG_BYTES):
            self._log.append(chunk)


class Growth:
    """More processes for a pool, where its trials have shared what it has for as long as a start.

    A process costs more than many an agent's whole run: those that are done by then get no second.
    Where one can't be started there is no other try: those that are there run every trial.
    """

    def __init__(self, start: Callable[[], Awaitable[None]], wanted: Callable[[], int]) -> None:
        """`start` adds a process; `wanted` says how many more would each take over a trial."""
        self._start, self._wanted = start, wanted
        self._start_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._growing: asyncio.Task[None] | None = None
        self.has_ended = False

    async def begin(self, start: Callable[[], Awaitable[None]]) -> None:
        """Starts the first process, and remembers how long that took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await start()
        self._start_s = min(_LOOK_AGAIN_S, loop.time() - began)

    def look_soon(self) -> None:
        """For whenever a trial begins."""
        if self.has_ended:
            return
        if self._timer is None and self._growing is None:
            self._timer = asyncio.get_running_loop().call_later(self._start_s, self._look)

    def _look(self) -> None:
        self._timer = None
        count = self._wanted()
        if count > 0:
            self._growing = asyncio.get_running_loop().create_task(self._grow(count))

    async def _grow(self, count: int) -> None:
        try:
            starting = [self._start() for _ in range(count)]
            ended = await asyncio.gather(*starting, return_exceptions=True)
        finally:
            self._growing = None
        for problem in ended:
            if isinstance(problem, InfrastructureError):
                self.has_ended = True
            elif problem is not None:
                raise problem
        self.look_soon()

    async def close(self) -> None:
        """Starts nothing more; what is being started is ended."""
        if self._timer is not None:
            self._timer.cancel()
        if self._growing is not None:
            self._growing.cancel()
            await asyncio.gather(self._growing, return_exceptions=True)


def _close_line(launch: Launch) -> None:
    if launch.line is not None:
        launch.line.close()


async def _create(launch: Launch) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *launch.command,
        cwd=launch.folder,
        env=dict(launch.environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT_BYTES,
        start_new_session=True,
        pass_fds=() if launch.theirs is None else (launch.theirs.fileno(),),
    )
