"""Drops what a kept store has too much of: what is too old, then the oldest until the rest fits.

Knows the rows of the store's database; leaves what they hold to the caches.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

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
    dropped = database.execute(
        "DELETE FROM Cache WHERE typeof(store_time) <> 'real' OR store_time NOT BETWEEN ? AND ?",
        (oldest, newest),
    ).rowcount
    dropped += _drop_oldest(database, max_bytes)
    database.execute("COMMIT")
    return dropped


_TOTAL = "SELECT coalesce(sum(coalesce(length(value), 0) + length(key)), 0) FROM Cache"
_OLDEST_FIRST = (
    "SELECT store_time, rowid, coalesce(length(value), 0) + length(key) FROM Cache "
    "ORDER BY store_time, rowid"
)


def _drop_oldest(database: sqlite3.Connection, max_bytes: int) -> int:
    """The oldest over `max_bytes`, of rows with a time; none is held: there may be millions."""
    (total,) = database.execute(_TOTAL).fetchone()
    last = None
    rows = database.execute(_OLDEST_FIRST)
    while total > max_bytes:
        *last, size = next(rows)
        total -= size
    rows.close()
    if last is None:
        return 0
    return database.execute(
        "DELETE FROM Cache WHERE store_time < ? OR (store_time = ? AND rowid <= ?)",
        (last[0], *last),
    ).rowcount
