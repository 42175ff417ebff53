"""The endpoint that receives an agent's tool calls: one unguessable address a trial, on loopback.

Knows HTTP on the server's side within bounds; leaves what a call means to the trial's tools and
who is told the address to the adapters.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h11

from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.running.simulation.loopback import (
    BODY_LIMIT_BYTES,
    HEAD_LIMIT_BYTES,
    make_token,
    open_loopback_socket,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.running.agent_protocol import ToolSession

_MOST_CONNECTIONS = 4096
"""More at once are turned away: an agent that opens connections without end costs itself only."""

_CHUNK_BYTES = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpenTrial:
    session: ToolSession
    schemas: Sequence[Any]


class ToolServer:
    """Serves the tools of the trials that are open now; started once a run."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._base = ""
        self.port = 0
        # once started
        self._trials: dict[str, _OpenTrial] = {}
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens on a free port of 127.0.0.1."""
        listening = open_loopback_socket()
        self._server = await asyncio.start_server(self._accept, sock=listening)
        self.port = listening.getsockname()[1]
        self._base = f"http://127.0.0.1:{self.port}/trials/"

    @contextmanager
    def open_trial(self, session: ToolSession, schemas: Sequence[Any] = ()) -> Iterator[str]:
        """The address of this trial's tools, for as long as the context is open.

        A GET of it gives `schemas`, so that a stdio server can list the tools.
        """
        token = make_token()
        self._trials[token] = _OpenTrial(session=session, schemas=schemas)
        try:
            yield f"{self._base}{token}/tools"
        finally:
            del self._trials[token]

    async def close(self) -> None:
        """Stops listening and ends every connection."""
        if self._server is None:
            return
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= _MOST_CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests of one connection, one after the other, until either side ends it."""
        exchange = _ServerSide(reader, writer)
        try:
            while await self._serve_one(exchange):
                pass
        except (h11.RemoteProtocolError, ConnectionError):
            pass  # the agent broke off or spoke no HTTP: its own loss
        finally:
            writer.transport.abort()

    async def _serve_one(self, exchange: _ServerSide) -> bool:
        """Whether another request may follow on the connection."""
        request = await exchange.read_request()
        if request is None:
            return False
        trial = self._find_trial(request.target)
        if trial is None:
            return await exchange.answer(404, {"error": "no such trial is in flight"}, last=True)
        body = await exchange.read_body()
        if body is None:
            limit = BODY_LIMIT_BYTES // 2**20
            return await exchange.answer(413, {"error": f"a call over {limit} MiB"}, last=True)
        if request.method == b"GET":
            return await exchange.answer(200, {"tools": list(trial.schemas)})
        if request.method != b"POST":
            return await exchange.answer(405, {"error": "POST a call, or GET the tools"})
        return await exchange.answer(*await _make_call(trial.session, body))

    def _find_trial(self, target: bytes) -> _OpenTrial | None:
        parts = target.decode("latin-1").partition("?")[0].split("/")
        if len(parts) != 4 or parts[1] != "trials" or parts[3] != "tools":
            return None
        return self._trials.get(parts[2])


async def _make_call(session: ToolSession, body: bytes) -> tuple[int, dict[str, Any]]:
    """Status and answer; what is no call reaches no tool."""
    try:
        call = parse_json(body)
    except JsonTextError as error:
        return 400, {"error": f"the call holds {error}"}
    if not isinstance(call, dict):
        return 400, {"error": "a call is an object with name and arguments"}
    answer = await session.call(call.get("name", ""), call.get("arguments", {}))
    if answer.is_error:
        return 200, {"error": str(answer.content)}
    return 200, {"content": answer.content}


class _ServerSide:
    """One connection as the server sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._wire = h11.Connection(our_role=h11.SERVER, max_incomplete_event_size=HEAD_LIMIT_BYTES)

    async def read_request(self) -> h11.Request | None:
        """The next request's head; None where the connection ended between two."""
        event = await self._next_event()
        return event if isinstance(event, h11.Request) else None

    async def read_body(self) -> bytes | None:
        """The request's body; None where it is too large."""
        if self._wire.they_are_waiting_for_100_continue:
            await self._send(h11.InformationalResponse(status_code=100, headers=[]))
        body = bytearray()
        while isinstance(event := await self._next_event(), h11.Data):
            body += event.data
            if len(body) > BODY_LIMIT_BYTES:
                return None
        return bytes(body)

    async def answer(self, status: int, document: dict[str, Any], *, last: bool = False) -> bool:
        """Sends a JSON answer; whether another request may follow."""
        body = json.dumps(document).encode("ascii")
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if last:
            headers.append(("Connection", "close"))
        await self._send(h11.Response(status_code=status, headers=headers))
        await self._send(h11.Data(data=body))
        await self._send(h11.EndOfMessage())
        if self._wire.our_state is not h11.DONE or self._wire.their_state is not h11.DONE:
            await self._linger()
            return False
        self._wire.start_next_cycle()
        return True

    async def _send(self, event: h11.Event) -> None:
        self._writer.write(self._wire.send(event) or b"")
        await self._writer.drain()

    async def _next_event(self) -> object:
        event: object
        while (event := self._wire.next_event()) is h11.NEED_DATA:
            self._wire.receive_data(await self._reader.read(_CHUNK_BYTES))
        return event

    async def _linger(self) -> None:
        """Takes in what is still under way, within bounds: a reset would overtake the answer."""
        self._writer.write_eof()
        for _ in range(2 * BODY_LIMIT_BYTES // _CHUNK_BYTES):
            if not await self._reader.read(_CHUNK_BYTES):
                return
