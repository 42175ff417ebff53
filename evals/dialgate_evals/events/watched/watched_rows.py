"""Counted rows in segments, and what a detector finds in them from where it was.

Knows the columns of a segment and when a checkpoint still holds; leaves the SQL of tasks to
`tables.task_queries` and files to `watch_state`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.counts.cube_of_files import WORDS
from dialgate_evals.events.counts.task_reading import describe_stretch, read_runs
from dialgate_evals.events.tables.call_columns import quoted
from dialgate_evals.events.tables.task_queries import IS_WATCHED, placed
from dialgate_evals.events.watched.checkpoints import Checkpoint
from dialgate_evals.events.watched.settling import TAIL_US, go_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from dialgate_evals.events.task_runs import Alarm, Detector

_COLUMNS = {
    "id_key": "UBIGINT", "class_name": "VARCHAR", "task_key": "UBIGINT", "task_tail": "VARCHAR",
    "at_us": "BIGINT", "release_name": "VARCHAR", "intervened": "TINYINT", "named_id": "VARCHAR",
}  # fmt: skip
"""Of a segment, with their types."""

_WATCHED = tuple(_COLUMNS)[1:]


def write_segment(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Writes the rows of `classed`; how many they are.

    Of a row that no class can fall by, only the number of its event_id is kept.
    """
    kept = ", ".join(f"CASE WHEN {IS_WATCHED} THEN {name} END AS {name}" for name in _WATCHED)
    target = quoted(str(path))
    ((rows,),) = connection.execute(
        f"COPY (SELECT id_key, {kept} FROM classed) TO {target} (FORMAT parquet)"  # noqa: S608 - our own names, and a quoted path
    ).fetchall()
    return int(rows)


def merge_segments(connection: duckdb.DuckDBPyConnection, parts: Iterable[Path], path: Path) -> int:
    """Writes the rows of several segments as one; how many they are."""
    ((rows,),) = connection.execute(
        f"COPY (SELECT * FROM {_files(parts)}) TO {quoted(str(path))} (FORMAT parquet)"  # noqa: S608 - quoted paths
    ).fetchall()
    return int(rows)


def _files(parts: Iterable[Path]) -> str:
    listed = ", ".join(quoted(str(path)) for path in parts)
    return f"read_parquet([{listed}])"


class WatchedRows:
    """The rows of all segments, those of this look among them."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, before: Sequence[Path], now: Sequence[Path]
    ) -> None:
        self._connection = connection
        kinds = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        self._ask(f"CREATE OR REPLACE TABLE no_rows ({kinds})")
        for name, parts in (("before", before), ("now", now), ("all", [*before, *now])):
            source = _files(parts) if parts else "no_rows"
            self._ask(f"CREATE OR REPLACE VIEW {name}_rows AS SELECT * FROM {source}")  # noqa: S608 - quoted paths
        self._ask(
            f"CREATE OR REPLACE VIEW watched AS SELECT {', '.join(_WATCHED)} FROM all_rows "  # noqa: S608 - constants
            "WHERE class_name IS NOT NULL"
        )

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def holds_again(self) -> bool:
        """Whether an event of this look may have been in one before."""
        found = self._ask(
            "SELECT 1 FROM before_rows WHERE id_key IN (SELECT id_key FROM now_rows) LIMIT 1"
        )
        return bool(found)

    def find(
        self, detector: Detector, point: Checkpoint | None, now_us: int
    ) -> tuple[dict[str, Alarm], Checkpoint | None]:
        """The alarms of all rows, and a checkpoint for the next look.

        The same from any checkpoint, and from none: one that this look's rows reach behind is left.
        `now_us`: only how far the next look goes back depends on it.
        """
        if point is not None and self._is_disturbed(point):
            point = None
        self._place(point)
        ((last_us,),) = self._ask("SELECT MAX(at_us) FROM watched")
        if last_us is None:
            return {}, None
        # An event of a clock that is ahead must not make all others late.
        before_us = min(int(last_us), now_us) - TAIL_US
        if point is not None:
            before_us = max(before_us, point.before_us)
        settled = self._go_on(detector, point, f"placed_us < {before_us}")
        states, alarms = settled
        reached = Checkpoint.of(before_us, states, alarms)
        _, found = self._go_on(detector, reached, f"placed_us >= {before_us}")
        return dict(sorted(found.items())), reached

    def _place(self, point: Checkpoint | None) -> None:
        """The tasks behind the checkpoint, each once and as it ended."""
        if point is None:
            tasks = placed()
        else:
            tail = f"WHERE at_us >= {point.before_us}"
            tasks = (
                f"SELECT * FROM ({placed(tail)}) AS tail "  # noqa: S608 - numbers
                "ANTI JOIN straddling USING (class_name, task_key)"
            )
        self._ask(f"CREATE OR REPLACE TABLE placed AS {tasks}")

    def _is_disturbed(self, point: Checkpoint) -> bool:
        """Whether this look's rows change what the checkpoint has settled."""
        before_us = point.before_us
        ((late,),) = self._ask(
            f"SELECT COUNT(*) FROM now_rows WHERE at_us < {before_us}"  # noqa: S608 - a number
        )
        if late:
            return True
        self._straddle(before_us)
        alarmed = ", ".join(map(quoted, point.alarms)) or "NULL"
        ((changed,),) = self._ask(
            "SELECT COUNT(*) FROM straddling WHERE is_touched AND (was IS DISTINCT FROM is_now "  # noqa: S608 - quoted names
            f"OR coalesce(class_name IN ({alarmed}), false))"
        )
        return bool(changed)

    def _straddle(self, before_us: int) -> None:
        """The tasks on both sides of the moment: settled, unless this look's rows change them."""
        # One number is looked up in all rows, and two columns only in what is left.
        near = f"SELECT task_key FROM watched WHERE at_us >= {before_us}"  # noqa: S608 - a number
        rows = " UNION ALL ".join(
            f"SELECT class_name, task_key, at_us, intervened, {is_new} AS is_new FROM {name}_rows "  # noqa: S608 - constants
            f"WHERE task_key IN ({near})"
            for name, is_new in (("before", "false"), ("now", "true"))
        )
        self._ask(
            "CREATE OR REPLACE TABLE straddling AS SELECT class_name, task_key, "  # noqa: S608 - numbers
            "MAX(CASE WHEN is_new THEN NULL ELSE intervened END) AS was, "
            "MAX(intervened) AS is_now, bool_or(is_new) AS is_touched "
            f"FROM ({rows}) AS marked SEMI JOIN (SELECT DISTINCT class_name, task_key FROM watched "
            f"WHERE at_us >= {before_us}) AS tail USING (class_name, task_key) "
            f"GROUP BY class_name, task_key HAVING MIN(at_us) < {before_us}"
        )

    def _go_on(
        self, detector: Detector, point: Checkpoint | None, which: str
    ) -> tuple[dict[str, Mapping[str, Any]], dict[str, Alarm]]:
        runs = read_runs(self._ask, WORDS.tie, f"SELECT * FROM placed WHERE {which}")  # noqa: S608 - numbers
        describe = partial(describe_stretch, self._ask, WORDS)
        return go_on(detector, point, runs, describe)
