"""A table of a DuckDB file in parts: embedded DuckDB answers every query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.bad_rows import refuse_bad
from dialgate_evals.events.counts.checked_table import CheckedTable
from dialgate_evals.events.counts.counting_database import counting_database
from dialgate_evals.events.counts.cube_of_files import WORDS, relations
from dialgate_evals.events.tables.class_keys import ClassKeys
from dialgate_evals.events.tables.sure_rows import at_us_of
from dialgate_evals.events.watched.table_parts import RowCounts
from dialgate_evals.events.watched.warehouse_parts import UNCOUNTED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import ExitStack

    from dialgate_evals.events.counts.task_reading import TaskWords
    from dialgate_evals.events.named_source import TableSource
    from dialgate_evals.events.review_event_lines import EventLines
    from dialgate_evals.events.tables.duckdb_relation import Relation
    from dialgate_evals.events.watched.looks import Look


@dataclass(frozen=True)
class _Part:
    """Rows that were checked and classed."""

    table: CheckedTable

    @property
    def rows(self) -> int:
        return self.table.rows

    @property
    def lines(self) -> EventLines:
        return self.table.lines

    def ask(self, sql: str) -> Iterable[tuple[Any, ...]]:
        return self.table.connection.execute(sql).fetchall()


class DuckdbParts:
    """A table of a DuckDB file; see `table_parts.TableParts`. What it opens goes with the stack."""

    def __init__(self, source: TableSource, look: Look, seed: int, stack: ExitStack) -> None:
        self._source = source
        self._look = look
        self._seed = seed
        self._stack = stack
        # To start DuckDB costs more than to count a few rows: all parts lie in one database.
        self._connection = stack.enter_context(counting_database(source))
        (self._relation,) = relations(source, self._connection)
        self._keys = ClassKeys.of(look.actions)
        self._schemas = (f"part_{number}" for number in count(1))

    @property
    def words(self) -> TaskWords:
        """DuckDB's words for what is counted of tasks, over a `CheckedTable`."""
        return WORDS

    def newest_us(self) -> int | None:
        """The time of the latest row; None: no row has one."""
        ((newest_us,),) = self._run(
            f"SELECT MAX({at_us_of(self._relation)}) FROM {self._relation.sql}"  # noqa: S608 - quoted names, as in all of these
        )
        return None if newest_us is None else int(newest_us)

    def past(self, before_us: int) -> tuple[int, str]:
        """How many rows are before the moment, and the sum of their hashes."""
        counted = [f'"{name}"' for name in sorted(self._relation.types.keys() - UNCOUNTED)]
        ((rows, content),) = self._run(
            f"SELECT COUNT(*), SUM({self.hashed(counted)}) FROM {self._relation.sql} "  # noqa: S608 - see above
            f"WHERE {self._is_before(before_us)}"
        )
        return int(rows), str(int(content or 0))

    def stands_twice(self, before_us: int) -> bool:
        """Whether an event_id stands on both sides of the moment."""
        rows, is_before = self._relation.sql, self._is_before(before_us)
        after = f"SELECT event_id FROM {rows} WHERE NOT ({is_before})"  # noqa: S608 - see above
        query = f"SELECT 1 FROM {rows} WHERE {is_before} AND event_id IN ({after}) LIMIT 1"  # noqa: S608 - see above
        return bool(self._run(query))

    def counts(self, first_us: int) -> RowCounts:
        """Of the rows that come after the moment."""
        table = self._read(f"WHERE NOT ({self._is_before(first_us)})")
        early = f"SELECT COUNT(*) FROM checked WHERE at_us < {int(first_us)}"  # noqa: S608 - a number
        ((found,),) = table.connection.execute(early).fetchall()
        lines = table.lines
        return RowCounts(
            rows=table.rows,
            merged=lines.merged,
            not_live=lines.not_live,
            bad=len(lines.bad),
            early=found,
        )

    def whole(self) -> _Part:
        """All rows."""
        table = self._read("")
        bad = table.lines.bad
        refuse_bad(bad, rows=table.rows - table.lines.not_live, bad_rows=len(bad))
        return self._classed(table)

    def part(self, first_us: int) -> _Part:
        """The rows that come after the moment, and all others of their tasks."""
        is_after = f"NOT ({self._is_before(first_us)})"
        after = f"SELECT task_id FROM {self._relation.sql} WHERE {is_after}"  # noqa: S608 - see above
        return self._classed(self._read(f"WHERE {is_after} OR task_id IN ({after})"))

    def hashed(self, values: Iterable[str]) -> str:
        """The expression of a number of these values."""
        return f"hash({self._seed}, {', '.join(values)})"

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def _is_before(self, us: int) -> str:
        return f"coalesce({at_us_of(self._relation)} < {int(us)}, false)"

    def _read(self, where: str) -> CheckedTable:
        cursor = self._stack.enter_context(self._connection.cursor())
        schema = next(self._schemas)
        table = CheckedTable(cursor, keys=self._keys, is_ordered=True, schema=schema)
        table.add_relations([_filtered(self._relation, where)])
        return table

    def _classed(self, table: CheckedTable) -> _Part:
        table.classify(self._look.actions, self._look.asked)
        table.watch()
        return _Part(table)


def _filtered(relation: Relation, where: str) -> Relation:
    return replace(relation, sql=f"(SELECT * FROM {relation.sql} {where})")  # noqa: S608 - see above
