"""Simulated tools over MCP: streamable HTTP on loopback, one unguessable path a trial.

Knows how trials share one listening socket and end with all their sessions; leaves the protocol
to the official SDK and what a call means to the trial's tools.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from dialgate_evals.running.simulation.loopback import (
    BODY_LIMIT_BYTES,
    make_token,
    open_loopback_socket,
)
from dialgate_evals.running.simulation.mcp_sdk import build_server, require_mcp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
    from socket import socket

    import uvicorn

    from dialgate_evals.running.agent_protocol import ToolSession

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

_MOST_CONNECTIONS = 4096
"""Connections at once; one more is answered with 503."""

_LONGEST_END_S = 1
"""How long requests that are still open may take when the server stops."""


class McpServer:
    """Serves the trials that are open now; started once a run."""

    def __init__(self) -> None:
        """Raises UsageError where the extra is missing."""
        require_mcp()
        self.port = 0
        # once started
        self._host = ""
        self._trials: dict[str, Any] = {}
        # the SDK's session manager of each trial, by token
        self._server: uvicorn.Server | None = None
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listens on a free port of 127.0.0.1."""
        listening = open_loopback_socket()
        self.port = listening.getsockname()[1]
        self._host = f"127.0.0.1:{self.port}"
        is_ready = asyncio.Event()
        self._server = _make_http_server(self._serve, is_ready)
        self._running = asyncio.create_task(_run_http_server(self._server, listening, is_ready))
        await is_ready.wait()
        if self._running.done():
            await self._running

    @asynccontextmanager
    async def open_trial(
        self, session: ToolSession, schemas: Sequence[Mapping[str, Any]]
    ) -> AsyncIterator[str]:
        """The address of this trial's tools, for as long as the context is open.

        A client may open several sessions one after the other; each call reaches `session`.
        """
        token, is_ready, is_over = make_token(), asyncio.Event(), asyncio.Event()
        sessions = _make_session_manager(build_server(schemas, session.call), self._host)
        # A task of its own: the SDK's task group must be left where it was entered.
        running = asyncio.create_task(_run_sessions(sessions, is_ready, is_over))
        try:
            await is_ready.wait()
            self._trials[token] = sessions
            yield f"http://{self._host}/mcp/{token}"
        finally:
            self._trials.pop(token, None)
            is_over.set()
            await running

    async def close(self) -> None:
        """Stops listening and ends every connection."""
        if self._server is None or self._running is None:
            return
        self._server.should_exit = self._server.force_exit = True
        await asyncio.gather(self._running, return_exceptions=True)
        self._server = self._running = None

    async def _serve(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """The ASGI application: finds the trial, bounds the body, hands over to the SDK."""
        folder, _, token = scope["path"].rpartition("/")
        sessions = self._trials.get(token) if folder == "/mcp" else None
        if sessions is None:
            await _refuse(send, 404, b"no such trial is in flight")
            return
        body = await _read_body(receive)
        if body is None:
            await _refuse(send, 413, b"a request over 16 MiB")
            return
        await sessions.handle_request(scope, _replay(body, receive), send)


def _make_session_manager(server: Any, host: str) -> Any:  # noqa: ANN401 - differs by generation
    from mcp.server.streamable_http_manager import (  # noqa: PLC0415 - an extra
        StreamableHTTPSessionManager,
    )
    from mcp.server.transport_security import TransportSecuritySettings  # noqa: PLC0415 - an extra

    security = TransportSecuritySettings(allowed_hosts=[host], allowed_origins=[f"http://{host}"])
    # Plain JSON answers: no simulated tool reports progress, and events cost a stream each.
    return StreamableHTTPSessionManager(server, json_response=True, security_settings=security)


async def _run_sessions(sessions: Any, is_ready: asyncio.Event, is_over: asyncio.Event) -> None:  # noqa: ANN401 - any data
    try:
        async with sessions.run():
            is_ready.set()
            await is_over.wait()
    finally:
        is_ready.set()


def _make_http_server(application: Any, is_ready: asyncio.Event) -> uvicorn.Server:  # noqa: ANN401 - any data
    import uvicorn  # noqa: PLC0415 - comes with the extra

    class LoopbackServer(uvicorn.Server):
        """Says when it listens, and leaves signals to the engine."""

        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            is_ready.set()

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:  # type: ignore[override,unused-ignore]  # typed in some versions
            yield

    config = uvicorn.Config(
        application,
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_LONGEST_END_S,
    )
    return LoopbackServer(config)


async def _run_http_server(
    server: uvicorn.Server, listening: socket, is_ready: asyncio.Event
) -> None:
    try:
        await server.serve(sockets=[listening])
    finally:
        is_ready.set()
        listening.close()


async def _read_body(receive: Receive) -> bytes | None:
    """The request's body; None where it is too large, or the client is gone."""
    body, has_more = bytearray(), True
    while has_more:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
        if len(body) > BODY_LIMIT_BYTES:
            return None
    return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever comes: the client going away."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> dict[str, Any]:
        return waiting.pop() if waiting else await receive()

    return replay


async def _refuse(send: Send, status: int, text: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
