"""Review events in Parquet files and DuckDB tables: columns checked, rows read with their number.

Knows DuckDB's types and how each column is read as text or number; leaves the rules of a row to
`events.review_event_lines` and counting to `counts.checked_table`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.cells import (
    COLUMNS,
    JSON_COLUMNS,
    NUMBERS,
    REQUIRED_COLUMNS,
    row_of_cells,
    without_nulls,
)
from dialgate_evals.files.json_text import JsonTextError
from dialgate_evals.files.problems import Problem, join_words, show_path, show_value
from dialgate_evals.records.writing.table_process import database

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb

_BATCH = 2_000
_TEXT = re.compile(r"VARCHAR|UUID|ENUM\(.*|JSON", re.DOTALL)
_NUMBER = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*")
_TIME = re.compile(r"VARCHAR|TIMESTAMP WITH TIME ZONE")
_JSON = re.compile(r"VARCHAR|JSON")
_STRUCTURE = re.compile(r"(STRUCT\(|MAP\().*|.*\[\d*\]", re.DOTALL)
_FLAG = re.compile(r"BOOLEAN")
_NULLS = ("NULL", '"NULL"')
"""Types of columns that hold nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Rows of events that DuckDB can read, with the types of their columns."""

    sql: str
    # what stands behind FROM
    place: str
    # the column that numbers rows
    first: int
    # the place of the first row
    file: str
    # as it is shown
    types: Mapping[str, str]
    # by column, as DuckDB names them

    @property
    def number(self) -> str:
        """The expression of a row's number, from 1."""
        return f"{self.place} - {self.first - 1}"

    def is_among(self, numbers: str) -> str:
        """The condition of a row whose number a query gives, as `number`.

        A condition of the column itself: DuckDB passes over what holds none of them.
        """
        return f"{self.place} IN (SELECT number + {self.first - 1} FROM ({numbers}) AS wanted)"  # noqa: S608 - our own names

    def is_structure(self, column: str) -> bool:
        """Whether the column holds DuckDB's structures, where others hold JSON text."""
        return bool(_STRUCTURE.fullmatch(self.types.get(column, "")))

    def cell(self, column: str) -> str:
        """The expression that reads the column: structures and JSON as text, numbers as they are.

        DuckDB writes NaN into JSON, which the strict reader then refuses.
        """
        kind = self.types.get(column, "NULL")
        if kind in _NULLS:
            return "NULL" if column in {*NUMBERS, "canary"} else "CAST(NULL AS VARCHAR)"
        if self.is_structure(column):
            # A null structure as JSON would be the word null.
            text = f"CAST(to_json({column}) AS VARCHAR)"
            return f"CASE WHEN {column} IS NULL THEN NULL ELSE {text} END"
        if kind.startswith("TIMESTAMP"):
            return f"strftime({column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
        if kind.startswith("DECIMAL"):
            return f"CAST({column} AS DOUBLE)"
        return f"CAST({column} AS VARCHAR)" if _TEXT.fullmatch(kind) else column

    def rows(
        self, connection: duckdb.DuckDBPyConnection, where: str = ""
    ) -> Iterator[tuple[int, object]]:
        """Number and object of each row in order; a bad cell gives its JsonTextError."""
        names = [name for name in COLUMNS if name in self.types]
        cells = ", ".join(f"{self.cell(name)} AS {name}" for name in names)
        found = connection.execute(
            f"SELECT {self.number} AS number, {cells} FROM {self.sql} {where} ORDER BY number"  # noqa: S608 - our own names, and a quoted path
        )
        while batch := found.fetchmany(_BATCH):
            for number, *values in batch:
                yield number, self._document(dict(zip(names, values, strict=True)))

    def _document(self, cells: dict[str, Any]) -> object:
        row = row_of_cells(cells.items())
        if isinstance(row, dict):
            for name in JSON_COLUMNS:
                if name in row and self.is_structure(name):
                    row[name] = _call(without_nulls(row[name]))
                    if isinstance(row[name], JsonTextError):
                        return row[name]
        return row


