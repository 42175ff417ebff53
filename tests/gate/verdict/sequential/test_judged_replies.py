"""A judge's votes count in rates, corrected for its errors: none passes or fails a release alone.

The table of all judges is benchmarks/gate/judged_gates.py; a few of its rows are here.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dialgate_gate.planning.look_ahead import detect
from dialgate_gate.settings.gate_policy import ClassPolicy, FailOn, GatePolicy
from dialgate_gate.statistics.judged.judge_errors import Labelled, estimate_errors
from dialgate_gate.verdict.sequential import SUITE, Endpoint, ScreenedCase, Side, start_gate
from dialgate_gate.verdict.sequential.screened_case import voted_on
from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    from types import ModuleType

    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors
    from dialgate_gate.verdict.sequential import GateDecision, SequentialGate

ANSWERS = ("answers",)
GOOD = estimate_errors(right=Labelled(500, 5), wrong=Labelled(500, 5), error=0.01)
YES_MAN = estimate_errors(right=Labelled(500, 0), wrong=Labelled(500, 480), error=0.01)
POLICY = GatePolicy(margin=0.1, default=ClassPolicy(margin=0.1, fail_on=FailOn.CASE))
VOTED = frozenset({SUITE, voted_on(SUITE)})
ACTED = frozenset({SUITE})
RIGHT: frozenset[Endpoint] = frozenset()


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    sys.path.insert(0, str(PROJECT / "benchmarks/gate"))
    try:
        return importlib.import_module("judged_gates")
    finally:
        sys.path.remove(str(PROJECT / "benchmarks/gate"))


def cases(number: int, *, critical: bool = False, voted: int = 0) -> list[ScreenedCase]:
    """Cases on whose replies a judge decides; it said no to the first so many of the candidate."""
    return [
        ScreenedCase(
            id=f"{place:03}",
            baseline_trials=3,
            candidate_trials=1,
            candidate_failed=dict.fromkeys(VOTED, 1) if place < voted else {},
            critical=critical,
            judged={"": ANSWERS},
        )
        for place in range(number)
    ]


def started(listed: list[ScreenedCase], errors: JudgeErrors = GOOD) -> SequentialGate:
    return start_gate(listed, POLICY, judges={"": {ANSWERS: errors}})


def driven(
    gate: SequentialGate, broken: frozenset[str], failed: frozenset[Endpoint]
) -> GateDecision:
    """Answers until it is decided; the candidate's trials of these cases fail so."""
    while requests := gate.next_requests():
        for request in requests:
            is_bad = request.side is Side.CANDIDATE and request.case_id in broken
            for _ in range(request.count):
                gate.observe(request.case_id, request.side, failed if is_bad else RIGHT)
    return gate.decide()


def test_one_case_that_only_a_judge_finds_broken_fails_nothing() -> None:
    decision = driven(started(cases(60, voted=1)), frozenset({"000"}), VOTED)
    assert decision.verdict != "fail"
    assert decision.suite.suspects == 0


def test_the_same_case_broken_by_acting_fails() -> None:
    listed = cases(60)
    bad = ScreenedCase(
        id="000",
        baseline_trials=3,
        candidate_trials=1,
        candidate_failed={SUITE: 1},
        judged={"": ANSWERS},
    )
    decision = driven(started([bad, *listed[1:]]), frozenset({"000"}), ACTED)
    assert decision.verdict == "fail"


def test_a_critical_case_is_neither_broken_by_a_vote_nor_passed_over() -> None:
    decision = driven(started(cases(60, critical=True, voted=1)), frozenset({"000"}), VOTED)
    assert decision.broken_critical == ()
    assert decision.refused_critical == ("000",)
    assert decision.verdict == "inconclusive"
    assert "1 critical case failed by a judge's votes alone: 000." in decision.reasons[0]


def test_many_cases_that_the_judge_finds_worse_fail_by_their_rate() -> None:
    broken = frozenset(f"{place:03}" for place in range(25))
    decision = driven(started(cases(60, voted=25)), broken, VOTED)
    assert decision.verdict == "fail"
    assert decision.suite_figures.is_loss_shown


def test_an_unchanged_release_passes_with_a_good_judge() -> None:
    decision = driven(started(cases(60)), frozenset(), RIGHT)
    assert decision.verdict == "pass"
    assert decision.suite_figures.interval[0] > -0.1


def test_a_judge_that_says_yes_to_everything_lets_nothing_pass() -> None:
    decision = driven(started(cases(60), YES_MAN), frozenset(), RIGHT)
    assert decision.verdict == "inconclusive"
    assert decision.suite_figures.interval == (-1.0, 1.0)


def test_what_a_judge_hides_is_said_where_votes_decide() -> None:
    gate = started(cases(10))
    gate.next_requests()
    blind = detect(gate).blind_to
    assert "one case that only a judge's votes find broken" in blind
    (hidden,) = [text for text in blind if "of a loss in replies" in text]
    overlooked = 1 - GOOD.youden[0]
    assert f"{100 * overlooked:.3g} %" in hidden


def test_a_judge_that_decides_and_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(ValueError, match="answers"):
        start_gate(cases(5), POLICY)


def test_the_difference_is_the_corrected_one() -> None:
    """The judge overlooks a fifth of what is wrong: a judged loss of 8 points is one of 10."""
    errors = estimate_errors(right=Labelled(10**6, 0), wrong=Labelled(10**6, 2 * 10**5), error=0.01)
    broken = frozenset(f"{place:03}" for place in range(4))
    found = driven(started(cases(50, voted=4), errors), broken, VOTED)
    assert found.suite_figures.difference == pytest.approx(-0.1, abs=0.001)


def _share(found: list[GateDecision], verdict: str) -> float:
    return float(np.mean([item.verdict == verdict for item in found]))


@pytest.mark.parametrize(
    ("share", "labels"), [(0.7, 1_000), (0.9, 200), (0.99, 50)], ids=lambda value: f"{value:g}"
)
@pytest.mark.parametrize("way", ["spread", "broken", "better acting"])
def test_a_loss_of_the_margin_in_the_replies_passes_rarely(
    benchmark: ModuleType, share: float, labels: int, way: str
) -> None:
    row = benchmark.Row(budget=1_500)
    judge = benchmark.Judge(sensitivity=share, specificity=share, labels=labels)
    found = [benchmark.gate_once(row, judge, row.margin, way, seed) for seed in range(30)]
    assert _share(found, "pass") <= 0.14  # .05 and three standard errors of 30 gates, rounded up


@pytest.mark.parametrize("share", [0.7, 0.9, 0.99])
def test_an_unchanged_release_is_failed_rarely_whatever_the_judge(
    benchmark: ModuleType, share: float
) -> None:
    row = benchmark.Row(budget=1_500)
    judge = benchmark.Judge(sensitivity=share, specificity=share, labels=200)
    found = [benchmark.gate_once(row, judge, 0.0, "spread", seed) for seed in range(30)]
    assert _share(found, "fail") <= 0.14


@pytest.mark.parametrize(("known", "passes"), [(False, True), (True, False)])
def test_only_the_correction_keeps_better_acting_from_hiding_worse_replies(
    benchmark: ModuleType, known: bool, passes: bool
) -> None:
    row = benchmark.Row(budget=1_500)
    judge = benchmark.Judge(sensitivity=0.99, specificity=0.6, labels=1_000)
    found = [
        benchmark.gate_once(row, judge, row.margin, "better acting", seed, known=known)
        for seed in range(20)
    ]
    assert (_share(found, "pass") > 0.1) is passes
