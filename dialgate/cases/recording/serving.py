"""Listens on loopback until somebody ends it, and runs an agent under it where one is named."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from dialgate.cases.recording.proxy import guarded
from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

_LONGEST_END_S = 2.0
_HEAD_BYTES = 2**16


class Served(Protocol):
    """What answers the requests of one port, between a start and an end."""

    async def start(self) -> None:
        """Makes what it needs."""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The answer to one request, whatever its path."""
        ...

    async def close(self) -> None:
        """Ends what it made."""


def listen(port: int) -> socket.socket:
    """A socket on 127.0.0.1; port 0 takes a free one. Raises UsageError where it is taken."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(("127.0.0.1", port))
        made.listen(1024)
    except OSError as error:
        made.close()
        taken = error.errno in {errno.EADDRINUSE, errno.EACCES}
        advice = " --port 0 takes a free one." if taken else ""
        raise UsageError(f"Port {port} can't be used: {error.strerror}.{advice}") from None
    return made


def serve_until_ended(
    served: Served,
    listening: socket.socket,
    *,
    ready: Callable[[], None],
    agent: Sequence[str] = (),
) -> int | None:
    """Serves until Ctrl-C or SIGTERM, or until the agent has ended; gives its exit code."""
    return asyncio.run(_serve(served, listening, ready, agent))


@asynccontextmanager
async def serving(served: Served, listening: socket.socket) -> AsyncIterator[int]:
    """Serves for as long as the context is open; gives the port."""
    port: int = listening.getsockname()[1]
    server = web.Server(
        guarded(served.serve, lambda: port),  # type: ignore[arg-type]  # aiohttp names a wider request
        handler_cancellation=True, auto_decompress=False, access_log=None, keepalive_timeout=75,
        max_line_size=_HEAD_BYTES, max_field_size=_HEAD_BYTES,
    )  # fmt: skip
    await served.start()
    runner = web.ServerRunner(server, shutdown_timeout=_LONGEST_END_S)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    try:
        yield port
    finally:
        await runner.cleanup()
        await served.close()


async def _serve(
    served: Served, listening: socket.socket, ready: Callable[[], None], agent: Sequence[str]
) -> int | None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    async with serving(served, listening) as port:
        ready()
        if agent:
            return await _run_agent(agent, port, ended)
        await ended.wait()
        return None


async def _run_agent(agent: Sequence[str], port: int, ended: asyncio.Event) -> int:
    """Runs the command with its base URLs set to the proxy."""
    address = f"http://127.0.0.1:{port}"
    variables = {"OPENAI_BASE_URL": f"{address}/v1", "ANTHROPIC_BASE_URL": address}
    try:
        process = await asyncio.create_subprocess_exec(*agent, env={**os.environ, **variables})
    except OSError as error:
        raise UsageError(f"{agent[0]} can't be started: {error.strerror}.") from None
    waiting = asyncio.ensure_future(process.wait())
    stopped = asyncio.ensure_future(ended.wait())
    await asyncio.wait({waiting, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        process.terminate()
        try:
            await asyncio.wait_for(asyncio.shield(waiting), _LONGEST_END_S)
        except TimeoutError:
            process.kill()
    stopped.cancel()
    return await waiting
