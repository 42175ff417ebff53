"""A figure that only one side tells is a gap exactly where a limit rests on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.outcomes import TrialStatus
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.one_sided import one_sided_gaps
from dialgate_gate.settings.gate_policy import ClassPolicy
from tests.gate.evidence import a_run, a_score, cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.actions.outcomes import TrialScore

N = 10
TOLD = [a_score(f"c{i}", cost_usd=0.01, latency_ms=5.0) for i in range(N)]
SILENT = [a_score(f"c{i}") for i in range(N)]


def found(before: Sequence[TrialScore], now: Sequence[TrialScore], **limits: Any) -> list[str]:
    comparison = compare_runs(
        baseline=a_run(before), candidate=a_run(now), case_set=cases(N), class_names=["refund"]
    )
    return [gap.reason for gap in one_sided_gaps(comparison, ClassPolicy(**limits))]


@pytest.mark.parametrize("limits", [{"cost_ratio": 1.25}, {"latency_p95_ratio": 1.5}])
def test_either_side_is_named(limits: dict[str, float]) -> None:
    (candidate,) = found(TOLD, SILENT, **limits)
    assert candidate.startswith("The candidate doesn't say")
    assert "10 cases" in candidate
    (baseline,) = found(SILENT, TOLD, **limits)
    assert baseline.startswith("The baseline doesn't say")


def test_without_a_limit_nobody_asks() -> None:
    assert found(TOLD, SILENT) == []


def test_both_telling_and_neither_telling_are_no_gap() -> None:
    limits = {"cost_ratio": 1.25, "latency_p95_ratio": 1.5}
    assert found(TOLD, TOLD, **limits) == found(SILENT, SILENT, **limits) == []


def test_a_single_dear_case_that_goes_silent_is_named() -> None:
    (reason,) = found(TOLD, [*TOLD[:9], SILENT[9]], cost_ratio=1.25)
    assert "1 case of which" in reason
    assert "c9" in reason


def test_a_trial_that_broke_off_owes_no_cost() -> None:
    broke = a_score("c9", None, status=TrialStatus.FAILED, failure="exit 1")
    assert found(TOLD, [*TOLD[:9], broke], cost_ratio=1.25) == []
