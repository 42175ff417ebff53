"""OTLP as protobuf: requests of spans or logs, alone, framed by their length, packed or not.

The collector's file exporter puts four bytes before each request, protobuf's own writers a varint.
A request without a frame is read one resource at a time. The messages come from the extra `otlp`.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, BinaryIO

import zstandard

from dialgate_evals.files.json_text import DOCUMENT_LIMIT_BYTES
from dialgate_evals.importing.found import list_in
from dialgate_evals.importing.reading.json_parts import parse_text
from dialgate_evals.importing.reading.opened import ZSTANDARD

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESOURCE = 0x0A
# the tag of field 1, a message: all that a request has
_IDS = ("traceId", "spanId", "parentSpanId")


class ProtobufError(ValueError):
    """The bytes are no OTLP, or break off; the message says what was found."""


def is_binary(start: bytes) -> bool:
    """Whether a file that begins so is no text: no text holds such control characters."""
    return any(byte < 32 and byte not in b"\t\n\r\f" for byte in start)


def read_requests(opened: BinaryIO) -> Iterator[dict[str, Any]]:
    """Each request, or resource of one, in the words of OTLP's JSON.

    Raises ProtobufError, and ImportError without the extra.
    """
    for raw in _messages(opened):
        yield _as_json(raw)


def _messages(opened: BinaryIO) -> Iterator[bytes]:
    first = opened.read(1)
    if first == bytes([_RESOURCE]):
        while first:
            if first != bytes([_RESOURCE]):
                raise ProtobufError("a field that no request of OTLP has")
            size = _varint(opened)
            yield first + _written(size) + _exactly(opened, size)
            first = opened.read(1)
        return
    is_collectors = first == b"\0"
    while first:
        if is_collectors:
            size = int.from_bytes(first + _exactly(opened, 3), "big")
        else:
            size = _varint(opened, first)
        yield _exactly(opened, size)
        first = opened.read(1)


def _varint(opened: BinaryIO, byte: bytes = b"") -> int:
    number = 0
    for place in range(5):
        byte = byte or _exactly(opened, 1)
        number |= (byte[0] & 127) << 7 * place
        if byte[0] < 128:
            return number
        byte = b""
    raise ProtobufError("a length that no message has")


def _written(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _exactly(opened: BinaryIO, size: int) -> bytes:
    if size > DOCUMENT_LIMIT_BYTES:
        raise ProtobufError(f"a message over {DOCUMENT_LIMIT_BYTES // 2**20} MiB, or no OTLP")
    raw = opened.read(size)
    if len(raw) < size:
        raise ProtobufError("a message that breaks off")
    return raw


def _as_json(raw: bytes) -> dict[str, Any]:
    from google.protobuf.json_format import MessageToDict  # noqa: PLC0415 - an extra
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - an extra
    from opentelemetry.proto.logs.v1.logs_pb2 import LogsData  # noqa: PLC0415 - an extra
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData  # noqa: PLC0415 - an extra

    if raw.startswith(ZSTANDARD):
        reader = zstandard.ZstdDecompressor().stream_reader(raw)
        raw = bytes(reader.read(DOCUMENT_LIMIT_BYTES))
    if raw.lstrip().startswith(b"{"):
        document = parse_text(raw.decode("utf-8", "replace"))
        if isinstance(document, dict):
            return document
    for kind, is_right in ((TracesData, _has_spans), (LogsData, _has_records)):
        try:
            document = MessageToDict(kind.FromString(raw))
        except (DecodeError, ValueError, RecursionError):
            continue
        if is_right(document):
            return _with_plain_ids(document)
    raise ProtobufError("bytes that are no spans and no logs of OTLP")


def _has_spans(document: dict[str, Any]) -> bool:
    """Whether it has spans, or nothing: of logs their reader leaves spans without an id."""
    spans = list(_leaves(document, "resourceSpans", "scopeSpans", "spans"))
    return all(len(span.get("traceId", "")) == 24 for span in spans)


def _has_records(document: dict[str, Any]) -> bool:
    return bool(list_in(document, "resourceLogs"))


def _leaves(document: dict[str, Any], *keys: str) -> Iterator[dict[str, Any]]:
    found: list[Any] = [document]
    for key in keys:
        found = [inner for item in found for inner in list_in(item, key)]
    return (item for item in found if isinstance(item, dict))


def _with_plain_ids(document: dict[str, Any]) -> dict[str, Any]:
    """With ids in hexadecimal digits, as OTLP's JSON has them; protobuf's JSON has base 64."""
    for keys in (("resourceSpans", "scopeSpans", "spans"),
                 ("resourceLogs", "scopeLogs", "logRecords")):  # fmt: skip
        for leaf in _leaves(document, *keys):
            for key in _IDS:
                if key in leaf:
                    try:
                        leaf[key] = base64.b64decode(leaf[key]).hex()
                    except binascii.Error:
                        continue
    return document
