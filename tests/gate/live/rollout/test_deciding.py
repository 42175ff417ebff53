"""Promote, wait, roll back: what the counts show, and how often it is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.live.rollout.deciding import (
    Decision,
    SideCounts,
    decide_class,
    decide_rollout,
    difference_bounds,
)
from dialgate_gate.live.rollout.stop_rule import tasks_to_decide
from dialgate_gate.settings.rollout_policy import RolloutPolicy
from tests.gate.live.rollout.streams import Stream, simulate

OLD = SideCounts(reviewed=5000, intervened=100)


def decide(candidate: SideCounts, baseline: SideCounts = OLD, classes: int = 1) -> Decision:
    return decide_class(
        "refund",
        "on_the_loop",
        baseline=baseline,
        candidate=candidate,
        policy=RolloutPolicy(),
        classes=classes,
    ).decision


@pytest.mark.parametrize(
    ("candidate", "decision"),
    [
        (SideCounts(), Decision.WAIT),
        (SideCounts(reviewed=10), Decision.WAIT),
        (SideCounts(reviewed=400, intervened=8), Decision.PROMOTE),
        (SideCounts(reviewed=400, intervened=0), Decision.PROMOTE),
        (SideCounts(reviewed=400, intervened=26), Decision.ROLL_BACK),
        (SideCounts(reviewed=20, intervened=10), Decision.ROLL_BACK),
        (SideCounts(escalated_only=500), Decision.WAIT),
        (SideCounts(reviewed=400, intervened=0, escalated_only=100), Decision.WAIT),
        (SideCounts(reviewed=400, intervened=26, escalated_only=100), Decision.WAIT),
    ],
)
def test_a_class_is_decided_by_both_ends_of_the_difference(
    candidate: SideCounts, decision: Decision
) -> None:
    assert decide(candidate) is decision


def test_without_tasks_of_the_baseline_nothing_is_decided() -> None:
    for intervened in (0, 300):
        assert decide(SideCounts(reviewed=300, intervened=intervened), SideCounts()) is (
            Decision.WAIT
        )


def test_many_classes_ask_more_of_a_roll_back_and_no_more_of_a_promotion() -> None:
    edge = SideCounts(reviewed=40, intervened=8)
    assert decide(edge) is Decision.ROLL_BACK
    assert decide(edge, classes=100) is Decision.WAIT
    assert decide(SideCounts(reviewed=400, intervened=8), classes=100) is Decision.PROMOTE


def test_one_worse_class_rolls_back_and_one_undecided_waits() -> None:
    def rows(*decisions: Decision) -> Decision:
        found = []
        for word in decisions:
            made = decide_class(
                "c",
                "shadow",
                baseline=OLD,
                candidate=SideCounts(),
                policy=RolloutPolicy(),
                classes=1,
            )
            object.__setattr__(made, "decision", word)
            found.append(made)
        return decide_rollout(found)

    promote, wait, back = Decision.PROMOTE, Decision.WAIT, Decision.ROLL_BACK
    assert rows(promote, promote) is promote
    assert rows(promote, wait) is wait
    assert rows(promote, wait, back) is back
    assert rows() is wait


def test_a_release_that_escalates_its_bad_actions_is_not_promoted() -> None:
    """Were they left out it would look as good as the baseline: it rose from 2 to 9 %."""
    hiding = SideCounts(reviewed=930, intervened=20, escalated_only=70)
    assert decide(SideCounts(reviewed=930, intervened=20)) is Decision.PROMOTE
    assert decide(hiding) is Decision.WAIT


@given(st.integers(0, 300), st.integers(0, 30), st.integers(0, 40))
def test_escalated_tasks_widen_both_ends_whoever_has_them(
    reviewed: int, intervened: int, hidden: int
) -> None:
    bare = SideCounts(reviewed=reviewed, intervened=min(intervened, reviewed))
    more = replace(bare, escalated_only=hidden)
    low, high = difference_bounds(OLD, more, up=0.05, down=0.05)
    # Whatever became of them, the bounds of the decided whole lie inside.
    for bad in (0, hidden):
        whole = SideCounts(reviewed=more.total, intervened=more.intervened + bad)
        inner = difference_bounds(OLD, whole, up=0.05, down=0.05)
        assert low - 1e-12 <= inner[0] <= inner[1] <= high + 1e-12


counts = st.integers(0, 300).flatmap(
    lambda n: st.integers(0, n).map(lambda k: SideCounts(reviewed=n, intervened=k))
)


@given(counts, counts)
def test_the_observed_difference_lies_between_the_bounds(
    baseline: SideCounts, candidate: SideCounts
) -> None:
    low, high = difference_bounds(baseline, candidate, up=0.05, down=0.05)
    assert -1 <= low <= high <= 1
    if baseline.rate is not None and candidate.rate is not None:
        assert low <= candidate.rate - baseline.rate <= high


@given(counts, counts)
def test_swapping_the_sides_flips_the_bounds(one: SideCounts, other: SideCounts) -> None:
    low, high = difference_bounds(one, other, up=0.05, down=0.05)
    back = difference_bounds(other, one, up=0.05, down=0.05)
    assert back == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.parametrize(
    ("baseline", "candidate", "promoted", "rolled_back"),
    [(0.02, 0.02, None, 0.05), (0.02, 0.07, 0.05, None), (0.20, 0.25, 0.05, None)],
)
def test_errors_stay_under_their_bound_at_every_look(
    baseline: float, candidate: float, promoted: float | None, rolled_back: float | None
) -> None:
    """Small: benchmarks/dial/rollout_operating_characteristics.py has a thousand streams a row."""
    stream = Stream(baseline=baseline, candidate=candidate, share=0.5, tasks=600, every=50)
    found = simulate(stream, streams=25, seed=7)
    assert promoted is None or found.promoted <= promoted
    assert rolled_back is None or found.rolled_back <= rolled_back


def test_a_jump_is_rolled_back_within_some_dozen_tasks() -> None:
    stream = Stream(baseline=0.02, candidate=0.30, share=0.05, tasks=3_000)
    found = simulate(stream, streams=20, seed=7)
    assert found.rolled_back == 1.0
    assert found.median is not None
    assert found.median <= 60


def test_the_stop_rule_is_the_first_number_of_tasks_that_promotes() -> None:
    tasks = tasks_to_decide(0.02, margin=0.05, alpha=0.05, share=0.05)
    assert tasks is not None
    for number, promotes in ((tasks, True), (tasks - 1, False)):
        others = int(number * 0.95 / 0.05)
        found = decide(
            SideCounts(reviewed=number, intervened=-int(-0.02 * number // 1)),
            SideCounts(reviewed=others, intervened=-int(-0.02 * others // 1)),
        )
        assert (found is Decision.PROMOTE) is promotes
    assert tasks_to_decide(0.5, margin=0.0001, alpha=0.05, share=0.05) is None
