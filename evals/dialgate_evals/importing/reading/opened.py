"""Files as they are, or unpacked while they are read, where gzip or Zstandard packed them."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GZIP = b"\x1f\x8b"
ZSTANDARD = b"\x28\xb5\x2f\xfd"
UNPACKING_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)
"""What a packed file that breaks off, or is none, raises while it is read."""


@contextmanager
def open_plain(path: Path) -> Iterator[BinaryIO]:
    """The file's plain bytes. Raises OSError; reading may raise one of UNPACKING_ERRORS."""
    with path.open("rb") as raw:
        start = raw.read(4)
        raw.seek(0)
        if start.startswith(_GZIP):
            with gzip.open(raw) as unpacked:
                yield io.BufferedReader(unpacked)
        elif start == ZSTANDARD:
            reader = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
            yield io.BufferedReader(reader)
        else:
            yield raw


def plain_name(path: Path) -> str:
    """The file's name in small letters, without the ending that says how it is packed."""
    return path.name.lower().removesuffix(".gz").removesuffix(".zst")
