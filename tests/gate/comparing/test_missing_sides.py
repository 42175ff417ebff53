"""What could not be run on one side only is counted at its worst; what both lack stays missing."""

from __future__ import annotations

import numpy as np
import pytest

from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from dialgate_gate.comparing.missing_sides import at_worst, missing_on_one_side
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.statistics import PairedCounts

CASES = ["both", "before", "now", "neither"]


def side(*finished: str) -> RunEvidence:
    scores = tuple(
        TrialScore(
            case_id=case_id,
            trial=0,
            status=TrialStatus.PASSED if case_id in finished else TrialStatus.ERRORED,
        )
        for case_id in CASES
    )
    return RunEvidence(release={}, scores=scores)


def test_cases_of_one_side_only_are_found_whichever_it_is() -> None:
    found = missing_on_one_side(CASES, side("both", "before"), side("both", "now"))
    assert found == ("before", "now")
    assert missing_on_one_side(CASES, None, side("both")) == ()


def test_a_missing_candidate_failed_and_a_missing_baseline_passed() -> None:
    counts = PairedCounts(
        baseline_passed=np.array([1, 1, 0, 0]),
        baseline_trials=np.array([1, 2, 0, 0]),
        candidate_passed=np.array([1, 0, 1, 0]),
        candidate_trials=np.array([1, 0, 3, 0]),
    )
    worst = at_worst(counts, CASES, ["before", "now"])
    assert worst.baseline_passed.tolist() == [1, 1, 3, 0]
    assert worst.baseline_trials.tolist() == [1, 2, 3, 0]
    assert worst.candidate_passed.tolist() == [1, 0, 1, 0]
    assert worst.candidate_trials.tolist() == [1, 2, 3, 0]


@pytest.mark.parametrize("missing", [(), ("neither",)])
def test_nothing_is_made_up_where_nothing_is_known(missing: tuple[str, ...]) -> None:
    counts = PairedCounts(
        baseline_passed=np.array([1, 0, 0, 0]),
        baseline_trials=np.array([1, 0, 0, 0]),
        candidate_passed=np.array([1, 0, 0, 0]),
        candidate_trials=np.array([1, 0, 0, 0]),
    )
    worst = at_worst(counts, CASES, missing)
    assert worst.baseline_trials.tolist() == counts.baseline_trials.tolist()
    assert worst.candidate_trials.tolist() == counts.candidate_trials.tolist()
