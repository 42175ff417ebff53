"""What a person named as EVENTS: files of one kind, or a table of a database by its URL.

Knows names only; opens nothing but folders. A password or token in a URL is never shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.problems import Problem, show_path

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_TABLE = "review_events"

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_TABLE = re.compile(r"[\w $-]+(\.[\w $-]+){0,2}")
_GLOB = re.compile(r"[*?\[]")


class NoEventFilesError(ConfigurationError):
    """A folder or glob that was named holds no file of review events."""


class FileKind(StrEnum):
    """How a file's rows are written."""

    JSON_LINES = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


_ENDINGS = {
    ".jsonl": FileKind.JSON_LINES,
    ".ndjson": FileKind.JSON_LINES,
    ".csv": FileKind.CSV,
    ".parquet": FileKind.PARQUET,
    ".pq": FileKind.PARQUET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """Files of one kind, in order of their names."""

    kind: FileKind
    paths: tuple[Path, ...]
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSource:
    """A table or view of a database that holds one review event a row."""

    url: str
    # without the table; may hold a password
    table: tuple[str, ...]
    # schema and name, or name
    shown: str
    # without user, password and parameters

    @property
    def is_duckdb(self) -> bool:
        """Whether it is a DuckDB file, which needs no driver."""
        return self.url.startswith("duckdb:")


def name_source(source: str | Path) -> FileSource | TableSource:
    """The source meant by a path, a folder, a glob or a URL. Raises ConfigurationError."""
    text = str(source)
    if isinstance(source, str) and _URL.match(text):
        return _table(text)
    path = Path(text)
    if path.is_dir():
        found = [item for item in sorted(path.rglob("*")) if _kind(item) and item.is_file()]
        return _files(found, show_path(path))
    if not path.exists() and _GLOB.search(text):
        anchor = Path(path.anchor) if path.is_absolute() else Path()
        pattern = str(path.relative_to(anchor)) if path.is_absolute() else text
        return _files([item for item in sorted(anchor.glob(pattern)) if item.is_file()], text)
    # One file is what it is called; without a known ending it is JSON Lines.
    kind = _kind(path) or FileKind.JSON_LINES
    return FileSource(kind=kind, paths=(path,), shown=show_path(path))


def _kind(path: Path) -> FileKind | None:
    return _ENDINGS.get(path.suffix.lower())


def _files(paths: Sequence[Path], shown: str) -> FileSource:
    kinds = sorted({kind for path in paths if (kind := _kind(path))})
    expected = "files of one kind: .jsonl, .csv or .parquet"
    if not kinds:
        raise NoEventFilesError(_problem(shown, "no files of review events", expected).problems)
    if len(kinds) != 1:
        raise _problem(shown, f"{' and '.join(kinds)} files", expected)
    kept = tuple(path for path in paths if _kind(path))
    return FileSource(kind=kinds[0], paths=kept, shown=shown)


def _table(text: str) -> TableSource:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        raise _problem("the URL of the events", "no readable URL", "dialect://…#table") from None
    named = [value for key, value in pairs if key == "table"]
    table = unquote(parts.fragment) or (named[0] if named else DEFAULT_TABLE)
    names = tuple(table.split("."))
    if not _TABLE.fullmatch(table) or not all(names):
        # What stands there may be the end of a password with a # in it: it is not shown.
        found, expected = "a table's name with other characters", "#table or #schema.table"
        raise _problem(f"{parts.scheme}:// of the events", found, expected)
    query = urlencode([(key, value) for key, value in pairs if key != "table"])
    url = text.partition("#")[0].partition("?")[0] + (f"?{query}" if query else "")
    shown = f"{parts.scheme}://{host}{parts.path}#{table}"
    return TableSource(url=url, table=names, shown=shown)


def _problem(file: str, found: str, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(file=file, found=found, expected=expected)])
