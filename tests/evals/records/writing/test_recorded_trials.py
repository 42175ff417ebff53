"""Trials of a long run lie on disk, and nothing that is read of them tells where they lay."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dialgate_evals.actions.outcomes import Decision, Outcome, TrialScore, TrialStatus
from dialgate_evals.actions.rubrics.criterion import Criterion
from dialgate_evals.actions.rubrics.votes import RULES, Answer, Question, Ruling, Vote
from dialgate_evals.records.writing import recorded_trials
from dialgate_evals.records.writing.journal import Place
from dialgate_evals.records.writing.recorded_trials import RecordedTrials
from dialgate_evals.records.writing.trials_on_disk import ScoredTrials

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CASES = ("beta", "alpha", "gamma")
STRANGERS = ("zz", "aa")


def a_score(case_id: str, trial: int) -> TrialScore:
    """A score in which every kind of value stands, none of them alike in two trials."""
    paid = Decision(action_class="refund", outcome=Outcome.CORRECT, tool="pay", actual=f"{trial}")
    asked = Question(criterion=Criterion(name="kind"), of="reply", text="Ünïcode\0", context={})
    vote = Vote(judge=RULES, answer=Answer.YES, reason=case_id)
    ruling = Ruling(
        criterion="kind", of="reply", answer=Answer.YES, votes=(vote,), question=asked, decides=True
    )
    return TrialScore(
        case_id=case_id,
        trial=trial,
        status=TrialStatus.PASSED if case_id in CASES else TrialStatus.ERRORED,
        decisions=(paid,) * (trial % 3),
        rulings=(ruling,) * (trial % 2),
        latency_ms=trial / 7,
        cost_usd=None if trial % 2 else 0.1,
        dialects=("openai-chat",),
    )


def record(folder: Path, scores: Iterable[TrialScore]) -> RecordedTrials:
    """Recorded trials with a place in the journal for each."""
    trials = RecordedTrials(CASES, folder)
    for number, score in enumerate(scores):
        trials.expect(Place(number, 1))
        trials.add(score, is_cached=score.trial == 1)
    return trials


def as_read(trials: RecordedTrials, scores: list[TrialScore]) -> tuple[object, ...]:
    """All that can be read of them; places by the trial that was there."""
    there = [(scores[at].case_id, scores[at].trial) for at, _ in trials.places()]
    return list(trials.in_order()), there, trials.cached(), len(trials)


@given(
    st.permutations([(case, trial) for case in (*CASES, *STRANGERS) for trial in range(4)]),
    st.integers(1, 25),
)
def test_neither_the_order_in_which_trials_come_nor_the_disk_is_seen(
    tmp_path_factory: pytest.TempPathFactory, order: list[tuple[str, int]], most: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    scores = [a_score(*item) for item in order]
    in_memory = as_read(record(folder, scores), scores)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorded_trials, "MOST_HELD", most)
        on_disk = record(folder, scores)
        assert as_read(on_disk, scores) == in_memory
        assert on_disk.are_scored
    expected = [(case, trial) for case in (*CASES, "aa", "zz") for trial in range(4)]
    assert in_memory[1] == expected


class TestOnDisk:
    """What is read back is what was written."""

    @pytest.fixture(autouse=True)
    def few_are_held(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recorded_trials, "MOST_HELD", 5)

    def test_a_case_is_read_alone(self, tmp_path: Path) -> None:
        made = [a_score(case, trial) for trial in range(9) for case in (*CASES[:2], "aa")]
        scores = record(tmp_path, made).scores()
        assert isinstance(scores, ScoredTrials)
        by_case = scores.by_case
        assert list(by_case) == ["beta", "alpha", "aa"]
        for case_id in by_case:
            assert list(by_case[case_id]) == [a_score(case_id, trial) for trial in range(9)]
        assert "gamma" not in by_case
        assert scores.has_errored

    def test_one_is_found_by_its_place(self, tmp_path: Path) -> None:
        scores = record(tmp_path, [a_score("beta", trial) for trial in range(9)]).scores()
        assert isinstance(scores, ScoredTrials)
        assert len(scores) == 9
        assert (scores[0].trial, scores[-1].trial) == (0, 8)
        assert [score.trial for score in scores[2:4]] == [2, 3]
        assert not scores.has_errored
        with pytest.raises(IndexError):
            scores[9]

    def test_others_take_their_place_whatever_their_order(self, tmp_path: Path) -> None:
        made = [a_score(case, trial) for trial in range(4) for case in CASES]
        trials = record(tmp_path, made)
        other = [replace(score, failure=f"of {score.trial}") for score in made]
        trials.replace(other)
        assert [score.failure for score in trials.in_order()] == [
            f"of {trial}" for _ in CASES for trial in range(4)
        ]
        assert len(list(trials.places())) == 12

    def test_one_that_is_longer_than_what_is_read_at_once_is_whole(self, tmp_path: Path) -> None:
        long = replace(a_score("beta", 0), error="x" * 200_000)
        made = [long, *(a_score("beta", trial) for trial in range(1, 9))]
        assert list(record(tmp_path, made).in_order()) == made

    def test_nothing_is_left_in_the_folder(self, tmp_path: Path) -> None:
        trials = record(tmp_path, [a_score("beta", trial) for trial in range(9)])
        trials.scores()
        assert list(tmp_path.iterdir()) == []


def test_a_count_that_is_written_as_a_fraction_is_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transcript may say 12.0 tokens: JSON Schema calls that whole."""
    monkeypatch.setattr(recorded_trials, "MOST_HELD", 1)
    odd = replace(a_score("beta", 0), input_tokens=12.0)
    assert next(record(tmp_path, [odd]).in_order()).input_tokens == 12


def bytes_held() -> int:
    """Bytes that Python's objects take, without what only waits to be collected."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_a_trial_more_takes_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that Python holds after 2,000 trials and after 1,000, which were 700 a trial."""
    monkeypatch.setattr(recorded_trials, "MOST_HELD", 100)
    tracemalloc.start()
    try:
        trials = RecordedTrials(CASES, tmp_path)
        held = []
        for number in range(2000):
            trials.expect(Place(number, 1))
            trials.add(a_score(CASES[number % 3], number // 3), is_cached=False)
            if number in {999, 1999}:
                held.append(bytes_held())
        list(trials.in_order())
        held.append(bytes_held())
    finally:
        tracemalloc.stop()
    assert held[1] - held[0] < 1000 * 8
    assert held[2] - held[0] < 1000 * 8
