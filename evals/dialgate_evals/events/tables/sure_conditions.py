"""What a sure row is: an event without doubt, by conditions stricter than the rules of a row.

The list stands here once, for every database. What a condition is in a database's own words, each
dialect declares (`RowWords`): DuckDB's in `sure_rows`, warehouses' in `warehouse_rows`. A row that
they don't hold for is read and judged by Python, by the rules of `events.review_event_lines`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from dialgate_evals.events.cells import NUMBERS
from dialgate_evals.events.review_events import DECISIONS_BY_MODE, EventSource, ReviewDecision

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXTS = ("event_id", "task_id", "release", "mode", "decision")


class RowWords(Protocol):
    """A dialect's words for the cells of a row; a condition may be null where it doesn't hold."""

    def has(self, name: str) -> bool:
        """Whether there is such a column."""

    def column(self, name: str) -> str:
        """The expression that is null where a row has no such value."""

    def text(self, name: str) -> str:
        """A column of words as text."""

    def quoted(self, text: str) -> str:
        """The text as a literal."""

    def is_text(self, name: str) -> str:
        """The condition of a text that isn't empty."""

    def is_number(self, name: str) -> str:
        """The condition of a number of 0 or more, as exact as Python's."""

    def is_moment(self) -> str:
        """The condition of a time with its offset, of whole microseconds."""

    def is_call(self, name: str) -> str:
        """The condition of a call whose text strict JSON takes."""

    def doubts(self) -> Iterable[str]:
        """Conditions that only this dialect needs."""


def sure_row(words: RowWords) -> str:
    """The condition of a sure row; never null."""
    conditions = [words.is_text(name) for name in TEXTS]
    conditions += [_pairs(words), words.is_moment(), words.is_call("proposed"), _corrected(words)]
    conditions += [
        _absent_or(words, name, words.is_number(name)) for name in NUMBERS[1:] if words.has(name)
    ]
    if words.has("reviewer"):
        conditions.append(_absent_or(words, "reviewer", words.is_text("reviewer")))
    if words.has("schema"):
        conditions.append(_absent_or(words, "schema", f"{words.column('schema')} = 1"))
    if words.has("source"):
        live = f"{words.text('source')} = {words.quoted(EventSource.PRODUCTION)}"
        conditions.append(_absent_or(words, "source", live))
    conditions += words.doubts()
    return f"coalesce({' AND '.join(f'({text})' for text in conditions)}, false)"


def _absent_or(words: RowWords, name: str, condition: str) -> str:
    return f"{words.column(name)} IS NULL OR {condition}"


def _pairs(words: RowWords) -> str:
    """That the decision can occur in the mode."""
    mode, decision = words.text("mode"), words.text("decision")
    return " OR ".join(
        f"{mode} = {words.quoted(name)} AND {decision} IN "
        f"({', '.join(map(words.quoted, sorted(items)))})"
        for name, items in DECISIONS_BY_MODE.items()
    )


def _corrected(words: RowWords) -> str:
    """That an edit says the corrected call, and whatever does says a call."""
    fixed = f"{words.text('decision')} <> {words.quoted(ReviewDecision.EDITED)}"
    if not words.has("corrected"):
        return fixed
    return (
        f"CASE WHEN {words.column('corrected')} IS NULL THEN {fixed} "
        f"ELSE {words.is_call('corrected')} END"
    )
