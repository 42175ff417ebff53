"""One HTTP/1.1 connection to an agent: a request, a bounded answer, kept for the next one.

Knows h11's events and every way in which the other side can break them; leaves what a status
means, and which connection is used, to `http`. Proxies of the environment are never used.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import h11

from dialgate_evals.running.simulation.loopback import BODY_LIMIT_BYTES, HEAD_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

_AGENT = "dialgate"


class NoAnswerError(Exception):
    """The connection ended before a byte of the answer came."""


class BrokenAnswerError(Exception):
    """What came is no HTTP answer, is too large, or ended early; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """One answer of the other side."""

    status: int
    headers: Mapping[str, str]
    # by lower-case name; the last one of several counts
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAddress:
    """An agent's address, taken apart for the socket and for a request's head."""

    host: str
    port: int
    is_tls: bool
    authority: str
    # as the Host header writes it
    target: str
    # path and query


def parse_address(url: str) -> HttpAddress:
    """The parts of an http or https URL. Raises ValueError saying what is wrong with it."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address that is no http or https URL")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a user name or password in the address")
    is_tls = parts.scheme == "https"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    host = parts.hostname.encode("idna").decode("ascii") if ":" not in parts.hostname else None
    return HttpAddress(
        host=host or parts.hostname,
        port=parts.port or (443 if is_tls else 80),
        is_tls=is_tls,
        authority=(host or f"[{parts.hostname}]") + (f":{parts.port}" if parts.port else ""),
        target=f"{path}?{query}" if query else path,
    )


class HttpConnection(asyncio.Protocol):
    """One connection; a protocol rather than a stream, so that nothing unasked goes unseen."""

    def __init__(self, address: HttpAddress) -> None:
        self._address = address
        self._wire = _new_wire()
        self._transport: asyncio.Transport | None = None
        self._arrived = asyncio.Event()
        self._is_busy = False
        self._has_received = False
        self._has_ended = False

    @classmethod
    async def open(cls, address: HttpAddress) -> HttpConnection:
        """Connects. Raises OSError where nothing answers there (ssl.SSLError is one)."""
        connection = cls(address)
        context = ssl.create_default_context() if address.is_tls else None
        await asyncio.get_running_loop().create_connection(
            lambda: connection, address.host, address.port, ssl=context
        )
        return connection

    @property
    def is_reusable(self) -> bool:
        """Whether another request can be sent: the last one ended well and nothing came since."""
        return not self._is_busy and not self._has_ended

    async def post_json(self, body: bytes) -> HttpAnswer:
        """The answer to one POST; closes the connection where it can't serve another.

        Raises NoAnswerError or BrokenAnswerError; safe to cancel.
        """
        assert self._transport is not None
        self._is_busy, self._has_received = True, False
        try:
            # Not drained: a side that answers without reading must not make this wait for ever.
            for event in (self._request(len(body)), h11.Data(data=body), h11.EndOfMessage()):
                self._transport.write(self._wire.send(event) or b"")
            answer = await self._read_answer()
            self._is_busy = not self._begin_next()
            return answer
        except h11.RemoteProtocolError as error:
            if not self._has_received:
                raise NoAnswerError from None
            reason = "ended early" if self._has_ended else f"is no HTTP ({error})"
            raise BrokenAnswerError(f"an answer that {reason}") from None
        finally:
            if self._is_busy:
                self.close()

    def close(self) -> None:
        """Ends the connection at once."""
        self._has_ended = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of asyncio.Protocol: the socket is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Part of asyncio.Protocol; what comes between two requests answers nobody."""
        if not self._is_busy:
            self.close()
        elif not self._has_ended:
            self._has_received = True
            self._wire.receive_data(data)
            self._arrived.set()

    def eof_received(self) -> bool:
        """Part of asyncio.Protocol: an end without a length is an answer's end too."""
        self._end()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Part of asyncio.Protocol: whoever waits for an answer hears of it."""
        del exc
        self._end()

    def _end(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._wire.receive_data(b"")
        self._arrived.set()

    def _request(self, length: int) -> h11.Request:
        return h11.Request(
            method="POST",
            target=self._address.target,
            headers=[
                ("Host", self._address.authority),
                ("User-Agent", _AGENT),
                ("Accept", "application/json"),
                ("Accept-Encoding", "identity"),
                ("Content-Type", "application/json"),
                ("Content-Length", str(length)),
            ],
        )

    async def _read_answer(self) -> HttpAnswer:
        event = await self._next_event()
        while isinstance(event, h11.InformationalResponse):
            event = await self._next_event()
        if not isinstance(event, h11.Response):
            raise h11.RemoteProtocolError("closed without an answer")
        body = bytearray()
        while isinstance(data := await self._next_event(), h11.Data):
            body += data.data
            if len(body) > BODY_LIMIT_BYTES:
                limit = BODY_LIMIT_BYTES // 2**20
                raise BrokenAnswerError(f"an answer over {limit} MiB")
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers
        }
        return HttpAnswer(status=event.status_code, headers=headers, body=bytes(body))

    async def _next_event(self) -> object:
        event: object
        while (event := self._wire.next_event()) is h11.NEED_DATA:
            self._arrived.clear()
            if self._has_ended:
                raise h11.RemoteProtocolError("closed in the middle")
            await self._arrived.wait()
        return event

    def _begin_next(self) -> bool:
        """Whether the exchange ended so that another may follow on this connection."""
        ended = self._wire.our_state is h11.DONE and self._wire.their_state is h11.DONE
        if not ended or self._has_ended or self._wire.trailing_data[0]:
            return False
        self._wire.start_next_cycle()
        return True


def _new_wire() -> h11.Connection:
    return h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT_BYTES)
