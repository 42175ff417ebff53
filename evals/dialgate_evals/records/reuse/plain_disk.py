"""diskcache with a disk that can't unpickle and touches no file but its database.

Its own disks run code from a planted row (CVE-2025-69872, JSONDisk too), and read and delete the
files that rows name. Knows how such rows are refused; leaves what the bytes mean to the caller.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Never

import diskcache
from diskcache.core import DBNAME, DEFAULT_SETTINGS, METADATA, MODE_RAW

from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

DATABASE: str = DBNAME
_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm")
_NOT_ITS_FAULT = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
)
_PLAIN_VALUE = re.compile(r"[\w-]{1,40}")


_PUT = """
INSERT INTO Cache (key, raw, store_time, access_time, mode, value) VALUES (?, 1, ?, ?, ?, ?)
ON CONFLICT (key, raw) DO UPDATE SET
  store_time = excluded.store_time, access_time = excluded.access_time, mode = excluded.mode,
  value = excluded.value, size = 0, expire_time = NULL, access_count = 0, tag = NULL,
  filename = NULL
"""


class ForeignEntryError(Exception):
    """A row that this cache didn't write; the message says what is odd about it."""


class PlainDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Only text as keys, only bytes as values, both inside the database."""

    def put(self, key: Any) -> tuple[str, bool]:  # noqa: ANN401 - the library's signature
        """The key as a column. Raises TypeError for anything but text."""
        if not isinstance(key, str):
            raise TypeError(f"a key is text, not {type(key).__name__}")
        return key, True

    def get(self, key: Any, raw: Any) -> str:  # noqa: ANN401 - hostile input
        """The key of a row. Raises ForeignEntryError for one that `put` didn't make."""
        if not raw or not isinstance(key, str):
            raise ForeignEntryError("its key is no text")
        return key

    def store(self, value: Any, read: Any, key: Any = None) -> tuple[int, int, None, Any]:  # noqa: ANN401 - any data
        """The value as columns: always inside the database. Raises TypeError but for bytes."""
        del key
        if read or not isinstance(value, bytes):
            raise TypeError(f"a value is bytes, not {type(value).__name__}")
        return 0, MODE_RAW, None, sqlite3.Binary(value)

    def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> bytes:  # noqa: ANN401 - any data
        """The value of a row. Raises ForeignEntryError for one that `store` didn't make."""
        found = _value_of(mode, read or filename, value)
        if isinstance(found, ForeignEntryError):
            raise found
        return found

    def filename(self, key: Any = None, value: Any = None) -> Never:  # noqa: ANN401 - any data
        """Never: no value is kept in a file."""
        del key, value
        raise TypeError("values are kept in the database only")

    def remove(self, file_path: Any) -> None:  # noqa: ANN401 - hostile input
        """Nothing: a planted row may name any file of this machine."""


def open_plain_cache(folder: Path, *, say: Callable[[str], None]) -> diskcache.Cache:
    """The cache in the folder; nothing is ever evicted but by an explicit gc.

    A database that is none, or has settings that the library would not write, is replaced by an
    empty one, and `say` hears so. Raises UsageError where the folder can't be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not _is_sound(folder / DATABASE):
            say(f"{show_path(folder)}: no cache of trials; an empty one is begun.")
            for name in _FILES:
                (folder / name).unlink(missing_ok=True)
        return diskcache.Cache(
            str(folder.resolve()),
            disk=PlainDisk,
            eviction_policy="none",
            cull_limit=0,
            disk_min_file_size=2**62,
        )
    except (OSError, sqlite3.Error) as error:
        raise UsageError(f"{show_path(folder)}: the cache can't be opened: {error}.") from None


def put_together(folder: Path, entries: Iterable[tuple[str, bytes]]) -> None:
    """Puts bytes by their keys, all or none. Raises sqlite3.Error.

    The library asks for each key before it sets it; a database can do both at once.
    """
    now = time.time()
    # In the order of the index: the next row's place is near the last one's.
    rows = [(key, now, now, MODE_RAW, value) for key, value in sorted(entries)]
    with closing(sqlite3.connect(folder / DATABASE, timeout=60, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = NORMAL")  # as the library's own connections
        database.execute("BEGIN IMMEDIATE")
        database.executemany(_PUT, rows)
        database.execute("COMMIT")


_GET = (
    "SELECT key, mode, filename, value FROM Cache "
    "WHERE raw = 1 AND (expire_time IS NULL OR expire_time > ?) AND key IN ({})"
)


def get_together(folder: Path, keys: Sequence[str]) -> dict[str, bytes | ForeignEntryError]:
    """By key what `put_together` put, or what is odd about the row. Raises sqlite3.Error.

    As the library would give it, of which each key takes several times as long.
    """
    marks = ", ".join("?" * len(keys))
    with closing(sqlite3.connect(folder / DATABASE, timeout=60)) as database:
        rows = database.execute(_GET.format(marks), (time.time(), *keys)).fetchall()
    return {key: _value_of(mode, filename, value) for key, mode, filename, value in rows}


class PlainRows:
    """The rows whose keys begin alike, in the order in which they were put."""

    def __init__(self, folder: Path, prefix: str) -> None:
        """`folder` of a cache that is open; `prefix` ends in a space, what follows is a name."""
        self._folder = folder
        self._prefix = prefix

    def put(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Puts bytes by names, all or none. Raises sqlite3.Error."""
        put_together(self._folder, ((self._prefix + name, value) for name, value in entries))

    def read(self, row: int | None = None) -> Iterator[tuple[int, bytes | ForeignEntryError]]:
        """Numbers of the rows and what was put, or what is odd about it; or of that row alone.

        Raises sqlite3.Error.
        """
        limits = [time.time(), self._prefix, self._prefix[:-1] + "!"]
        with closing(sqlite3.connect(self._folder / DATABASE, timeout=60)) as database:
            database.text_factory = bytes  # what is no UTF-8 is nobody else's fault
            only = "" if row is None else "AND rowid = ?"
            rows = database.execute(_READ.format(only), [*limits, *([] if row is None else [row])])
            for number, mode, filename, value in rows:
                yield number, _value_of(mode, filename, value)

    def drop(self, rows: Iterable[int]) -> None:
        """Takes rows away. Raises sqlite3.Error."""
        with closing(sqlite3.connect(self._folder / DATABASE, timeout=60)) as database, database:
            database.executemany("DELETE FROM Cache WHERE rowid = ?", [(row,) for row in rows])


_READ = (
    "SELECT rowid, mode, filename, value FROM Cache WHERE raw = 1 "
    "AND (expire_time IS NULL OR expire_time > ?) AND key >= ? AND key < ? {} "
    "ORDER BY store_time, rowid"
)


def _value_of(mode: object, filename: object, value: object) -> bytes | ForeignEntryError:
    if filename is not None:
        return ForeignEntryError("it names a file")
    if mode != MODE_RAW or not isinstance(value, bytes):
        return ForeignEntryError("it is not stored as plain bytes")
    return value


def _is_sound(path: Path) -> bool:
    """Whether the library may open it: it runs each setting's name and value as a statement."""
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(path, timeout=60)) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE name = 'Settings'")
            if not tables.fetchall():
                return True
            settings = database.execute("SELECT key, value FROM Settings").fetchall()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode in _NOT_ITS_FAULT:
            raise
        return False
    known = {*DEFAULT_SETTINGS, *METADATA}
    return all(
        key in known and (isinstance(value, int) or _PLAIN_VALUE.fullmatch(str(value)))
        for key, value in settings
    )
