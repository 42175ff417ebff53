"""Review events in a table of any database that SQLAlchemy reaches, row by row.

Knows connecting, the table's columns and streaming; names are quoted by the database's own rules,
and no message shows a password. Leaves the rules of a row to `events.review_event_lines`.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.events.cells import COLUMNS, REQUIRED_COLUMNS, row_of_cells
from dialgate_evals.events.tables.warehouse_rows import ORDER, EventColumns, is_json, select_rows
from dialgate_evals.events.tables.warehouses import WAREHOUSES
from dialgate_evals.files.json_text import JsonTextError
from dialgate_evals.files.problems import Problem, join_words, show_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Table

    from dialgate_evals.events.named_source import TableSource

    Row = tuple[str, object]

_BATCH = 2_000
_SECRET = re.compile("pass|pwd|token|secret|key", re.IGNORECASE)
_EXTRAS = {"postgresql": "warehouse", "postgres": "warehouse", "snowflake": "snowflake"}
"""What pip installs for a URL's scheme."""


@contextmanager
def open_table(
    source: TableSource, *, is_snapshot: bool = False
) -> Iterator[tuple[Connection, Table]]:
    """A connection that streams, and the table with its columns checked.

    `is_snapshot`: several queries follow, which are to see the same rows and can't write; what
    else that takes is up to the warehouse's `frozen`.

    Raises UsageError without the extra, ConfigurationError where there is no such table or its
    columns are not those of review events.
    """
    if find_spec("sqlalchemy") is None:
        extra = _EXTRAS.get(_scheme(source), "warehouse")
        raise UsageError(f"Events in a database need SQLAlchemy: pip install 'dialgate[{extra}]'.")
    import sqlalchemy  # noqa: PLC0415 - an extra, and heavy

    engine = None
    try:
        engine = sqlalchemy.create_engine(_with_driver(source.url))
        with engine.connect().execution_options(stream_results=True) as connection:
            warehouse = WAREHOUSES.get(connection.dialect.name)
            if is_snapshot and warehouse is not None:
                warehouse.prepare(connection)
            yield connection, _reflect(connection, source)
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, OSError, ValueError) as error:
        raise ConfigurationError([_unreadable(source, error)]) from None
    finally:
        if engine is not None:
            engine.dispose()


def read_table_rows(source: TableSource) -> Iterator[Row]:
    """Place and object of each row, in order of event_id; a bad row gives its JsonTextError."""
    with open_table(source) as (connection, table):
        warehouse = WAREHOUSES.get(connection.dialect.name)
        if warehouse is None:
            names = [column.name for column in table.columns]
            yield from _rows(names, enumerate(_read_any(connection, table), 1))
        else:
            columns = EventColumns.of(table, warehouse, connection)
            name = connection.dialect.identifier_preparer.format_table(table)
            rows = run_text(connection, select_rows(columns, name))
            yield from _rows(columns.names, enumerate(rows, 1))


def read_marked_rows(
    connection: Connection, columns: EventColumns, relation: str, where: str
) -> Iterator[Row]:
    """The rows of a warehouse's relation that `where` leaves, each with its place among all."""
    found = run_text(connection, select_rows(columns, relation, where))
    yield from _rows(columns.names, ((row[0], row[1:]) for row in found))


def read_named_rows(
    connection: Connection, columns: EventColumns, relation: str, event_ids: Iterable[str]
) -> Iterator[Row]:
    """The rows of these events of a warehouse's relation; their ids are their places."""
    listed = ", ".join(map(columns.sql.quoted, event_ids))
    where = f"{columns.text('event_id')} IN ({listed})"
    found = run_text(connection, select_rows(columns, relation, where, is_numbered=False))
    names = list(columns.names)
    for values in found:
        row = row_of_cells(zip(names, map(_plain, values), strict=True))
        named = row.get("event_id") if isinstance(row, dict) else None
        yield f"event_id {named}", row


def run_text(
    connection: Connection, sql: str, *, is_streamed: bool = True
) -> Iterator[tuple[Any, ...]]:
    """The rows that a query gives; its text holds no parameters, whatever signs are in it."""
    options = {"no_parameters": True} | ({} if is_streamed else {"stream_results": False})
    found = connection.exec_driver_sql(sql, execution_options=options)
    return (tuple(row) for row in (found.yield_per(_BATCH) if is_streamed else found))


