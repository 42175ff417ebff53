"""The tables of a run record, read back: scores without the suite's files.

Knows the columns of the contract's section 6; leaves scoring again to `scoring.scoring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import Decision, Outcome, TrialScore, TrialStatus
from dialgate_evals.errors import RecordError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.parquet_tables import DECISION_COLUMNS, TRIAL_COLUMNS
from dialgate_evals.records.writing.table_process import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read_scores(folder: Path) -> list[TrialScore]:
    """The scored trials of a record, in its order; what is equal in several is there once.

    Raises RecordError where a table is damaged or a word in it is unknown.
    """
    decisions = _read_decisions(folder / "decisions.parquet")
    alike: dict[tuple[Decision, ...], tuple[Decision, ...]] = {}
    same: dict[Any, Any] = {}
    scores = []
    for row in iterate_rows(folder / "trials.parquet", tuple(TRIAL_COLUMNS)):
        own = tuple(decisions.get(row[:2], ()))
        scores.append(_score(row, alike.setdefault(own, own), same))
    return scores


def _read_decisions(path: Path) -> dict[tuple[str, int], list[Decision]]:
    """By case and trial."""
    decisions: dict[tuple[str, int], list[Decision]] = {}
    known: dict[tuple[Any, ...], Decision] = {}
    try:
        for row in iterate_rows(path, tuple(DECISION_COLUMNS)):
            item = known.get(row[2:])
            if item is None:
                action_class, outcome, tool, expected, actual = row[2:]
                item = known[row[2:]] = Decision(
                    action_class=action_class,
                    outcome=Outcome(outcome),
                    tool=tool,
                    expected=expected,
                    actual=actual,
                )
            decisions.setdefault(row[:2], []).append(item)
    except ValueError as error:
        raise _damaged(path, error) from None
    return decisions


def _score(
    row: tuple[Any, ...], decisions: tuple[Decision, ...], same: dict[Any, Any]
) -> TrialScore:
    """The trial of one row; `same` holds each of its words as it was read first."""
    values = {
        name: same.setdefault(cell, cell) if type(cell) is str else cell
        for name, cell in zip(TRIAL_COLUMNS, row, strict=True)
    }
    passed = values.pop("passed")
    status = TrialStatus.PASSED if passed else TrialStatus.FAILED
    return TrialScore(
        **values, status=TrialStatus.ERRORED if passed is None else status, decisions=decisions
    )


_AT_ONCE = 2048
"""Rows that are made into Python's values together."""


def read_rows(path: Path, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """The table's rows with these columns, in its order. Raises RecordError."""
    return list(iterate_rows(path, columns))


def iterate_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """The same, one by one: a row takes many times as much memory as its part of the file."""
    import duckdb  # noqa: PLC0415 - heavy, and only reading records needs it

    names = ", ".join(columns)
    query = f"SELECT {names} FROM read_parquet($1)"  # noqa: S608 - our own column names
    try:
        with database().cursor() as connection:
            connection.execute(query, [str(path)])
            while rows := connection.fetchmany(_AT_ONCE):
                yield from rows
    except duckdb.Error as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> RecordError:
    text = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return RecordError(
        [
            Problem(
                file=show_path(path),
                found=f"a table that can't be read ({text})",
                expected="a table of a run record",
                advice="Run again.",
            )
        ]
    )
