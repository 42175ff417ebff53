"""The tables of a run record, read back: scores without the suite's files.

Knows the columns of the contract's section 6; leaves scoring again to `scoring.scoring`.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import Decision, Outcome, TrialScore, TrialStatus
from dialgate_evals.errors import RecordError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.parquet_tables import DECISION_COLUMNS, TRIAL_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection


def read_scores(folder: Path) -> list[TrialScore]:
    """The scored trials of a record, in its order.

    Raises RecordError where a table is damaged or a word in it is unknown.
    """
    rows = read_rows(folder / "decisions.parquet", tuple(DECISION_COLUMNS))
    decisions: dict[tuple[str, int], list[Decision]] = {}
    try:
        for case_id, trial, action_class, outcome, tool, expected, actual in rows:
            decisions.setdefault((case_id, trial), []).append(
                Decision(
                    action_class=action_class,
                    outcome=Outcome(outcome),
                    tool=tool,
                    expected=expected,
                    actual=actual,
                )
            )
    except ValueError as error:
        raise _damaged(folder / "decisions.parquet", error) from None
    return [
        _score(row, decisions) for row in read_rows(folder / "trials.parquet", tuple(TRIAL_COLUMNS))
    ]


def _score(row: tuple[Any, ...], decisions: dict[tuple[str, int], list[Decision]]) -> TrialScore:
    values = dict(zip(TRIAL_COLUMNS, row, strict=True))
    passed = values.pop("passed")
    status = TrialStatus.PASSED if passed else TrialStatus.FAILED
    return TrialScore(
        **values,
        status=TrialStatus.ERRORED if passed is None else status,
        decisions=tuple(decisions.get((values["case_id"], values["trial"]), ())),
    )


def read_rows(path: Path, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """The table's rows with these columns, in its order. Raises RecordError."""
    import duckdb  # noqa: PLC0415 - heavy, and only reading records needs it

    names = ", ".join(columns)
    query = f"SELECT {names} FROM read_parquet($1)"  # noqa: S608 - our own column names
    try:
        with _database().cursor() as connection:
            rows: list[tuple[Any, ...]] = connection.execute(query, [str(path)]).fetchall()
    except duckdb.Error as error:
        raise _damaged(path, error) from None
    return rows


@cache
def _database() -> DuckDBPyConnection:
    """A database in memory for every table: to open one takes longer than to read a table.

    It keeps no part of a file, and starts no thread that a forked process would lack.
    """
    import duckdb  # noqa: PLC0415 - see read_rows

    found = duckdb.connect(config={"autoinstall_known_extensions": False, "threads": 1})
    for name in ("async_threads", "enable_external_file_cache"):
        with suppress(duckdb.CatalogException):  # a version that knows neither has neither
            found.execute(f"SET {name} = 0")
    return found


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
