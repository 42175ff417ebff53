"""Ports of the harness's loopback, reached from a network that has none but its own.

Sockets that listen inside come over the starter's line; what connects to one is joined with the
same port outside. Knows nothing of what is said there.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_BYTES = 2**16
_START_S = 30.0


class Relays:
    """The relays of one started program."""

    def __init__(self) -> None:
        self._servers: list[asyncio.Server] = []
        self._joined: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, line: socket.socket) -> Relays:
        """Takes every socket that comes over the line, until the starter says that was all.

        A starter that ends before says nothing here: its program's end is seen by who reads it.
        """
        relays = cls()
        line.setblocking(False)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_S):
                while (port := await relays._take_one(line)) > 0:
                    del port
        return relays

    async def _take_one(self, line: socket.socket) -> int:
        """The port of the next socket; 0 where there is none."""
        await _readable(line)
        raw, rights, _, _ = line.recvmsg(2, socket.CMSG_SPACE(4))
        if len(raw) < 2:
            return 0
        (port,) = struct.unpack("!H", raw)
        for descriptor in _descriptors(rights):
            listening = socket.socket(fileno=descriptor)
            listening.setblocking(False)
            self._servers.append(await self._serve(listening, port))
        return int(port)

    async def _serve(self, listening: socket.socket, port: int) -> asyncio.Server:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(_join(reader, writer, port))
            self._joined.add(task)
            task.add_done_callback(self._joined.discard)

        return await asyncio.start_server(accept, sock=listening)

    async def close(self) -> None:
        """Ends every relay and waits until its sockets are closed."""
        for server in self._servers:
            server.close()
        for task in self._joined:
            task.cancel()
        await asyncio.gather(*self._joined, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()


async def _readable(line: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    is_readable = loop.create_future()

    def tell() -> None:
        if not is_readable.done():
            is_readable.set_result(None)

    loop.add_reader(line, tell)
    try:
        await is_readable
    finally:
        loop.remove_reader(line)


def _descriptors(rights: list[tuple[int, int, bytes]]) -> Iterator[int]:
    for level, kind, data in rights:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found = array.array("i")
            found.frombytes(data[: len(data) - len(data) % found.itemsize])
            yield from found


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """One connection from inside, joined with one outside, until both ends are done."""
    try:
        there = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        writer.transport.abort()
        return
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_pass_on(reader, there[1]))
            group.create_task(_pass_on(there[0], writer))
    except* OSError:
        pass  # either side broke off: the other learns it below
    finally:
        writer.transport.abort()
        there[1].transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
