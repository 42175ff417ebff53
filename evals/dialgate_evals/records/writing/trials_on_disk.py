"""Scored trials in a file without a name: what a long run keeps there instead of in memory.

Knows how one is packed, and how many are read back in the record's order or by their case; leaves
when to write them to `writing.recorded_trials`. The file is gone with the process.
"""

from __future__ import annotations

import os
import struct
import weakref
from array import array
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, overload

import msgspec

from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from dialgate_evals.records.writing.journal import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_HEADER = struct.Struct("<IqqqBI")
"""Rank of the case, trial, start and length in the journal, marks, bytes of the score."""

_CACHED, _ERRORED = 1, 2
_AT_ONCE = 2**16
"""Bytes that are read together."""

_pack_score = msgspec.msgpack.Encoder().encode
# Not strict: a count that a transcript writes as 12.0 is 12.
_unpack_score = msgspec.msgpack.Decoder(TrialScore, strict=False).decode


class Entry(NamedTuple):
    """A trial as the file holds it."""

    rank: int
    # of its case in the record's order; strangers have the one behind the last
    trial: int
    place: Place
    marks: int
    packed: bytes

    @property
    def score(self) -> TrialScore:
        """What scoring said of it."""
        return _unpack_score(self.packed)

    @property
    def is_cached(self) -> bool:
        """Whether it comes from an earlier run."""
        return bool(self.marks & _CACHED)


def pack(score: TrialScore, *, rank: int, place: Place, is_cached: bool) -> Entry:
    """The trial as the file holds it."""
    errored = _ERRORED if score.status is TrialStatus.ERRORED else 0
    marks = errored | (_CACHED if is_cached else 0)
    return Entry(rank, score.trial, place, marks, _pack_score(score))


class TrialFile:
    """Entries, one behind the other."""

    def __init__(self, folder: Path) -> None:
        """A file on the folder's disk: what is in /tmp may lie in memory."""
        from tempfile import TemporaryFile  # noqa: PLC0415 - only long runs need it

        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as this does
        weakref.finalize(self, self._file.close)
        self.end = 0

    def append(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, int]]:
        """Writes them, and says where each begins; nothing is read before all are written."""
        for entry in entries:
            begin = self.end
            header = (*entry[:2], *entry.place, entry.marks, len(entry.packed))
            self._file.write(_HEADER.pack(*header))
            self._file.write(entry.packed)
            self.end += _HEADER.size + len(entry.packed)
            yield entry, begin
        self._file.flush()

    def read(self, begin: int, end: int) -> Iterator[Entry]:
        """The entries between two of their beginnings, or the end."""
        held, at = b"", 0
        while at < len(held) or begin < end:
            size = _size_of(held, at)
            if len(held) - at < size:
                wanted = min(max(_AT_ONCE, size), end - begin)
                held, at = held[at:] + os.pread(self._file.fileno(), wanted, begin), 0
                begin += wanted
                continue
            rank, trial, start, length, marks, _ = _HEADER.unpack_from(held, at)
            packed = held[at + _HEADER.size : at + size]
            yield Entry(rank, trial, Place(start, length), marks, packed)
            at += size


def _size_of(held: bytes, at: int) -> int:
    """Bytes of the entry that begins there; of its header, where that isn't read yet."""
    if len(held) - at < _HEADER.size:
        return _HEADER.size
    return _HEADER.size + int(_HEADER.unpack_from(held, at)[-1])


class ScoredTrials(Sequence[TrialScore]):
    """The scored trials of a run in the record's order, read from the file when asked for."""

    def __init__(self, entries: Iterable[Entry], *, cases: Sequence[str], folder: Path) -> None:
        """`entries` in the record's order; `cases` as the ranks number them."""
        self._file = TrialFile(folder)
        self._cases = cases
        self._begins = array("q", [-1]) * len(cases)
        self._strangers: dict[str, int] = {}
        # where the trials of each case begin; -1: it has none
        self._count = 0
        self.has_errored = False
        # whether any trial could not be run
        for entry, begin in self._file.append(entries):
            self._count += 1
            self.has_errored |= bool(entry.marks & _ERRORED)
            if entry.rank == len(cases):
                self._strangers.setdefault(entry.score.case_id, begin)
            elif self._begins[entry.rank] < 0:
                self._begins[entry.rank] = begin
        self.by_case: Mapping[str, tuple[TrialScore, ...]] = _ByCase(
            self._file, {**dict(self._known()), **self._strangers}
        )

    def _known(self) -> Iterator[tuple[str, int]]:
        return ((case, at) for case, at in zip(self._cases, self._begins, strict=True) if at >= 0)

    def entries(self) -> Iterator[Entry]:
        """All of them as they lie there."""
        return self._file.read(0, self._file.end)

    def __iter__(self) -> Iterator[TrialScore]:
        return (entry.score for entry in self.entries())

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> TrialScore: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[TrialScore, ...]: ...
    def __getitem__(self, index: int | slice) -> TrialScore | tuple[TrialScore, ...]:
        """Reads all that lie before: only for the first few."""
        if isinstance(index, slice):
            return tuple(islice(self, *index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return next(islice(self, index % len(self), None))


class _ByCase(Mapping[str, tuple[TrialScore, ...]]):
    """The trials of each case that has any."""

    def __init__(self, file: TrialFile, begins: Mapping[str, int]) -> None:
        """`begins` in the file's order."""
        self._file = file
        ends = [*islice(begins.values(), 1, None), file.end]
        self._places = dict(zip(begins, zip(begins.values(), ends, strict=True), strict=True))

    def __getitem__(self, case_id: str) -> tuple[TrialScore, ...]:
        return tuple([entry.score for entry in self._file.read(*self._places[case_id])])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
