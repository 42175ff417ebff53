"""Review events from wherever they lie, by one function: files of any kind, or a table by its URL.

Knows which reader a source belongs to; leaves reading to `events.tables` and the rules of a
row to `dialgate_evals.events.review_event_lines`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.named_source import FileKind, FileSource, TableSource, name_source
from dialgate_evals.events.review_event_lines import EventLines
from dialgate_evals.events.tables.csv_rows import read_csv_rows
from dialgate_evals.events.tables.database_rows import read_table_rows
from dialgate_evals.events.tables.duckdb_relation import (
    connect,
    parquet_relation,
    read_connection,
    table_relation,
)
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.files.problems import Problem, show_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    import duckdb

Row = tuple[str, str, object]
"""A file as it is shown, the place in it, and the row as an object or its JsonTextError."""


def read_events(source: str | Path, *, takes_all: bool = False) -> EventLines:
    """Every event of the source, checked row by row; of other sources too where `takes_all`.

    `source`: a file (.jsonl, .csv, .parquet), a folder or glob of files of one kind, or the URL of
    a table (`postgresql://host/db#table`, `duckdb:///file.db#table`, any that SQLAlchemy reads).
    Raises ConfigurationError: unreadable, or over 1 % of the rows are bad.
    """
    found = EventLines(takes_all=takes_all)
    for file, place, document in rows_of(name_source(source)):
        found.add(document, place, file)
    found.refuse()
    return found


def rows_of(source: FileSource | TableSource) -> Iterator[Row]:
    """Every row of the source with its place, in order. Raises ConfigurationError."""
    if isinstance(source, TableSource):
        if source.is_duckdb:
            yield from _duckdb_rows(source)
        else:
            for place, document in read_table_rows(source):
                yield source.shown, place, document
        return
    for path in source.paths:
        yield from _file_rows(source.kind, path)


def attach(connection: duckdb.DuckDBPyConnection, source: TableSource) -> None:
    """Attaches a DuckDB file read-only, as `source`, unless it is. Raises ConfigurationError."""
    import duckdb  # noqa: PLC0415 - heavy, and only tables need it

    path = source.url.removeprefix("duckdb:///").replace("'", "''")
    try:
        connection.execute(f"ATTACH IF NOT EXISTS '{path}' AS source (READ_ONLY, TYPE duckdb)")
    except duckdb.Error as error:
        said = str(error).splitlines()[0][:200]
        raise _unreadable(source.shown, said) from None


def _file_rows(kind: FileKind, path: Path) -> Iterator[Row]:
    file = show_path(path)
    try:
        if kind is FileKind.PARQUET:
            with read_connection() as connection:
                relation = parquet_relation(connection, path)
                for number, document in relation.rows(connection):
                    yield file, f"row {number}", document
            return
        rows: Iterator[tuple[str, Any]] = (
            read_csv_rows(path)
            if kind is FileKind.CSV
            else ((f"line {number}", document) for number, document in read_json_lines(path))
        )
        for place, document in rows:
            yield file, place, document
    except OSError as error:
        raise _unreadable(file, error.strerror or str(error)) from None


def _duckdb_rows(source: TableSource) -> Iterator[Row]:
    with connect() as connection:
        attach(connection, source)
        relation = table_relation(connection, source.table, source.shown)
        for number, document in relation.rows(connection):
            yield source.shown, f"row {number}", document


def _unreadable(file: str, why: str) -> ConfigurationError:
    problem = Problem(file=file, found=f"no readable file ({why})", expected="review events")
    return ConfigurationError([problem])
