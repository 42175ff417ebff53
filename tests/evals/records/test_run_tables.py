"""Scores that are read back from tables: what is alike in many trials is there once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from dialgate_evals.actions.outcomes import Decision, Outcome, TrialScore, TrialStatus
from dialgate_evals.records.parquet_tables import write_tables
from dialgate_evals.records.run_tables import read_scores
from dialgate_evals.records.writing.table_process import open_writer

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, scores: list[TrialScore]) -> Path:
    with open_writer() as connection:
        write_tables(
            connection,
            scores,
            trials=folder / "trials.parquet",
            decisions=folder / "decisions.parquet",
            votes=folder / "votes.parquet",
        )
    return folder


def a_score(trial: int, error: str | None = None) -> TrialScore:
    paid = Decision(
        action_class="refund", outcome=Outcome.CORRECT, tool="pay", actual=f'{{"id":{trial % 2}}}'
    )
    return TrialScore(
        case_id="a case's long name",
        trial=trial,
        status=TrialStatus.PASSED,
        decisions=(paid,) * (trial % 3),
        latency_ms=trial / 3,
        turns=1,
        error=error,
    )


def test_they_are_as_they_were_written(tmp_path: Path) -> None:
    """Hostile words too; more rows than are read at once."""
    hostile = [
        "",
        "null",
        'a "quoted" one',
        "two\nlines",
        "\0",
        "ünïcödé 😀",
        "{}",
        "1e5",
        "x" * 99_999,
    ]
    made = [a_score(number, error=text) for number, text in enumerate(hostile)]
    made += [a_score(number) for number in range(len(hostile), 5000)]
    assert read_scores(written(tmp_path, made)) == made


def test_a_lone_surrogate_stands_as_an_escape(tmp_path: Path) -> None:
    """UTF-8 can't hold it; the transcript has it as it came."""
    (score,) = read_scores(written(tmp_path, [a_score(0, error="cut \ud83d off")]))
    assert score.error == r"cut \ud83d off"


def test_what_is_alike_is_there_once(tmp_path: Path) -> None:
    read = read_scores(written(tmp_path, [a_score(trial) for trial in (2, 8, 14)]))
    for one, other in pairwise(read):
        assert one.decisions is other.decisions
        assert one.case_id is other.case_id


def test_tables_of_no_trial_have_their_columns_and_no_row(tmp_path: Path) -> None:
    assert read_scores(written(tmp_path, [])) == []


def test_nothing_but_the_tables_is_left_in_a_folder_of_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "it's [a] *folder*?"
    folder.mkdir()
    written(folder, [a_score(1)])
    assert sorted(path.name for path in folder.iterdir()) == ["decisions.parquet", "trials.parquet"]
