"""What an answer says, heard while it passes: a model's, or an MCP server's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dialgate.cases.recording.decoding import Decoder
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.recording.event_stream import EventParser
from dialgate_evals.recording.exchanges import Exchange
from dialgate_evals.recording.json_rpc import Pairing, messages_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate.cases.recording.recorder import Recorder
    from dialgate_evals.recording.apis.api import Api
    from dialgate_evals.recording.event_stream import Event
    from dialgate_evals.recording.exchanges import ToolExchange


class _Heard:
    """The body of an answer: its events, or all of its bytes."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.is_stream = headers.get("Content-Type", "").lower().startswith("text/event-stream")
        self._decoder = Decoder(headers.get("Content-Encoding", ""))
        self._parser = EventParser()
        self._body = bytearray()

    def feed(self, piece: bytes) -> list[Event]:
        raw = self._decoder.feed(piece)
        if self.is_stream:
            return list(self._parser.feed(raw))
        self._body += raw
        return []

    def rest(self) -> Iterator[Event]:
        return self._parser.end()

    @property
    def body(self) -> bytes:
        return bytes(self._body)

    @property
    def problem(self) -> str:
        """Why not all of it was heard; empty where it was."""
        too_long = "an event is too long" if self._parser.is_broken else ""
        return self._decoder.problem or too_long


class ModelTap:
    """Hears a model's answer and keeps it with its request, once."""

    def __init__(
        self, recorder: Recorder, api: Api, path: str, body: dict[str, Any], keys: tuple[str, ...]
    ) -> None:
        self._recorder, self._api, self._keys = recorder, api, keys
        self._exchange: dict[str, Any] = {
            "api": api.name, "path": path, "at": time.time(), "body": body,
        }  # fmt: skip
        recorder.expect(body, keys)
        self._status: int | None = None
        self._heard: _Heard | None = None
        self._events: list[Event] = []
        self._is_kept = False

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The answer's status and headers, by which its pieces are read."""
        self._status, self._heard = status, _Heard(headers)

    def feed(self, piece: bytes) -> bool:
        """Whether the piece ends a streamed answer, so that it has to be kept first."""
        assert self._heard is not None
        events = self._heard.feed(piece)
        self._events += events
        return not self._is_kept and any(map(self._api.is_last, events))

    @property
    def holds_last(self) -> bool:
        """Whether the answer is one document, which ends with its last piece."""
        return self._heard is not None and not self._heard.is_stream

    async def keep(self, ended: str | None) -> None:
        """Keeps the exchange; what comes later says nothing more."""
        if self._is_kept:
            return
        self._is_kept = True
        await self._recorder.keep(lambda: self._made(ended), self._keys)

    def _made(self, ended: str | None) -> Exchange:
        answer, problem = None, ended or ""
        if self._heard is not None and ended is None:
            answer, problem = self._answer(self._heard)
        return Exchange(
            **self._exchange,
            status=self._status,
            answer=answer,
            error=problem,
            is_streamed=self._heard is not None and self._heard.is_stream,
        )

    def _answer(self, heard: _Heard) -> tuple[dict[str, Any] | None, str]:
        if heard.problem:
            return None, f"the answer was not heard whole: {heard.problem}"
        if heard.is_stream:
            events = [*self._events, *heard.rest()]
            answer = self._api.put_together(events)
            return answer, "" if answer is not None else "the stream broke off, or ended in error"
        try:
            document = parse_json(heard.body)
        except JsonTextError as error:
            return None, f"the answer is {error}" if self._status == 200 else self._http
        if not isinstance(document, dict):
            return None, "the answer is no object"
        return document, self._http if (self._status or 0) >= 400 else ""

    @property
    def _http(self) -> str:
        return f"HTTP {self._status}"


class McpTap:
    """Hears an MCP server's answers and keeps each as it comes."""

    def __init__(
        self, recorder: Recorder, pairings: list[Pairing], keys: tuple[str, ...] = ()
    ) -> None:
        self._recorder, self._pairings, self._keys = recorder, pairings, keys
        self._heard: _Heard | None = None
        self._found: list[ToolExchange] = []

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The head of an answer has come; its body follows by `feed`."""
        del status
        self._heard = _Heard(headers)

    def feed(self, piece: bytes) -> bool:
        """Whether the piece answers a request."""
        assert self._heard is not None
        for event in self._heard.feed(piece):
            self._take(event.data.encode("utf-8", "surrogatepass"))
        return bool(self._found)

    def _take(self, raw: bytes) -> None:
        for message in messages_in(raw):
            for pairing in self._pairings:
                found = pairing.answered(message)
                if found is not None:
                    self._found.append(found)
                    break

    @property
    def holds_last(self) -> bool:
        """Whether the answer is one document."""
        return self._heard is not None and not self._heard.is_stream

    async def keep(self, ended: str | None) -> None:
        """Keeps what was answered so far."""
        if self._heard is not None and not self._heard.is_stream and ended is None:
            self._take(self._heard.body)
        found, self._found = self._found, []
        for exchange in found:
            await self._recorder.keep(exchange, self._keys)
