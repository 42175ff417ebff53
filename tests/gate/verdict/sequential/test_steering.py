"""Trials of other days say where to look; nothing that decides counts them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dialgate_evals.actions.outcomes import TrialStatus
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.settings.gate_policy import GatePolicy
from dialgate_gate.verdict.sequential import Side, start_gate
from dialgate_gate.verdict.sequential.screened_case import SUITE, ScreenedCase
from dialgate_gate.verdict.sequential.screening import screen_cases
from tests.gate.evidence import a_run, a_score, cases

N = 6


def screened(**more: Any) -> list[ScreenedCase]:
    return [
        ScreenedCase(id=f"c{i}", baseline_trials=1, candidate_trials=1, **more) for i in range(N)
    ]


@pytest.mark.parametrize("is_fresh", [True, False])
def test_they_are_seen_and_never_counted(is_fresh: bool) -> None:
    steered = screened(steering_trials=10, steering_failed={SUITE: 4})
    plain = start_gate(screened(), GatePolicy(), is_fresh=is_fresh).rounds.known
    known = start_gate(steered, GatePolicy(), is_fresh=is_fresh).rounds.known
    assert (known.seen - plain.seen).tolist() == [10] * N
    assert known.failed[SUITE].tolist() == [4] * N
    for mine, other in (
        (known.recorded, plain.recorded),
        (known.left, plain.left),
        (known.counted[Side.BASELINE], plain.counted[Side.BASELINE]),
    ):
        assert np.array_equal(mine, other)
    assert known.recorded_failed == plain.recorded_failed == {}
    assert known.uses_record is plain.uses_record


def test_screening_counts_them_apart() -> None:
    comparison = compare_runs(
        baseline=a_run([a_score(f"c{i}") for i in range(N)]),
        candidate=a_run([a_score(f"c{i}") for i in range(N)]),
        case_set=cases(N),
        class_names=["refund"],
    )
    failed = a_score("c0", None, status=TrialStatus.FAILED)
    first, second, *_ = screen_cases(comparison, {"c0": (failed, a_score("c0", trial=1))})
    assert (first.steering_trials, first.steering_failed[SUITE]) == (2, 1)
    assert first.baseline_trials == 1
    assert (second.steering_trials, dict(second.steering_failed)) == (0, {})
    assert screen_cases(comparison)[0] == replace(first, steering_trials=0, steering_failed={})


def test_more_failures_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="more failures than trials"):
        screened(steering_trials=1, steering_failed={SUITE: 2})
