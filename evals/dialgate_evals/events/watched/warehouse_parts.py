"""A warehouse's table in parts: every query is answered there, and only counts leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.cells import COLUMNS
from dialgate_evals.events.counts.warehouse_table import NotCountedThereError
from dialgate_evals.events.tables.warehouse_rows import EVENTS
from dialgate_evals.events.watched.table_parts import RowCounts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.events.counts.task_reading import TaskWords
    from dialgate_evals.events.counts.warehouse_table import Warehouse, WarehouseTable

UNCOUNTED = frozenset({"messages", "recordings"})
"""Columns that no look reads; what they hold may be large."""


class WarehouseParts:
    """One state of a warehouse's table; see `table_parts.TableParts`."""

    def __init__(self, warehouse: Warehouse, seed: int) -> None:
        self._warehouse = warehouse
        self._seed = seed
        self._names = warehouse.columns.names
        self._sql = warehouse.columns.sql

    @property
    def words(self) -> TaskWords:
        """The database's words for what is counted of tasks."""
        return self._warehouse.words

    def newest_us(self) -> int | None:
        """The time of the latest row; None: no row has one."""
        at_us = self._sql.at_us(self._names["occurred_at"])
        ((newest_us,),) = self._warehouse.run(f"SELECT MAX({at_us}) FROM {self._events}")  # noqa: S608 - quoted by the dialect, as in all of these
        return None if newest_us is None else int(newest_us)

    def past(self, before_us: int) -> tuple[int, str]:
        """How many rows are before the moment, and the sum of their hashes."""
        counted = [self._names[name] for name in COLUMNS if name in self._names.keys() - UNCOUNTED]
        ((rows, content),) = self._warehouse.run(
            f"SELECT COUNT(*), SUM({self.hashed(counted)}) FROM {self._events} "  # noqa: S608 - see above
            f"WHERE {self._is_before(before_us)}"
        )
        return int(rows), str(int(content or 0))

    def stands_twice(self, before_us: int) -> bool:
        """Whether an event_id stands on both sides of the moment."""
        event_id, is_before = self._names["event_id"], self._is_before(before_us)
        after = f"SELECT {event_id} FROM {self._events} WHERE NOT ({is_before})"  # noqa: S608 - see above
        found = self._warehouse.run(
            f"SELECT 1 FROM {self._events} WHERE {is_before} AND {event_id} IN ({after}) LIMIT 1"  # noqa: S608 - see above
        )
        return bool(list(found))

    def counts(self, first_us: int) -> RowCounts:
        """Of the rows that come after the moment."""
        after = f"SELECT {EVENTS}.* FROM {self._events} WHERE NOT ({self._is_before(first_us)})"  # noqa: S608 - see above
        found = self._warehouse.read(f"({after})", is_classed=False)
        lines, early = found.lines, 0
        if lines.rows:
            # Only of rows that Python read can the time be another than SQL's.
            ((early,),) = found.ask(f"SELECT COUNT(*) FROM checked WHERE at_us < {int(first_us)}")  # noqa: S608 - a number
        return RowCounts(
            rows=found.rows,
            merged=lines.merged,
            not_live=lines.not_live,
            bad=len(lines.bad),
            early=int(early),
        )

    def whole(self) -> WarehouseTable:
        """All rows."""
        found = self._warehouse.read()
        ((counted,),) = found.ask("SELECT COUNT(*) FROM classed")
        lines = found.lines
        if counted != found.rows - len(lines.bad) - lines.merged - lines.not_live:
            raise NotCountedThereError("its rows changed while they were counted")
        return found

    def part(self, first_us: int) -> WarehouseTable:
        """The rows that come after the moment, and all others of their tasks."""
        is_before, task_id = self._is_before(first_us), self._names["task_id"]
        rows = f"SELECT {EVENTS}.* FROM {self._events} WHERE"  # noqa: S608 - see above
        after = f"SELECT {task_id} FROM {self._events} WHERE NOT ({is_before})"  # noqa: S608 - see above
        # With an OR in place of the union, PostgreSQL goes through the tasks once for every row.
        both = f"{rows} NOT ({is_before}) UNION ALL {rows} {is_before} AND {task_id} IN ({after})"
        return self._warehouse.read(f"({both})")

    def hashed(self, values: Iterable[str]) -> str:
        """The expression of a number of these values."""
        return self._sql.hashed(values, self._seed)

    @property
    def _events(self) -> str:
        return f"{self._warehouse.relation} AS {EVENTS}"

    def _is_before(self, us: int) -> str:
        return f"coalesce({self._sql.is_before(self._names['occurred_at'], us)}, false)"
