"""What writes tables: DuckDB in memory, here or in a process of its own.

It takes some 50 MB, which end with the process alone. Run by its path it gets statements on its
input, a JSON text a line, and answers each with a line: null, or what went wrong. The first line
says that it is ready. Standard library and DuckDB only; leaves what is written to
`records.parquet_tables`.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def open_writer() -> DuckDBPyConnection:
    """A database in memory that writes tables; to open the first takes longer than to write."""
    import duckdb  # noqa: PLC0415 - heavy, and only writing records needs it

    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    connection.execute("SET threads = 1")
    return connection


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
