"""What a file was when it was read, and whether it still is.

A file is trusted by its size, times and number only where it can't have been written since: a time
of change that lies well before the reading. Else its bytes are read again and compared by digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_lines import json_lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

_CHUNK = 1 << 20
_RACY_NS = 2_000_000_000
"""A file written so shortly before it was read may be written again without another time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMark:
    """One file as it was read."""

    path: str
    # resolved
    size: int
    # bytes that were read, from the start
    digest: str
    # SHA-256 of them, hexadecimal
    modified_ns: int
    changed_ns: int
    inode: int
    device: int
    read_ns: int
    # when its digest was made
    lines: int = 0
    # whole ones, of JSON Lines
    is_whole: bool = True
    # whether the last of them was ended: if not, the next look may find it longer

    def as_json(self) -> dict[str, Any]:
        """The mark as a state keeps it."""
        return asdict(self)

    @classmethod
    def of_json(cls, document: Mapping[str, Any]) -> FileMark:
        """The mark that `as_json` wrote; raises TypeError for other keys."""
        return cls(**document)

    def is_untouched(self, path: Path, racy_ns: int = _RACY_NS) -> bool:
        """Whether the file can't have been written since. Raises OSError."""
        state = path.stat()
        return (
            (state.st_size, state.st_mtime_ns, state.st_ctime_ns)
            == (self.size, self.modified_ns, self.changed_ns)
            and (state.st_ino, state.st_dev) == (self.inode, self.device)
            and max(self.changed_ns, self.modified_ns) < self.read_ns - racy_ns
        )

    def seen(self, path: Path, now_ns: int) -> FileMark:
        """The mark with the file's times as they are now, its bytes being the same."""
        state = path.stat()
        return replace(
            self,
            modified_ns=state.st_mtime_ns,
            changed_ns=state.st_ctime_ns,
            inode=state.st_ino,
            device=state.st_dev,
            read_ns=now_ns,
        )


class ChangedFileError(Exception):
    """A file is not what it was: edited, cut short, replaced, or written while it was read."""


def mark_of(path: Path, now_ns: int) -> FileMark:
    """The mark of a whole file. Raises OSError, and ChangedFileError where it is written to."""
    before = path.stat()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    after = path.stat()
    if (before.st_size, before.st_mtime_ns, before.st_ctime_ns, before.st_ino) != (
        after.st_size,
        after.st_mtime_ns,
        after.st_ctime_ns,
        after.st_ino,
    ):
        raise ChangedFileError
    return FileMark(
        path=str(path.resolve()),
        size=before.st_size,
        digest=digest,
        modified_ns=before.st_mtime_ns,
        changed_ns=before.st_ctime_ns,
        inode=before.st_ino,
        device=before.st_dev,
        read_ns=now_ns,
    )


class MarkedLines:
    """The lines of a JSON Lines file behind those of a mark, and the mark with them.

    The bytes before are read again and compared by digest: what was appended to is told from what
    was rewritten.
    """

    def __init__(self, path: Path, known: FileMark | None, now_ns: int) -> None:
        self._path = path
        self._known = known
        self._now_ns = now_ns
        self._hash = hashlib.sha256()
        self._size = self._lines = 0
        self._is_whole = True
        self._file: BinaryIO | None = None

    def rows(self) -> Iterator[tuple[int, object]]:
        """Number and object of each new line. Raises OSError, ChangedFileError."""
        with self._path.open("rb") as file:
            self._file = file
            if self._known is not None:
                self._pass_over(self._known)
            yield from json_lines_of(self._next_line, self._lines)

    def mark(self) -> FileMark:
        """The file as it was read, at the end of `rows`."""
        found = FileMark(
            path=str(self._path.resolve()),
            size=self._size,
            digest=self._hash.hexdigest(),
            modified_ns=0,
            changed_ns=0,
            inode=0,
            device=0,
            read_ns=self._now_ns,
            lines=self._lines,
            is_whole=self._is_whole,
        )
        return found.seen(self._path, self._now_ns)

    def _pass_over(self, known: FileMark) -> None:
        assert self._file is not None
        left = known.size
        while left and (chunk := self._file.read(min(_CHUNK, left))):
            self._hash.update(chunk)
            left -= len(chunk)
        if left or not known.is_whole or self._hash.hexdigest() != known.digest:
            raise ChangedFileError
        self._size, self._lines = known.size, known.lines

    def _next_line(self, limit: int) -> bytes:
        assert self._file is not None
        line = self._file.readline(limit)
        self._hash.update(line)
        self._size += len(line)
        if line:
            self._is_whole = line.endswith(b"\n")
            self._lines += self._is_whole
        return line
