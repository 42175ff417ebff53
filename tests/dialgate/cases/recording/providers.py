"""Model providers and MCP servers for the proxy to pass on to, and the proxy in front of them.

They answer by what they are asked, in pieces that a test can hold back. aiohttp, on which the proxy
stands, is imported with the first test that runs one: every worker collects all tests.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate.cases.recording.places import find_place
from dialgate.cases.recording.recorder import Recorder
from dialgate.cases.recording.upstreams import find_upstreams

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from dialgate.cases.recording.places import RecordingPlace

KEY = "plain-key-of-a-test-0001"
"""Has no form by which a key is known."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as the provider read it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass(kw_only=True)
class Answer:
    """An answer; a streamed one goes out piece by piece."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Sequence[bytes | asyncio.Event] = ()
    # an event is waited for
    is_streamed: bool = False
    breaks_off: bool = False
    is_silent: bool = False
    # its head waits for its first piece


def whole(document: Any, status: int = 200, **headers: str) -> Answer:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Answer(
        status=status,
        headers={"Content-Type": "application/json", **_named(headers)},
        pieces=[raw],
    )


def streamed(*pieces: bytes | asyncio.Event, **headers: str) -> Answer:
    return Answer(
        headers={"Content-Type": "text/event-stream", **_named(headers)},
        pieces=list(pieces),
        is_streamed=True,
    )


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


class Provider:
    """Listens on loopback."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self._answer = answer
        self.asked: list[Asked] = []
        self.gone = asyncio.Event()
        # a connection ended before its answer did
        self.url = ""

    def answer_with(self, answer: Callable[[Asked], Answer]) -> None:
        self._answer = answer

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Provider]:
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.add(asyncio.ensure_future(self._serve(reader, writer)))

        server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**25, backlog=1024)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                first = b""
                while True:
                    asked = await read_request(reader, first)
                    self.asked.append(asked)
                    answering = asyncio.ensure_future(send(writer, self._answer(asked)))
                    ending = asyncio.ensure_future(reader.read(1))
                    await asyncio.wait({answering, ending}, return_when=asyncio.FIRST_COMPLETED)
                    if not answering.done():
                        answering.cancel()
                        self.gone.set()
                        return
                    if not answering.result():
                        return
                    first = await ending
                    if not first:
                        return
        finally:
            writer.close()


async def read_request(reader: asyncio.StreamReader, first: bytes = b"") -> Asked:
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (h.partition(":") for h in rest)}
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, target, _ = line.split(" ")
    return Asked(method=method, target=target, headers=headers, body=body)


async def send(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    """Whether the connection stays open."""
    headers = dict(answer.headers)
    if answer.is_streamed:
        headers["Transfer-Encoding"] = "chunked"
    else:
        length = sum(len(piece) for piece in answer.pieces if isinstance(piece, bytes))
        headers.setdefault("Content-Length", str(length))
    lines = [f"HTTP/1.1 {answer.status} Words", *(f"{n}: {v}" for n, v in headers.items())]
    if answer.is_silent:
        assert isinstance(answer.pieces[0], asyncio.Event)
        await answer.pieces[0].wait()
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    for piece in answer.pieces:
        if isinstance(piece, asyncio.Event):
            await piece.wait()
            continue
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if answer.is_streamed else piece)
        await writer.drain()
    if answer.breaks_off:
        return False
    if answer.is_streamed:
        writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A proxy that listens."""

    url: str
    port: int
    place: RecordingPlace
    said: list[str]


@asynccontextmanager
async def proxy_before(
    provider: str, folder: Path, *, base: str = "/v1", mcp: tuple[str, ...] = ()
) -> AsyncIterator[Standing]:
    """The proxy with this upstream for both providers, recording for a suite of the folder."""
    from dialgate.cases.recording.proxy import Proxy
    from dialgate.cases.recording.serving import listen, serving

    place = find_place(folder / "suites" / "shop", None)
    said: list[str] = []
    recorder = Recorder(place, said.append)
    recorder.prepare()
    upstreams = find_upstreams(
        openai=provider + base, anthropic=provider, mcp=mcp, environment={}, port=0
    )
    async with serving(Proxy(upstreams, recorder), listen(0)) as port:
        yield Standing(url=f"http://127.0.0.1:{port}", port=port, place=place, said=said)
    recorder.close()
