"""The proxy itself: one address for every model and every MCP server of a recording.

Knows which request goes where and what of it is kept; leaves passing on to `forwarding`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from dialgate.cases.recording.decoding import MOST_BYTES, Decoder
from dialgate.cases.recording.forwarding import RefusedError, forward, make_session
from dialgate.cases.recording.guard import refusal
from dialgate.cases.recording.taps import McpTap, ModelTap
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.recording.apis.registry import APIS, api_of, is_anthropics
from dialgate_evals.recording.exchanges import Unrecorded
from dialgate_evals.recording.json_rpc import Pairing, messages_in
from dialgate_evals.recording.withholding import keys_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import aiohttp

    from dialgate.cases.recording.forwarding import Tap
    from dialgate.cases.recording.recorder import Recorder
    from dialgate.cases.recording.upstreams import Upstream, Upstreams
    from dialgate_evals.recording.apis.api import Api

    Body = bytes | AsyncIterator[bytes] | None

MCP = "/mcp/"
_MOST_SESSIONS = 10_000


async def read_body(request: web.Request) -> bytes | None:
    """The body as it was sent; None where it is larger than anybody keeps."""
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def api_asked(request: web.Request) -> Api:
    """The API in whose shape an error is answered."""
    anthropics = is_anthropics(request.path, request.headers)
    return APIS["anthropic"] if anthropics else APIS["openai-chat"]


def refuse(request: web.Request, status: int, reason: str) -> web.Response:
    """An error in the shape of the provider that was asked."""
    document = api_asked(request).error(status, f"dialgate record: {reason}")
    return web.json_response(document, status=status)


def guarded(
    serve: Callable[[web.Request], Awaitable[web.StreamResponse]], port: Callable[[], int]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler behind the checks that every request passes."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if not request.raw_path.startswith("/"):
            reason = "this is no forward proxy (HTTP_PROXY): set the client's base URL instead"
            return refuse(request, 400, reason)
        reason_ = refusal(request.headers, port())
        if reason_ is not None:
            return refuse(request, 403, reason_)
        try:
            return await serve(request)
        except RefusedError as refused:
            return refuse(request, refused.status, refused.reason)

    return handle


class Proxy:
    """Passes requests on and keeps them."""

    def __init__(self, upstreams: Upstreams, recorder: Recorder) -> None:
        self._upstreams, self._recorder = upstreams, recorder
        self._session: aiohttp.ClientSession | None = None
        self._pairings: dict[tuple[str, str], Pairing] = {}
        # of MCP's sessions

    async def start(self) -> None:
        """Makes the client; needs a running loop."""
        self._session = make_session()

    async def close(self) -> None:
        """Ends every connection to upstreams."""
        if self._session is not None:
            await self._session.close()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Passes one request on."""
        if request.raw_path.startswith(MCP):
            return await self._serve_mcp(request)
        anthropics = is_anthropics(request.path, request.headers)
        upstream = self._upstreams.anthropic if anthropics else self._upstreams.openai
        url = upstream.target(request.raw_path)
        api = api_of(request.method, request.path, anthropics=anthropics)
        if api is None:
            return await self._forward(request, upstream, url, _streamed(request), None)
        body = await self._body(request)
        document = _document(body, request.headers.get("Content-Encoding", ""))
        if document is None:
            what, why = f"a request to {request.path}", "its body is no JSON object"
            await self._recorder.keep(Unrecorded(what=what, why=why, at=time.time()))
            return await self._forward(request, upstream, url, body, None)
        keys = keys_in(request.headers.items(), dict(request.query))
        tap = ModelTap(self._recorder, api, request.path, document, keys)
        try:
            return await self._forward(request, upstream, url, body, tap)
        except RefusedError as refused:
            await tap.keep(refused.reason)
            raise

    async def _body(self, request: web.Request) -> bytes:
        body = await read_body(request)
        if body is None:
            raise RefusedError(413, f"a request over {MOST_BYTES // 2**20} MiB")
        return body

    async def _forward(
        self, request: web.Request, upstream: Upstream, url: str, body: Body, tap: Tap | None
    ) -> web.StreamResponse:
        assert self._session is not None
        return await forward(self._session, request, upstream, url, body, tap)

    async def _serve_mcp(self, request: web.Request) -> web.StreamResponse:
        rest = request.raw_path.removeprefix(MCP)
        name, mark, query = rest.partition("?")
        upstream = self._upstreams.mcp.get(name.rstrip("/"))
        if upstream is None:
            known = ", ".join(self._upstreams.mcp) or "none"
            raise RefusedError(404, f"no MCP server is called {name[:80]!r}; --mcp named: {known}")
        url = upstream.url
        if mark:
            url += ("&" if upstream.query else "?") + query
        session = request.headers.get("Mcp-Session-Id", "")
        kept = self._pairing(name, session) if session else None
        own = Pairing(name)
        body = await self._body(request) if request.can_read_body else None
        for message in messages_in(body or b""):
            own.asked(message, time.time())
            if kept is not None:
                kept.asked(message, time.time())
        keys = keys_in(request.headers.items(), dict(request.query))
        tap = McpTap(self._recorder, [own] if kept is None else [own, kept], keys)
        return await self._forward(request, upstream, url, body, tap)

    def _pairing(self, name: str, session: str) -> Pairing:
        key = (name, session)
        if key not in self._pairings and len(self._pairings) >= _MOST_SESSIONS:
            self._pairings.pop(next(iter(self._pairings)))
        return self._pairings.setdefault(key, Pairing(name))


def _streamed(request: web.Request) -> AsyncIterator[bytes] | None:
    return request.content.iter_any() if request.can_read_body else None


def _document(body: bytes, encoding: str) -> dict[str, Any] | None:
    decoder = Decoder(encoding)
    try:
        value = parse_json(decoder.feed(body))
    except JsonTextError:
        return None
    return value if isinstance(value, dict) and not decoder.problem else None
