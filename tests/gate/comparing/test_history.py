"""What flips without a change of release is flaky, and its rate comes with bounds."""

from __future__ import annotations

import pytest

from dialgate_gate.comparing.history import CaseRuns, flaky_cases


def runs(passed: int, trials: int, case_id: str = "c") -> CaseRuns:
    return CaseRuns(case_id=case_id, fingerprint="f", version="1", passed=passed, trials=trials)


@pytest.mark.parametrize(
    ("passed", "trials", "flaky"), [(0, 4, False), (1, 4, True), (3, 4, True), (4, 4, False)]
)
def test_flaky_is_what_both_passed_and_failed(passed: int, trials: int, flaky: bool) -> None:
    assert runs(passed, trials).is_flaky is flaky


def test_the_failure_rate_lies_in_its_bounds() -> None:
    item = runs(3, 4)
    assert item.failure_rate == 0.25
    assert item.failure_bounds() == pytest.approx((0.0063, 0.8059), abs=1e-4)
    assert item.failure_bounds(0.5)[1] < item.failure_bounds()[1]


def test_pass_hat_is_given_as_far_as_there_are_trials() -> None:
    assert runs(3, 4).pass_hats() == pytest.approx((0.75, 0.5, 0.25, 0.0))
    assert len(runs(9, 9).pass_hats()) == 5
    assert len(runs(9, 9).pass_hats(most=2)) == 2


def test_the_worst_comes_first_then_the_name() -> None:
    listed = [runs(3, 4, "b"), runs(1, 4, "z"), runs(3, 4, "a"), runs(4, 4, "steady")]
    assert [item.case_id for item in flaky_cases(listed)] == ["z", "a", "b"]
