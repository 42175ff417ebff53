"""What writes tables: DuckDB in memory, here or in a process of its own.

It takes some 50 MB, which end with the process alone. Run by its path it gets statements on its
input, a JSON text a line, and answers each with a line: null, or what went wrong. The first line
says that it is ready. Standard library and DuckDB only; leaves what is written to
`records.parquet_tables`.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@cache
def database() -> DuckDBPyConnection:
    """A database in memory for every file of rows: to open one takes longer than to use it.

    It keeps no part of a file, and starts no thread that a forked process would lack.
    """
    import duckdb  # noqa: PLC0415 - heavy, and only records and events need it

    found = duckdb.connect(
        config={"autoinstall_known_extensions": False, "threads": 1, "TimeZone": "UTC"}
    )
    for name in ("async_threads", "enable_external_file_cache"):
        with suppress(duckdb.CatalogException):  # a version that knows neither has neither
            found.execute(f"SET {name} = 0")
    return found


def open_writer() -> DuckDBPyConnection:
    """A connection that writes tables."""
    return database().cursor()


def main(paths: list[str]) -> None:
    """Executes statements until its input ends; `paths`: where modules are looked for."""
    sys.path[:] = paths
    connection = open_writer()
    _answer(None)
    for line in sys.stdin:
        try:
            connection.execute(json.loads(line))
        except Exception as error:  # noqa: BLE001 - whoever asked does it again, and hears the error
            _answer(str(error))
        else:
            _answer(None)


def _answer(error: str | None) -> None:
    sys.stdout.write(json.dumps(error) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
