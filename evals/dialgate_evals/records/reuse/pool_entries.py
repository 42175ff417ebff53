"""Which lines a pool of trials keeps: the newest that fit, each once, and not too many of a case.

Holds where a line stands and not the line: all of a pool would be much in memory.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter, deque
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_OF_A_CASE = 64
"""Trials of one case under one release that are kept: more would say nothing new."""

_MOST_AT_ONCE = 2**20
"""Bytes of neighbouring lines that are read together."""


class Entry(NamedTuple):
    """A marked line of a file, and what decides whether it stays."""

    at: str
    run: str
    context: str
    file: BinaryIO
    start: int
    length: int
    # of the line, in bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits:
    """Beyond them the oldest trials go."""

    max_bytes: int
    max_age_days: float


def newest(
    entries: Iterable[tuple[bytes, Entry]], marks: set[bytes], limits: PoolLimits
) -> list[Entry]:
    """Each entry once, without those that newer ones leave no room for."""
    kept: deque[tuple[bytes, Entry]] = deque()
    size, is_in_order = 0, True
    for mark, entry in entries:
        if mark in marks:
            continue
        marks.add(mark)
        is_in_order = is_in_order and (not kept or kept[-1][1].at <= entry.at)
        kept.append((mark, entry))
        size += entry.length
        while is_in_order and size - kept[0][1].length > limits.max_bytes:
            dropped, oldest = kept.popleft()
            marks.discard(dropped)
            size -= oldest.length
    return [entry for _, entry in kept]


def lines_of(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Their lines in that order, some together: read when they are written elsewhere."""
    file, start, end = None, 0, 0
    for entry in entries:
        if entry.file is not file or entry.start != end or end - start > _MOST_AT_ONCE:
            if file is not None:
                yield os.pread(file.fileno(), end - start, start)
            file, start = entry.file, entry.start
        end = entry.start + entry.length
    if file is not None:
        yield os.pread(file.fileno(), end - start, start)


def within(entries: list[Entry], limits: PoolLimits, now: dt.datetime) -> list[Entry]:
    """The newest that fit, in order of time; none from after tomorrow."""
    oldest = moment_text(now - dt.timedelta(days=limits.max_age_days))
    newest = moment_text(now + dt.timedelta(days=1))
    counts: Counter[tuple[str, str]] = Counter()
    size, kept = 0, []
    for entry in sorted(entries, key=attrgetter("at"))[::-1]:
        at, run, context, _, _, length = entry
        size += length
        count = counts[run, context] = counts[run, context] + 1
        over = size > limits.max_bytes or count > MOST_OF_A_CASE
        if oldest <= at <= newest and not over:
            kept.append(entry)
    return kept[::-1]


def moment_text(moment: dt.datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
