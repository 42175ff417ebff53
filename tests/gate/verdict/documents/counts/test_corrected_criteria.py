"""A criterion that decides is shown with its rate corrected for the judge's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from dialgate_evals.actions.rubrics.criterion import Criterion
from dialgate_evals.actions.rubrics.votes import Answer, Question, Ruling
from dialgate_gate.statistics.judged.judge_errors import Labelled, estimate_errors
from dialgate_gate.verdict.documents.counts.criteria import count_criteria
from dialgate_reports.words.trials.votes import criteria_lines
from tests.gate.evidence import a_run

if TYPE_CHECKING:
    from dialgate_gate.comparing.run_evidence import RunEvidence

POLITE = Criterion(name="polite", text="is polite")
KNOWN = estimate_errors(right=Labelled(10**5, 10**4), wrong=Labelled(10**5, 10**4), error=0.01)


def judged(yes: int, no: int) -> RunEvidence:
    """Trials on whose replies a judge with both shares at .9 said yes, and no."""
    scores = [
        TrialScore(
            case_id=str(number),
            trial=0,
            status=TrialStatus.PASSED if number < yes else TrialStatus.FAILED,
            rulings=(
                Ruling(
                    criterion="polite",
                    of="reply",
                    answer=Answer.YES if number < yes else Answer.NO,
                    decides=True,
                    question=Question(criterion=POLITE, of="reply", text=str(number)),
                ),
            ),
        )
        for number in range(yes + no)
    ]
    return a_run(scores)


def test_the_rate_is_turned_back_into_that_of_right_texts() -> None:
    (found,) = count_criteria(judged(740, 260), judged(500, 500), {"polite": KNOWN})
    assert found["baseline"]["corrected"]["estimate"] == pytest.approx(0.8, abs=1e-3)
    now = found["candidate"]["corrected"]
    low, high = now["interval"]
    assert low < 0.5 < high
    assert high - low < 0.15
    assert now["confidence"] == 0.95
    (line,) = criteria_lines({"criteria": [found]})
    assert "as corrected for its errors" in line


def test_without_a_licence_nothing_is_corrected() -> None:
    (found,) = count_criteria(None, judged(3, 1))
    assert "corrected" not in found["candidate"]
