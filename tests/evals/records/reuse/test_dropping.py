"""What is over a store's limits goes, the oldest first, and no row is held for it."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tracemalloc
from contextlib import closing
from typing import TYPE_CHECKING

from dialgate_evals.records.reuse.dropping import drop_old
from dialgate_evals.records.reuse.plain_disk import DATABASE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)


def filled(folder: Path, times: Sequence[object]) -> Path:
    """A store with an entry of 100 bytes for each time."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        database.execute("CREATE TABLE Cache (key TEXT, value BLOB, store_time REAL)")
        rows = [(f"{number:010}", b"x" * 90, time) for number, time in enumerate(times)]
        database.executemany("INSERT INTO Cache VALUES (?, ?, ?)", rows)
        database.commit()
    return folder


def left(folder: Path) -> list[int]:
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        return [int(key) for (key,) in database.execute("SELECT key FROM Cache ORDER BY key")]


def test_of_the_rows_with_a_usable_time_the_oldest_go(tmp_path: Path) -> None:
    now = NOW.timestamp()
    times = [now - 3, now - 9, None, "soon", now - 9, now + 10**6, now - 10**7, now - 1]
    store = filled(tmp_path / "store", times)
    assert drop_old(store, max_bytes=10**6, max_age_days=30, now=NOW) == 4
    assert left(store) == [0, 1, 4, 7]
    assert drop_old(store, max_bytes=300, max_age_days=30, now=NOW) == 1
    assert left(store) == [0, 4, 7]
    assert drop_old(store, max_bytes=299, max_age_days=30, now=NOW) == 1
    assert left(store) == [0, 7]
    assert drop_old(store, max_bytes=0, max_age_days=30, now=NOW) == 2
    assert left(store) == []


def test_a_row_more_takes_no_memory(tmp_path: Path) -> None:
    """Bytes that Python holds at most while it drops, which were 200 a row."""
    peaks = []
    for count in (2000, 4000):
        store = filled(tmp_path / str(count), [NOW.timestamp() - n for n in range(count)])
        tracemalloc.start()
        try:
            assert drop_old(store, max_bytes=100 * 10, max_age_days=30, now=NOW) == count - 10
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] - peaks[0] < 2000 * 4
