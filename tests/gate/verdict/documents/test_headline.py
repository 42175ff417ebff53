"""What an undecided release is like: three situations, told apart by figures."""

from __future__ import annotations

from dialgate_evals.actions.outcomes import Outcome
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.verdict.documents.headline import Headline, find_headline
from dialgate_gate.verdict.release_verdict import decide_verdict
from tests.gate.evidence import a_comparison

OK, MISSED = Outcome.CORRECT, Outcome.MISSED


def of(before: list[Outcome], now: list[Outcome], margin: float = 0.05) -> Headline | None:
    policy = GatePolicy(default=ClassPolicy(margin=margin))
    return find_headline(decide_verdict(a_comparison(before, now), policy))


def test_nothing_that_moved_is_no_regression_found() -> None:
    assert of([OK] * 30, [OK] * 30) is Headline.NO_REGRESSION_FOUND


def test_more_broken_than_fixed_looks_worse() -> None:
    assert of([OK] * 30, [MISSED] * 2 + [OK] * 28) is Headline.LOOKS_WORSE


def test_a_better_average_with_broken_cases_is_better_with_open_cases() -> None:
    before = [OK] * 2 + [MISSED] * 20 + [OK] * 20
    now = [MISSED] * 2 + [OK] * 20 + [OK] * 20
    assert of(before, now) is Headline.BETTER_WITH_OPEN_CASES


def test_as_many_fixed_as_broken_found_no_regression() -> None:
    assert of([OK, MISSED] * 10, [MISSED, OK] * 10) is Headline.NO_REGRESSION_FOUND


def test_a_verdict_that_decides_has_no_headline() -> None:
    assert of([OK] * 200, [OK] * 200) is None
    assert of([OK] * 60, [MISSED] * 60) is None
    assert decide_verdict(a_comparison([OK] * 60, [MISSED] * 60), GatePolicy()).verdict is (
        Verdict.FAIL
    )
