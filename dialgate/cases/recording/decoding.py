"""Bodies as they were before they were packed: gzip and deflate; bounded, whatever they say."""

from __future__ import annotations

import zlib
from typing import Any

READABLE = frozenset({"gzip", "deflate", "identity"})
"""Encodings that an upstream may choose from: those whose size can be held."""

MOST_BYTES = 64 * 2**20
"""A larger body passes and is not kept."""


class Decoder:
    """Takes the bytes of a body in any pieces."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        self._packed: Any = _decompressor(self._encoding)
        self._size = 0
        self._is_first = True
        self.problem = "" if self._packed is not None else f"its encoding is {self._encoding[:40]}"
        # why nothing more comes; empty where it does

    def feed(self, piece: bytes) -> bytes:
        """What the piece holds; nothing once there is a problem."""
        if self.problem:
            return b""
        try:
            made = piece if self._packed is _PLAIN else self._unpack(piece)
        except zlib.error:
            self.problem = f"its bytes are not {self._encoding}"
            return b""
        self._size += len(made)
        if self._size > MOST_BYTES:
            self.problem = f"it is larger than {MOST_BYTES // 2**20} MiB"
            return b""
        return made

    def _unpack(self, piece: bytes) -> bytes:
        most = MOST_BYTES - self._size + 1
        if self._is_first and piece:
            self._is_first = False
            if self._encoding == "deflate" and piece[:1] != b"\x78":  # some send it bare
                self._packed = zlib.decompressobj(-zlib.MAX_WBITS)
        return bytes(self._packed.decompress(piece, most))


_PLAIN = object()


def _decompressor(encoding: str) -> Any:  # noqa: ANN401 - the library doesn't name its type
    if encoding in {"", "identity"}:
        return _PLAIN
    if encoding in {"gzip", "x-gzip"}:
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    if encoding == "deflate":
        return zlib.decompressobj()
    return None
