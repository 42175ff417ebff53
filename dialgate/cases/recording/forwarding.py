"""Passes a request on and its answer back, byte for byte as it arrives.

A redirect is never followed, an encoding never changed. What is kept of an answer is kept before
its last piece goes to the client: whoever saw it whole finds it in the journal.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from dialgate.cases.recording.decoding import READABLE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from dialgate.cases.recording.upstreams import Upstream

_HOPS = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer "
    "transfer-encoding upgrade host content-length accept-encoding expect origin".split()
)
"""Headers of one connection, and those that are made anew for the next."""

_HOPS_BACK = _HOPS - {"content-length", "origin"}
CONNECT_S = 30


class Tap(Protocol):
    """Hears an answer while it passes."""

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The answer begins: its status and headers, before any piece."""

    def feed(self, piece: bytes) -> bool:
        """A piece; whether something should be kept before it is passed on."""
        ...

    @property
    def holds_last(self) -> bool:
        """Whether each piece waits for the next one, so that the last comes after keeping."""
        ...

    async def keep(self, ended: str | None) -> None:
        """Keeps what was heard. `ended`: why the answer ended early; None where it did not."""


def make_session() -> aiohttp.ClientSession:
    """A client that adds nothing of its own and remembers nothing."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        auto_decompress=False,
        trust_env=True,
        max_line_size=2**16,
        max_field_size=2**16,
    )


def _headers(request: web.Request) -> CIMultiDict[str]:
    named = {name.strip().lower() for name in request.headers.get("Connection", "").split(",")}
    made = CIMultiDict(
        (name, value)
        for name, value in request.headers.items()
        if name.lower() not in _HOPS and name.lower() not in named
    )
    offered = request.headers.get("Accept-Encoding", "identity")
    kept = [part for part in offered.split(",") if part.partition(";")[0].strip() in READABLE]
    made["Accept-Encoding"] = ",".join(kept) or "identity"
    return made


class RefusedError(Exception):
    """The request can't be passed on; status and reason for the client."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


async def forward(
    session: aiohttp.ClientSession,
    request: web.Request,
    upstream: Upstream,
    url: str,
    body: bytes | AsyncIterator[bytes] | None,
    tap: Tap | None,
) -> web.StreamResponse:
    """Sends it, and answers what comes back. Raises RefusedError where nothing was answered yet."""
    try:
        async with session.request(
            request.method, URL(url, encoded=True), headers=_headers(request), data=body,
            allow_redirects=False,
        ) as answer:  # fmt: skip
            return await _pass_back(request, upstream, url, answer, tap)
    except asyncio.CancelledError:
        if tap is not None:
            await tap.keep("the client went away")
        raise
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        reason = f"{upstream.origin} can't be reached: {_cause(error)}"
        if tap is not None:
            await tap.keep(reason)
        raise RefusedError(502, reason) from None


def _cause(error: BaseException) -> str:
    inner = getattr(error, "os_error", None) or error
    if isinstance(error, TimeoutError):
        return f"no connection within {CONNECT_S} s"
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


async def _pass_back(
    request: web.Request,
    upstream: Upstream,
    url: str,
    answer: aiohttp.ClientResponse,
    tap: Tap | None,
) -> web.StreamResponse:
    headers = _headers_back(request, upstream, url, answer)
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    if tap is not None:
        tap.begin(answer.status, answer.headers)
    try:
        await response.prepare(request)
        async for piece in _pieces(answer, tap):
            await response.write(piece)
        await response.write_eof()
    except (aiohttp.ClientConnectionResetError, ConnectionResetError):
        is_clients = request.transport is None or request.transport.is_closing()
        await _break_off(request, tap, "the client went away" if is_clients else "it broke off")
    except (aiohttp.ClientError, TimeoutError) as error:
        await _break_off(request, tap, f"the answer broke off: {_cause(error)}")
    return response


async def _pieces(answer: aiohttp.ClientResponse, tap: Tap | None) -> AsyncIterator[bytes]:
    """What goes to the client: as it comes, but nothing that ends the answer before it is kept."""
    held = b""
    async for piece in answer.content.iter_any():
        if tap is None:
            yield piece
            continue
        if tap.feed(piece):
            await tap.keep(None)
        if tap.holds_last:
            yield held
            held = piece
        else:
            yield piece
    if tap is not None:
        await tap.keep(None)
    yield held


async def _break_off(request: web.Request, tap: Tap | None, why: str) -> None:
    """Ends the client's connection as the upstream's ended: in the middle."""
    if tap is not None:
        await tap.keep(why)
    if request.transport is not None:
        request.transport.abort()


def _headers_back(
    request: web.Request, upstream: Upstream, url: str, answer: aiohttp.ClientResponse
) -> CIMultiDict[str]:
    named = {name.strip().lower() for name in answer.headers.get("Connection", "").split(",")}
    made = CIMultiDict(
        (name, value)
        for name, value in answer.headers.items()
        if name.lower() not in _HOPS_BACK and name.lower() not in named
    )
    if 300 <= answer.status < 400 and "Location" in made:
        made["Location"] = _location(request, upstream, url, made["Location"])
    return made


def _location(request: web.Request, upstream: Upstream, url: str, location: str) -> str:
    """Where a redirect leads, by way of the proxy. Raises RefusedError for another address."""
    parts = urlsplit(urljoin(url, location))
    if f"{parts.scheme}://{parts.netloc}" != upstream.origin:
        raise RefusedError(
            502,
            f"{upstream.origin} redirects to {parts.scheme}://{parts.netloc}, where the request's "
            "key would go; the proxy follows nothing. Name that address as the upstream.",
        )
    return f"http://{request.host}{parts.path}" + (f"?{parts.query}" if parts.query else "")