def _call(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A structure with the arguments as JSON text inside, read."""
    from dialgate_evals.events.cells import read_json_cell  # noqa: PLC0415 - one use

    if isinstance(value, dict) and isinstance(value.get("arguments"), str):
        try:
            return {**value, "arguments": read_json_cell("arguments", value["arguments"])}
        except JsonTextError as error:
            return error
    return value


def connect(folder: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A connection that reads no settings, loads nothing and knows one time zone: UTC.

    folder: what is counted lies there while the connection is open, in bounded memory, and spills
    to it.
    """
    import duckdb  # noqa: PLC0415 - heavy, and only events in tables need it

    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "TimeZone": "UTC",
    }
    if folder is None:
        connection = duckdb.connect(config=config)
    else:
        config |= {
            "threads": min(os.cpu_count() or 1, 4),
            "memory_limit": "1000MB",
            "preserve_insertion_order": False,
            "temp_directory": str(folder / "spill"),
        }
        connection = duckdb.connect(str(folder / "events.duckdb"), config=config)
        # Nobody opens the file again: at its end nothing has to be put in order.
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
    connection.execute("SET enable_progress_bar = false")
    return connection


def read_connection() -> duckdb.DuckDBPyConnection:
    """One that reads files row by row: DuckDB is started once, however many they are."""
    return database().cursor()


def parquet_relation(connection: duckdb.DuckDBPyConnection, path: Path) -> Relation:
    """The relation of a Parquet file. Raises ConfigurationError: unreadable, or other columns."""
    # A path with a glob's characters would mean other files.
    text = re.sub(r"([*?\[\]])", r"[\1]", str(path)).replace("'", "''")
    sql = f"read_parquet('{text}', file_row_number = true, hive_partitioning = false)"
    types = _types(connection, sql, show_path(path))
    types.pop("file_row_number", None)
    return _checked(sql, ("file_row_number", 0), show_path(path), types)


def table_relation(
    connection: duckdb.DuckDBPyConnection, table: tuple[str, ...], shown: str
) -> Relation:
    """The relation of a table of the attached database `source`."""
    sql = ".".join('"' + name.replace('"', '""') + '"' for name in ("source", *table))
    types = _types(connection, sql, shown)
    numbered = f"(SELECT row_number() OVER () AS row_number, * FROM {sql})"  # noqa: S608 - quoted
    return _checked(numbered, ("row_number", 1), shown, types)


def _types(connection: duckdb.DuckDBPyConnection, sql: str, file: str) -> dict[str, str]:
    import duckdb  # noqa: PLC0415 - see connect

    try:
        found = connection.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()  # noqa: S608 - quoted
    except duckdb.Error as error:
        said = str(error).splitlines()[0][:200]
        problem = Problem(file=file, found=f"nothing readable ({said})", expected="review events")
        raise ConfigurationError([problem]) from None
    return {str(row[0]): str(row[1]) for row in found}


def _checked(sql: str, numbering: tuple[str, int], file: str, types: Mapping[str, str]) -> Relation:
    problems = column_problems(types, file)
    if problems:
        raise ConfigurationError(problems)
    place, first = numbering
    return Relation(sql=sql, place=place, first=first, file=file, types=dict(types))


def column_problems(types: Mapping[str, str], file: str) -> list[Problem]:
    """Every column that is unknown, absent or of a type that an event can't be read from."""
    unknown = [name for name in types if name not in COLUMNS]
    found = [
        Problem(
            file=file,
            found=f"the unknown column {show_value(name)}",
            expected="the columns of review events",
            advice="A view can leave it out.",
        )
        for name in unknown
    ]
    absent = [name for name in REQUIRED_COLUMNS if name not in types]
    if absent:
        text = f"no column {join_words(absent)}"
        found.append(Problem(file=file, found=text, expected="every required column"))
    for name, kind in types.items():
        expected, pattern = _kind(name)
        if name not in unknown and kind not in _NULLS and not pattern.fullmatch(kind):
            text = f"type {kind[:60]}"
            found.append(Problem(file=file, place=name, found=text, expected=expected))
    return found


def _kind(name: str) -> tuple[str, re.Pattern[str]]:
    if name == "occurred_at":
        return "a timestamp with time zone, or text in RFC 3339", _TIME
    if name in JSON_COLUMNS:
        return "JSON text or a structure", re.compile(
            f"{_JSON.pattern}|{_STRUCTURE.pattern}", re.DOTALL
        )
    if name == "canary":
        return "a boolean", _FLAG
    if name in NUMBERS:
        return "numbers", _NUMBER
    return "text", _TEXT
