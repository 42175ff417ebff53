"""The tables of a run record as Parquet, written by DuckDB row by row, whatever their number.

Knows their columns and types (the contract's section 6); leaves what stands in them to scoring.
"""

from __future__ import annotations

import glob
from contextlib import ExitStack, closing
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import msgspec

from dialgate_evals.records.writing.table_process import open_writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.rubrics.votes import Vote
    from dialgate_evals.records.writing.tables_beside import TableWriter

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


_ROWS_TOGETHER = 20_480
"""Rows that DuckDB holds in memory while it writes."""

_FILE_BYTES = 2**21
"""Of rows in one file: DuckDB reads a file into memory, up to 32 MiB of it."""

_LEAST_LINE = 2**16
"""Bytes of a row that DuckDB makes room for; more where a row is longer."""


class RowFile:
    """Rows of one table that wait on disk, beside where it will be, until all of them are there."""

    def __init__(self, path: Path, types: Mapping[str, str]) -> None:
        """`path` of the table; `types` of its columns."""
        self._path, self._types = path, types
        self._files: list[BinaryIO] = []
        # one behind the other; the last is written to
        self._row = msgspec.defstruct("Row", list(types), gc=False)
        # written as fast as its cells, where a dict takes twice as long
        self._left = 0
        # bytes that the last file still has room for
        self._longest = 0
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files:
            file.close()
            Path(file.name).unlink(missing_ok=True)

    def add(self, row: Sequence[Any]) -> None:
        """One more row, a cell for each column."""
        try:
            line = _encode(self._row(*row))
        except UnicodeEncodeError:  # lone surrogates, which no table's text holds
            line = _encode(self._row(*map(_as_text, row)))
        if self._left <= 0:
            self._begin_file()
        self._files[-1].write(line + b"\n")
        self._left -= len(line)
        self._longest = max(self._longest, len(line))
        self.count += 1

    def _begin_file(self) -> None:
        for file in self._files[-1:]:
            file.close()
        name = f"{self._path.name}.rows-{len(self._files)}"
        self._files.append(self._path.with_name(name).open("wb"))
        self._left = _FILE_BYTES

    def write(self, connection: TableWriter) -> None:
        """The table, in the order in which the rows came."""
        for file in self._files[-1:]:
            file.flush()
        temporary = self._path.with_name(self._path.name + ".part")
        connection.execute(
            f"COPY ({self._source()}) TO '{_quoted(str(temporary))}' "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROWS_TOGETHER})"
        )
        temporary.replace(self._path)

    def _source(self) -> str:
        if not self.count:
            nulls = ", ".join(
                f"CAST(NULL AS {kind}) AS {name}" for name, kind in self._types.items()
            )
            return f"SELECT {nulls} WHERE false"
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in self._types.items())
        rows = ", ".join(f"'{_quoted(glob.escape(file.name))}'" for file in self._files)
        room = max(_LEAST_LINE, 2 * self._longest)
        return (
            f"FROM read_json([{rows}], columns = {{{columns}}}, format = 'newline_delimited', "
            f"maximum_object_size = {room})"
        )


_encode = msgspec.json.Encoder().encode


def _as_text(cell: object) -> object:
    """The cell, a lone surrogate in it written as an escape."""
    return cell.encode("utf-8", "backslashreplace").decode() if isinstance(cell, str) else cell


def write_tables(
    connection: TableWriter,
    scores: Iterable[TrialScore],
    *,
    trials: Path,
    decisions: Path,
    votes: Path,
) -> None:
    """One row a trial, one an action and one a vote, in the order given; the scores are read once.

    There are no votes where no trial has a criterion.
    """
    with ExitStack() as stack:
        of_trials = stack.enter_context(RowFile(trials, TRIAL_COLUMNS))
        of_decisions = stack.enter_context(RowFile(decisions, DECISION_COLUMNS))
        of_votes = stack.enter_context(RowFile(votes, VOTE_COLUMNS))
        for score in scores:
            of_trials.add(_trial_cells(score))
            for item in score.decisions:
                of_decisions.add((score.case_id, score.trial, *_decision_cells(item)))
            if score.rulings:
                _add_votes(of_votes, score)
        of_trials.write(connection)
        of_decisions.write(connection)
        if of_votes.count:
            of_votes.write(connection)


_trial_cells = attrgetter(*TRIAL_COLUMNS)
_decision_cells = attrgetter(
    *[name for name in DECISION_COLUMNS if name not in {"case_id", "trial"}]
)


def _add_votes(rows: RowFile, score: TrialScore) -> None:
    for item in score.rulings:
        about = (
            score.case_id, score.trial, item.criterion, item.of, item.answer.value, item.decides,
            item.question.digest,
        )  # fmt: skip
        for vote in item.votes or (None,):
            rows.add((*about, *_vote_cells(vote, item.undecided)))


def _vote_cells(vote: Vote | None, undecided: str) -> tuple[Any, ...]:
    if vote is None:
        return (None, None, undecided, None, None, None, 0)
    return (
        vote.judge, vote.answer.value, vote.reason, vote.model, vote.prompt, vote.cost_usd,
        vote.calls,
    )  # fmt: skip


def write_rows(rows: Iterable[Sequence[Any]], types: Mapping[str, str], path: Path) -> None:
    """A table of these rows and columns, such as `read_rows` gave."""
    with RowFile(path, types) as file, closing(open_writer()) as connection:
        for row in rows:
            file.add(row)
        file.write(connection)


def _quoted(path: str) -> str:
    return path.replace("'", "''")
