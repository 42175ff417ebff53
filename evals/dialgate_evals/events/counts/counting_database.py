"""Where what is counted lies meanwhile: a part of the process's DuckDB, or one of its own."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dialgate_evals.events.named_source import FileSource
from dialgate_evals.events.tables.duckdb_relation import connect, read_connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from dialgate_evals.events.named_source import TableSource

SMALL_BYTES = 2**18
"""Of all files of a source: more may want several cores, a bound of memory and a disk to spill to.
For less, to start DuckDB takes longer than to count."""

_NUMBERS = count(1)


@contextmanager
def counting_database(
    source: FileSource | TableSource | None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database to count the source in; None: it may grow."""
    if isinstance(source, FileSource) and _bytes_of(source) <= SMALL_BYTES:
        name = f"counting_{next(_NUMBERS)}"
        with read_connection() as connection:
            connection.execute(f"ATTACH ':memory:' AS {name}")
            connection.execute(f"USE {name}")
            try:
                yield connection
            finally:
                connection.execute("USE memory")
                connection.execute(f"DETACH {name}")
        return
    with (
        TemporaryDirectory(prefix="dialgate-events-") as folder,
        connect(Path(folder)) as connection,
    ):
        yield connection


def _bytes_of(source: FileSource) -> int:
    # What isn't there, or is no file, is told by who reads it.
    return sum(path.stat().st_size for path in source.paths if path.is_file())
