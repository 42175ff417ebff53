"""Review events in a table of any database that SQLAlchemy reaches, row by row.

Knows connecting, the table's columns and streaming; names are quoted by the database's own rules,
and no message shows a password. Leaves the rules of a row to `evals.review_event_lines`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from evals.errors import ConfigurationError, UsageError
from evals.event_sources.cells import COLUMNS, JSON_COLUMNS, REQUIRED_COLUMNS, row_of_cells
from evals.json_text import JsonTextError
from evals.problems import Problem, join_words, show_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Table

    from evals.event_sources.named_source import TableSource

_BATCH = 2_000


@contextmanager
def open_table(
    source: TableSource, *, is_snapshot: bool = False
) -> Iterator[tuple[Connection, Table]]:
    """A connection that streams, and the table with its columns checked.

    `is_snapshot`: on PostgreSQL, all queries see the same rows and none can write.

    Raises UsageError without the extra, ConfigurationError where there is no such table or its
    columns are not those of review events.
    """
    if find_spec("sqlalchemy") is None:
        raise UsageError("Events in a database need SQLAlchemy: pip install 'dialgate[warehouse]'.")
    import sqlalchemy  # noqa: PLC0415 - an extra, and heavy

    engine = None
    try:
        engine = sqlalchemy.create_engine(_with_driver(source.url))
        with engine.connect().execution_options(stream_results=True) as connection:
            if is_snapshot and connection.dialect.name == "postgresql":
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                connection.exec_driver_sql(
                    "SET LOCAL standard_conforming_strings = on",
                    execution_options={"stream_results": False},
                )
            yield connection, _reflect(connection, source)
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, OSError, ValueError) as error:
        raise ConfigurationError([_unreadable(source, error)]) from None
    finally:
        if engine is not None:
            engine.dispose()


def read_table_rows(source: TableSource) -> Iterator[tuple[str, object]]:
    """Place and object of each row, in order of event_id; a bad row gives its JsonTextError."""
    with open_table(source) as (connection, table):
        yield from select_rows(connection, table)


def select_rows(
    connection: Connection, table: Table, where: ColumnElement[bool] | None = None
) -> Iterator[tuple[str, object]]:
    """The rows of the table that `where` leaves, each with its place among all of them."""
    import sqlalchemy  # noqa: PLC0415 - see open_table

    names = [column.name for column in table.columns]
    order = [table.c[name] for name in ("event_id", "occurred_at", "task_id", "decision")]
    cells = [_cell(connection, table, name).label(name) for name in names]
    if where is None:
        query = sqlalchemy.select(*cells).order_by(*order)
        numbered: Iterator[Any] = enumerate(connection.execute(query).yield_per(_BATCH), 1)
    else:
        number = sqlalchemy.func.row_number().over(order_by=order).label("row_number")
        marked = sqlalchemy.select(number, *cells, where.label("is_wanted")).subquery()
        wanted = sqlalchemy.select(marked).where(marked.c.is_wanted).order_by(marked.c.row_number)
        numbered = ((row[0], row[1:-1]) for row in connection.execute(wanted).yield_per(_BATCH))
    for number, values in numbered:
        row = row_of_cells(zip(names, map(_plain, values), strict=True))
        yield f"row {number} by event_id", row


def _cell(connection: Connection, table: Table, name: str) -> ColumnElement[Any]:
    import sqlalchemy  # noqa: PLC0415 - see open_table

    column, kind = table.c[name], table.c[name].type
    if is_json(table, name) or isinstance(kind, sqlalchemy.Uuid):
        return sqlalchemy.cast(column, sqlalchemy.Text)
    is_moment = isinstance(kind, sqlalchemy.DateTime) and kind.timezone
    if is_moment and connection.dialect.name == "postgresql":
        # As text, for Python knows no infinite moment and no year over 9999.
        utc = sqlalchemy.func.timezone("UTC", column)
        return sqlalchemy.func.to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    return column


def is_json(table: Table, column: str) -> bool:
    """Whether the database keeps the column as JSON and not as text."""
    import sqlalchemy  # noqa: PLC0415 - see open_table

    return column in JSON_COLUMNS and not isinstance(table.c[column].type, sqlalchemy.String)


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


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a driver gives
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes | memoryview):
        return JsonTextError("bytes, which no event holds")
    return value


def _unreadable(source: TableSource, error: Exception) -> Problem:
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - only errors need it

    said = str(getattr(error, "orig", None) or error).strip()
    said = said.splitlines()[0][:200] if said else type(error).__name__
    try:
        password = urlsplit(source.url).password or ""
    except ValueError:
        password = ""
    for secret in {source.url, password, unquote(password)} - {""}:
        said = said.replace(secret, "…")
    problem = _problem(source, f"nothing readable ({said})", "a table of review events")
    if isinstance(error, ImportError) or type(error).__name__ == "NoSuchModuleError":
        return replace(problem, advice="Install this database's dialect for SQLAlchemy.")
    return problem


def _problem(source: TableSource, found: str, expected: str) -> Problem:
    advice = "A view can leave it out." if "unknown column" in found else ""
    return Problem(file=source.shown, found=found, expected=expected, advice=advice)
