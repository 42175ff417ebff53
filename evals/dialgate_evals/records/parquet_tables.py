"""The two tables of a run record as Parquet, written by DuckDB.

Knows their columns and types (the contract's section 6); leaves what stands in them to scoring.
"""

from __future__ import annotations

from contextlib import closing
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from dialgate_evals.actions.outcomes import Decision, TrialScore
    from dialgate_evals.actions.rubrics.votes import Vote

TRIAL_COLUMNS = {
    "case_id": "VARCHAR", "trial": "INTEGER", "passed": "BOOLEAN", "error": "VARCHAR",
    "latency_ms": "DOUBLE", "cost_usd": "DOUBLE", "input_tokens": "BIGINT",
    "output_tokens": "BIGINT", "tool_calls": "INTEGER", "invalid_calls": "INTEGER",
    "unmatched_reads": "INTEGER", "finish_reason": "VARCHAR", "refusal": "BOOLEAN",
    "text_calls": "INTEGER", "turns": "INTEGER", "questions": "INTEGER",
    "judge_cost_usd": "DOUBLE", "user_cost_usd": "DOUBLE",
}  # fmt: skip

DECISION_COLUMNS = {
    "case_id": "VARCHAR", "trial": "INTEGER", "action_class": "VARCHAR", "outcome": "VARCHAR",
    "tool": "VARCHAR", "expected": "VARCHAR", "actual": "VARCHAR",
}  # fmt: skip

VOTE_COLUMNS = {
    "case_id": "VARCHAR", "trial": "INTEGER", "criterion": "VARCHAR", "about": "VARCHAR",
    "answer": "VARCHAR", "decides": "BOOLEAN", "question": "VARCHAR", "judge": "VARCHAR",
    "vote": "VARCHAR", "reason": "VARCHAR", "model": "VARCHAR", "prompt": "VARCHAR",
    "cost_usd": "DOUBLE", "calls": "INTEGER",
}  # fmt: skip
"""A row a vote; a criterion that nobody voted on has one without a judge."""


def open_writer() -> DuckDBPyConnection:
    """A database in memory that writes tables; to open the first takes longer than to write."""
    import duckdb  # noqa: PLC0415 - heavy, and only writing records needs them
    import numpy as np  # noqa: PLC0415 - heavy

    del np  # what `_write` needs of it is loaded
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    connection.execute("SET threads = 1")
    return connection


def write_tables(
    connection: DuckDBPyConnection,
    scores: Sequence[TrialScore],
    *,
    trials: Path,
    decisions: Path,
) -> None:
    """One row a trial, and one an action, in the order given."""
    columns = {name: map(attrgetter(name), scores) for name in TRIAL_COLUMNS}
    _write(connection, columns, TRIAL_COLUMNS, trials)
    _write(connection, _decision_columns(scores), DECISION_COLUMNS, decisions)


def _decision_columns(scores: Sequence[TrialScore]) -> dict[str, Iterable[Any]]:
    """A cell an action in each column, made when it is asked for: a run may hold millions."""
    own = {
        "case_id": (score.case_id for score in scores for _ in score.decisions),
        "trial": (score.trial for score in scores for _ in score.decisions),
        "outcome": (item.outcome.value for score in scores for item in score.decisions),
    }
    return {
        name: own.get(name) or map(attrgetter(name), _decisions(scores))
        for name in DECISION_COLUMNS
    }


def _decisions(scores: Sequence[TrialScore]) -> Iterator[Decision]:
    return (item for score in scores for item in score.decisions)


def write_votes(connection: DuckDBPyConnection, scores: Sequence[TrialScore], path: Path) -> None:
    """The votes on every criterion, in the order given; no file where no trial has one."""
    rows = [
        (score.case_id, score.trial, item.criterion, item.of, item.answer.value, item.decides,
         item.question.digest, *_vote_cells(vote, item.undecided))
        for score in scores
        for item in score.rulings
        for vote in item.votes or (None,)
    ]  # fmt: skip
    if rows:
        _write(connection, _columns_of(rows, VOTE_COLUMNS), VOTE_COLUMNS, path)


def _vote_cells(vote: Vote | None, undecided: str) -> tuple[Any, ...]:
    if vote is None:
        return (None, None, undecided, None, None, None, 0)
    return (
        vote.judge, vote.answer.value, vote.reason, vote.model, vote.prompt, vote.cost_usd,
        vote.calls,
    )  # fmt: skip


def write_rows(rows: Sequence[Sequence[Any]], types: Mapping[str, str], path: Path) -> None:
    """A table of these rows and columns, such as `read_rows` gave."""
    with closing(open_writer()) as connection:
        _write(connection, _columns_of(rows, types), types, path)


def _columns_of(rows: Sequence[Sequence[Any]], names: Iterable[str]) -> dict[str, Sequence[Any]]:
    if not rows:
        return dict.fromkeys(names, ())
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _write(
    connection: DuckDBPyConnection,
    columns: Mapping[str, Iterable[Any]],
    types: Mapping[str, str],
    path: Path,
) -> None:
    import numpy as np  # noqa: PLC0415 - heavy, and only writing records needs it

    arrays = {name: np.fromiter(values, dtype=object) for name, values in columns.items()}
    casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in types.items())
    temporary = path.with_name(path.name + ".part")
    if not next(iter(arrays.values())).size:
        nulls = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in types.items())
        source = f"SELECT {nulls} WHERE false"
    else:
        connection.register("rows", arrays)
        source = f"SELECT {casts} FROM rows"  # noqa: S608 - our own column names
    connection.execute(
        f"COPY ({source}) TO '{_quoted(temporary)}' (FORMAT parquet, COMPRESSION zstd)"
    )
    temporary.replace(path)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
