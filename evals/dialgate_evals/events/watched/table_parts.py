"""A table of a database, looked at in parts: the rows before a moment, and what came after.

What a look with a state asks of a table, whichever database holds it; each answers in a module of
its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.events.counts.task_reading import TaskWords
    from dialgate_evals.events.review_event_lines import EventLines


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCounts:
    """Rows that come after a moment, and those of them that are not counted."""

    rows: int
    merged: int
    not_live: int
    bad: int
    early: int
    # counted, whose times as Python reads them lie before the moment


class CountedPart(Protocol):
    """Rows that were checked and classed where they lie: the relation `watched` can be asked."""

    @property
    def rows(self) -> int:
        """How many rows were read, whatever became of them."""

    @property
    def lines(self) -> EventLines:
        """What became of the rows that were read one by one."""

    def ask(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows that a query of counts gives."""


class TableParts(Protocol):
    """One state of a table. Moments are microseconds since 1970.

    A row is before a moment where its time is known to be; all others come after it.
    """

    @property
    def words(self) -> TaskWords:
        """The database's, over a part."""

    def newest_us(self) -> int | None:
        """The time of the latest row; None: there is none."""

    def past(self, before_us: int) -> tuple[int, str]:
        """How many rows are before the moment, and the sum of their contents' hashes."""

    def stands_twice(self, before_us: int) -> bool:
        """Whether an event_id stands on both sides of the moment."""

    def counts(self, first_us: int) -> RowCounts:
        """Of the rows that come after the moment."""

    def whole(self) -> CountedPart:
        """All rows. Raises ConfigurationError: over 1 % of them are bad."""

    def part(self, first_us: int) -> CountedPart:
        """The rows that come after the moment, and all others of their tasks."""

    def hashed(self, values: Iterable[str]) -> str:
        """The expression of a number of these values; other values have another."""
