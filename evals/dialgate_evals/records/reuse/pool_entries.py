"""Which lines a pool of trials keeps: the newest that fit, each once, and not too many of a case.

Holds where a line stands and not the line: all of a pool would be much in memory.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_OF_A_CASE = 64
"""Trials of one case under one release that are kept: more would say nothing new."""


class Entry(NamedTuple):
    """A marked line of a file, and what decides whether it stays."""

    at: str
    run: str
    context: str
    file: BinaryIO
    start: int
    length: int
    # of the line, in bytes

    @property
    def line(self) -> bytes:
        """Read when it is written elsewhere: all of a pool would be much in memory."""
        return os.pread(self.file.fileno(), self.length, self.start)


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


def within(entries: list[Entry], limits: PoolLimits, now: dt.datetime) -> list[Entry]:
    """The newest that fit, in order of time; none from after tomorrow."""
    oldest = moment_text(now - dt.timedelta(days=limits.max_age_days))
    newest = moment_text(now + dt.timedelta(days=1))
    counts: Counter[tuple[str, str]] = Counter()
    size, kept = 0, []
    for entry in sorted(entries, key=lambda entry: entry.at)[::-1]:
        size += entry.length
        counts[entry.run, entry.context] += 1
        over = size > limits.max_bytes or counts[entry.run, entry.context] > MOST_OF_A_CASE
        if oldest <= entry.at <= newest and not over:
            kept.append(entry)
    return kept[::-1]


def moment_text(moment: dt.datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
