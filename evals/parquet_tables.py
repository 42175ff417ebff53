"""The two tables of a run record as Parquet, written by DuckDB.

Knows their columns and types (the contract's section 6); leaves what stands in them to scoring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from evals.outcomes import TrialScore

TRIAL_COLUMNS = {
    "case_id": "VARCHAR", "trial": "INTEGER", "passed": "BOOLEAN", "error": "VARCHAR",
    "latency_ms": "DOUBLE", "cost_usd": "DOUBLE", "input_tokens": "BIGINT",
    "output_tokens": "BIGINT", "tool_calls": "INTEGER", "invalid_calls": "INTEGER",
    "unmatched_reads": "INTEGER",
}  # fmt: skip

DECISION_COLUMNS = {
    "case_id": "VARCHAR", "trial": "INTEGER", "action_class": "VARCHAR", "outcome": "VARCHAR",
    "tool": "VARCHAR", "expected": "VARCHAR", "actual": "VARCHAR",
}  # fmt: skip


def write_trials(scores: Sequence[TrialScore], path: Path) -> None:
    """One row a trial, in the order given."""
    columns = {name: [getattr(score, name) for score in scores] for name in TRIAL_COLUMNS}
    _write(columns, TRIAL_COLUMNS, path)


def write_decisions(scores: Sequence[TrialScore], path: Path) -> None:
    """One row an action, in the order given."""
    rows = [
        (score.case_id, score.trial, item.action_class, item.outcome.value, item.tool,
         item.expected, item.actual)
        for score in scores
        for item in score.decisions
    ]  # fmt: skip
    write_rows(rows, DECISION_COLUMNS, path)


def write_rows(rows: Sequence[Sequence[Any]], types: Mapping[str, str], path: Path) -> None:
    """A table of these rows and columns, such as `read_rows` gave."""
    values = zip(*rows, strict=True) if rows else [()] * len(types)
    _write(dict(zip(types, values, strict=True)), types, path)


def _write(columns: Mapping[str, Sequence[Any]], types: Mapping[str, str], path: Path) -> None:
    import duckdb  # noqa: PLC0415 - heavy, and only writing records needs it
    import numpy as np  # noqa: PLC0415

    arrays = {name: np.array(values, dtype=object) for name, values in columns.items()}
    casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in types.items())
    temporary = path.with_name(path.name + ".part")
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    try:
        connection.execute("SET threads = 1")
        if not next(iter(arrays.values())).size:
            nulls = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in types.items())
            source = f"SELECT {nulls} WHERE false"
        else:
            connection.register("rows", arrays)
            source = f"SELECT {casts} FROM rows"  # noqa: S608 - our own column names
        connection.execute(
            f"COPY ({source}) TO '{_quoted(temporary)}' (FORMAT parquet, COMPRESSION zstd)"
        )
    finally:
        connection.close()
    temporary.replace(path)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
