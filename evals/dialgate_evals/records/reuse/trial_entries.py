"""What an entry of any store of trials may hold, whoever wrote it.

Knows how large an unpacked one may be and what a trajectory in it must look like; leaves marks,
keys and places to the stores.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import zstandard

from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.files.json_text import LINE_LIMIT_BYTES
from dialgate_evals.files.schema_validation import check_document

if TYPE_CHECKING:
    from dialgate_evals.actions.trajectory import Trajectory

_LARGEST_WINDOW = 2**27


class BadEntryError(Exception):
    """Bytes that are no entry of a store; the message says why."""


def checked_trajectory(document: Any) -> Trajectory:  # noqa: ANN401 - hostile input
    """The finished trial that a document holds. Raises BadEntryError for anything else."""
    if check_document(document, "transcript", "", str):
        raise BadEntryError("it breaks the format of trajectories")
    trajectory = parse_trajectory(document)
    if trajectory.error is not None:
        raise BadEntryError("it could not be run, and such trials are never kept")
    return trajectory


def decompressed(raw: bytes) -> bytes:
    """At most LINE_LIMIT_BYTES, whatever the entry says of its own size. Raises BadEntryError."""
    with suppress(zstandard.ZstdError):  # a reader takes as much room as it may be asked for
        if 0 < zstandard.frame_content_size(raw) <= LINE_LIMIT_BYTES:
            return _decompressor().decompress(raw)
    try:
        reader = _decompressor().stream_reader(raw)
        content: bytes = reader.read(LINE_LIMIT_BYTES + 1)
    except zstandard.ZstdError:
        raise BadEntryError("it can't be decompressed") from None
    if len(content) > LINE_LIMIT_BYTES:
        raise BadEntryError(f"it is over {LINE_LIMIT_BYTES // 2**20} MiB")
    return content


def _decompressor() -> zstandard.ZstdDecompressor:
    """One for each thread: to make one takes many times as long as to read a short entry."""
    found: zstandard.ZstdDecompressor | None = getattr(_OF_THREAD, "decompressor", None)
    if found is None:
        found = _OF_THREAD.decompressor = zstandard.ZstdDecompressor(
            max_window_size=_LARGEST_WINDOW
        )
    return found


_OF_THREAD = threading.local()
