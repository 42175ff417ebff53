"""Drops what a kept store has too much of: what is too old, then the oldest until the rest fits.

Knows the rows of the store's database; leaves what they hold to the caches.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from dialgate_evals.records.reuse.plain_disk import DATABASE

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

_DAY_S = 86_400.0


def drop_old(folder: Path, *, max_bytes: int, max_age_days: float, now: dt.datetime) -> int:
    """Drops entries of the store in the folder; how many. Raises sqlite3.Error.

    Those without a usable time, or from more than a day after `now` (aware), count as too old.
    Several processes may do so at once.
    """
    moment = now.timestamp()
    limits = (max_bytes, moment - max_age_days * _DAY_S, moment + _DAY_S)
    # By a connection of its own: the library can't drop by age without reading all values.
    with closing(sqlite3.connect(folder / DATABASE, timeout=60)) as database:
        return _drop(database, *limits)


def _drop(database: sqlite3.Connection, max_bytes: int, oldest: float, newest: float) -> int:
    """Deletes in one transaction; an open one ends without effect with its connection."""
    database.isolation_level = None
    database.execute("BEGIN IMMEDIATE")
    rows = database.execute(
        "SELECT rowid, store_time, coalesce(length(value), 0) + length(key) FROM Cache"
    ).fetchall()
    dropped = _to_drop(rows, max_bytes, oldest, newest)
    database.executemany("DELETE FROM Cache WHERE rowid = ?", [(row,) for row in dropped])
    database.execute("COMMIT")
    return len(dropped)


def _to_drop(
    rows: list[tuple[int, Any, int]], max_bytes: int, oldest: float, newest: float
) -> list[int]:
    """The rows to delete: without a time within the limits, then the oldest over `max_bytes`."""
    kept = [row for row in rows if isinstance(row[1], float) and oldest <= row[1] <= newest]
    dropped = {row[0] for row in rows} - {row[0] for row in kept}
    total = sum(size for _, _, size in kept)
    for number, _, size in sorted(kept, key=lambda row: (row[1], row[0])):
        if total <= max_bytes:
            break
        dropped.add(number)
        total -= size
    return sorted(dropped)
