"""What a warehouse must offer for its events to be counted where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

    Run = Callable[[str], Iterable[tuple[Any, ...]]]


class WarehouseSql(Protocol):
    """One warehouse's SQL. Columns come in and expressions go out as its SQL writes them.

    A condition may be null where it doesn't hold. Expressions must not fail on any row: a database
    may compute them of rows that the query leaves out.
    """

    MOST_BYTES: int
    # of one statement

    def prepare(self, connection: Connection) -> None:
        """Before the first query: nothing can be written, and what else a session can promise."""

    def frozen(self, run: Run, name: str) -> str:
        """The table as it is now, as a query's FROM names it: the same rows in every query."""

    def is_call_type(self, kind: TypeEngine[Any]) -> bool:
        """Whether columns of this type are JSON that the database itself made sure of."""

    def is_moment_type(self, kind: TypeEngine[Any]) -> bool:
        """Whether columns of this type are times with a zone."""

    def quoted(self, text: str) -> str:
        """The text as a literal, whatever signs are in it."""

    def is_text(self, column: str) -> str:
        """The condition of a text that isn't empty, and is compared by its bytes."""

    def is_moment(self, column: str) -> str:
        """The condition of a time that events can have, of whole microseconds."""

    def at_us(self, column: str) -> str:
        """Microseconds since 1970 of such a time."""

    def is_before(self, column: str, us: int) -> str:
        """The condition of a time before that many microseconds since 1970."""

    def can_hash(self, connection: Connection) -> bool:
        """Whether `hashed` may be asked, of this server."""

    def hashed(self, values: Iterable[str], seed: int) -> str:
        """A number of these values; others have another. `seed`: what no one else knows."""

    def below(self, name: str, kind: TypeEngine[Any]) -> str:
        """The number below which a column's numbers are floats as exact as Python's."""

    def is_call(self, column: str) -> str:
        """The condition of a call whose text strict JSON takes."""

    def tool(self, column: str) -> str:
        """The tool's name of a call."""

    def arguments(self, column: str) -> str:
        """The arguments of a call as JSON text."""

    def argument(self, column: str, name: str) -> str:
        """One argument as JSON text, null where there is none; the name needs no escape."""

    def cell(self, column: str, kind: TypeEngine[Any], *, is_json: bool) -> str:
        """What Python reads of a column where it judges the row; structured values as JSON text."""

    def same_call(self, arguments: str) -> tuple[str, str] | None:
        """What is equal for equal arguments, from their text; and where its SQL can't be sure.

        None: never; then repeated calls are compared by Python.
        """

    def relation(self, name: str, query: str) -> str:
        """A query under a name, as WITH writes it; it may be computed anew wherever it is read."""

    def by_bytes(self, column: str) -> str:
        """A text that is ordered by its bytes."""

    def first_of(self, value: str, by: str) -> str:
        """The aggregate of the value where `by` is least."""
