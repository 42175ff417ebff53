"""A release that behaves otherwise than its record says is said to, in either direction."""

from __future__ import annotations

import numpy as np
import pytest

from dialgate_gate.comparing.record_shift import Counts, find_shift


def counts(passed: int, trials: int, cases: int = 30) -> dict[str, Counts]:
    return {f"c{i}": (passed, trials) for i in range(cases)}


@pytest.mark.parametrize(("before", "now"), [((3, 3), (1, 3)), ((0, 3), (2, 3))])
def test_a_large_difference_is_shown(before: Counts, now: Counts) -> None:
    shift = find_shift(recorded=counts(*before), today=counts(*now))
    assert shift is not None
    assert shift.is_shown
    assert f"{30 * now[0]} of 90 trials passed today, {30 * before[0]} of 90 before" in (
        shift.sentence
    )


def test_the_same_behaviour_says_nothing() -> None:
    shift = find_shift(recorded=counts(3, 3), today=counts(3, 3))
    assert shift is not None
    assert (shift.is_shown, shift.sentence, shift.p_value) == (False, "", 1.0)


def test_without_shared_cases_there_is_none() -> None:
    assert find_shift(recorded={"a": (1, 1)}, today={"b": (1, 1)}) is None
    assert find_shift(recorded={}, today={}) is None


def test_an_unchanged_release_is_seldom_said_to_have_changed() -> None:
    """Both directions together at most 1 in 100, whatever the rates of the cases."""
    chance, shown = np.random.default_rng(20261129), 0
    for _ in range(400):
        rates = chance.choice([1.0, 0.8, 0.3], 40)
        before = {str(i): (int(chance.binomial(3, r)), 3) for i, r in enumerate(rates)}
        now = {str(i): (int(chance.binomial(1, r)), 1) for i, r in enumerate(rates)}
        shift = find_shift(recorded=before, today=now)
        shown += shift is not None and shift.is_shown
    assert shown <= 8