def _rows(names: Iterable[str], numbered: Iterable[tuple[int, Sequence[object]]]) -> Iterator[Row]:
    columns = list(names)
    for number, values in numbered:
        row = row_of_cells(zip(columns, map(_plain, values), strict=True))
        yield f"row {number} by event_id", row


def _read_any(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """The rows of a database of which nothing is known but what SQLAlchemy knows."""
    import sqlalchemy  # noqa: PLC0415 - see open_table

    kinds = {column.name: column.type for column in table.columns}
    order = [table.c[name] for name in ORDER]
    cells = [
        sqlalchemy.cast(column, sqlalchemy.Text).label(name)
        if is_json(kinds, name) or isinstance(kinds[name], sqlalchemy.Uuid)
        else column
        for name, column in table.columns.items()
    ]
    query = sqlalchemy.select(*cells).order_by(*order)
    return (tuple(row) for row in connection.execute(query).yield_per(_BATCH))


def _reflect(connection: Connection, source: TableSource) -> Table:
    import sqlalchemy  # noqa: PLC0415 - see open_table

    *schema, name = source.table
    if not sqlalchemy.inspect(connection).has_table(name, schema=".".join(schema) or None):
        views = sqlalchemy.inspect(connection).get_view_names(schema=".".join(schema) or None)
        if name not in views:
            text = f"no table {show_value('.'.join(source.table))}"
            raise ConfigurationError([_problem(source, text, "a table of review events")])
    table = sqlalchemy.Table(
        name, sqlalchemy.MetaData(), schema=".".join(schema) or None, autoload_with=connection
    )
    names = [column.name for column in table.columns]
    problems = [
        _problem(source, f"the unknown column {show_value(item)}", "columns of review events")
        for item in names
        if item not in COLUMNS
    ]
    absent = [item for item in REQUIRED_COLUMNS if item not in names]
    if absent:
        text = f"no column {join_words(absent)}"
        problems.append(_problem(source, text, "every required column"))
    if problems:
        raise ConfigurationError(problems)
    return table


def _with_driver(url: str) -> str:
    """The URL with the driver that the extra installs, where it names none."""
    scheme, rest = url.split("://", 1)
    if scheme in {"postgresql", "postgres"}:
        return f"postgresql+psycopg://{rest}"
    return url


def _scheme(source: TableSource) -> str:
    return source.url.partition("://")[0].partition("+")[0]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a driver gives
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes | memoryview):
        return JsonTextError("bytes, which no event holds")
    return value


def what_was_said(source: TableSource, error: Exception) -> str:
    """The first line of a driver's error, without secrets."""
    said = str(getattr(error, "orig", None) or error).strip()
    said = said.splitlines()[0][:200] if said else type(error).__name__
    for secret in _secrets(source.url):
        said = said.replace(secret, "…")
    return said


def _unreadable(source: TableSource, error: Exception) -> Problem:
    found = f"nothing readable ({what_was_said(source, error)})"
    problem = _problem(source, found, "a table of review events")
    if isinstance(error, ImportError) or type(error).__name__ == "NoSuchModuleError":
        extra = _EXTRAS.get(_scheme(source))
        dialect = "Install this database's dialect for SQLAlchemy."
        return replace(problem, advice=f"pip install 'dialgate[{extra}]'." if extra else dialect)
    if type(error).__name__ == "ArgumentError" and _scheme(source) == "snowflake":
        advice = "Keep it in connections.toml, and write snowflake:///?connection_name=…"
        return replace(problem, advice=advice)
    return problem


def _secrets(url: str) -> set[str]:
    """What a driver may say again and nobody is to see: the URL, its password, tokens and keys."""
    from urllib.parse import parse_qsl, unquote, urlsplit  # noqa: PLC0415 - only errors need it

    try:
        parts = urlsplit(url)
        password, pairs = parts.password or "", parse_qsl(parts.query)
    except ValueError:
        return {url}
    given = {value for name, value in pairs if _SECRET.search(name)}
    return {url, password, unquote(password), *given} - {""}


def _problem(source: TableSource, found: str, expected: str) -> Problem:
    advice = "A view can leave it out." if "unknown column" in found else ""
    return Problem(file=source.shown, found=found, expected=expected, advice=advice)
