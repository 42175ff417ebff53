"""Entries of a ZIP archive, also those that Zstandard packed, as Inspect writes its logs today.

Python's own reader knows that method from 3.14 on. Sizes are held, whatever the archive says.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from pathlib import Path

_ZSTANDARD = 93
_LOCAL = b"PK\x03\x04"
ENTRY_ERRORS = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError,
                zlib.error, zstandard.ZstdError)  # fmt: skip
"""What an entry that can't be read raises."""


def read_entry(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """The entry's bytes, at most `limit`. Raises one of ENTRY_ERRORS."""
    if entry.compress_type != _ZSTANDARD:
        with archive.open(entry) as opened:
            return opened.read(limit)
    if entry.flag_bits & 1:
        raise NotImplementedError("it is encrypted")
    packed = _packed(path, entry, limit)
    reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed), read_across_frames=True)
    raw = bytes(reader.read(limit))
    if len(raw) < limit and (len(raw) != entry.file_size or zlib.crc32(raw) != entry.CRC):
        raise zipfile.BadZipFile("its checksum is another")
    return raw


def _packed(path: Path, entry: zipfile.ZipInfo, limit: int) -> bytes:
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        head = file.read(30)
        if len(head) < 30 or not head.startswith(_LOCAL):
            raise zipfile.BadZipFile("no entry stands where the archive says")
        name, extra = struct.unpack("<HH", head[26:])
        file.seek(name + extra, 1)
        return file.read(min(entry.compress_size, limit))
