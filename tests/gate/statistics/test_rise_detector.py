"""The detector's bound and its speed, simulated; its recursion against the sum behind it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.statistics.rise_detector import (
    RiseDetector,
    mixed_rates,
    spent_weight,
    start_weight,
)
from tests.example_counts import up_to

LIMIT, ALPHA = 0.05, 0.01


def first_alarms(
    before: float, after: float, *, good: int, bad: int, classes: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The review of the first alarm of each simulated class; 0: none."""
    generator = np.random.default_rng(7)
    rates = np.array(mixed_rates(LIMIT))[:, None]
    up, down = rates / LIMIT, (1 - rates) / (1 - LIMIT)
    mixture, spent = np.zeros((len(rates), classes)), 0.0
    found = np.zeros(classes, dtype=np.int64)
    for number in range(1, good + bad + 1):
        ones = generator.random(classes) < (before if number <= good else after)
        spent += start_weight(number)
        mixture = (mixture + start_weight(number)) * np.where(ones, up, down)
        found[(found == 0) & (mixture.mean(axis=0) + 1 - spent >= 1 / ALPHA)] = number
    return found


def test_a_class_that_stays_at_the_limit_is_ever_demoted_in_at_most_alpha() -> None:
    alarms = first_alarms(LIMIT, LIMIT, good=20_000, bad=0, classes=2_000)
    assert np.mean(alarms > 0) <= ALPHA


@pytest.mark.parametrize(
    ("before", "after", "within"), [(0.01, 0.2, 120), (0.05, 0.1, 1_200)], ids=["jump", "drift"]
)
def test_a_change_after_2000_good_reviews_is_found_soon(
    before: float, after: float, within: int
) -> None:
    alarms = first_alarms(before, after, good=2_000, bad=3_000, classes=1_000)
    early = (alarms > 0) & (alarms <= 2_000)
    assert early.mean() <= ALPHA
    delays = np.where(alarms == 0, 3_001, alarms - 2_000)[~early]
    assert np.median(delays) <= within


def observe(ones: list[bool], limit: float = LIMIT) -> RiseDetector:
    detector = RiseDetector(limit=limit)
    for one in ones:
        detector = detector.observe(one)
    return detector


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.sampled_from([0.005, 0.05, 0.4]))
def test_the_recursion_is_the_sum_over_starts_and_rates(ones: list[bool], limit: float) -> None:
    terms = {}
    for start in range(len(ones)):
        for rate in mixed_rates(limit):
            ratios = [rate / limit if one else (1 - rate) / (1 - limit) for one in ones[start:]]
            terms[start + 1, rate] = start_weight(start + 1) * float(np.prod(ratios))
    waiting = 1 - sum(start_weight(number + 1) for number in range(len(ones)))
    detector = observe(ones, limit)
    expected = sum(terms.values()) / len(mixed_rates(limit)) + waiting
    assert detector.e_value == pytest.approx(expected, rel=1e-9)
    assert detector.since is not None
    largest = max(value for (start, _), value in terms.items() if start == detector.since)
    assert largest == pytest.approx(max(terms.values()), rel=1e-9)


def test_the_weights_of_all_starts_never_sum_to_more_than_one() -> None:
    sums = np.cumsum([start_weight(number) for number in range(1, 300_000)])
    assert sums[-1] < 1
    assert sums[8_191] == pytest.approx(0.5)
    # The blocks behind: 1/2, then 1/6, then 1/12 of the other half.
    assert sums[16_383] == pytest.approx(0.75)
    assert sums[32_767] == pytest.approx(0.75 + 0.5 / 6)
    assert sums[65_535] == pytest.approx(0.75 + 0.5 / 6 + 0.5 / 12)
    for number in (1, 8_192, 8_193, 16_384, 20_000, 299_999):
        assert spent_weight(number) == pytest.approx(sums[number - 1], rel=1e-9)


@given(st.floats(0.001, 0.9), st.floats(0, 1))
def test_no_rate_up_to_the_limit_makes_the_e_value_grow_on_average(
    limit: float, share: float
) -> None:
    rate = limit * share
    for mixed in mixed_rates(limit):
        mean = rate * mixed / limit + (1 - rate) * (1 - mixed) / (1 - limit)
        assert mean <= 1 + 1e-12


@up_to(25)
@given(
    st.lists(st.sampled_from([0, 1, 7, 300, 9_000]), max_size=4),
    st.sampled_from([0.0, 0.005, 0.05, 1.0]),
)
def test_runs_are_what_their_reviews_are_one_by_one(gaps: list[int], limit: float) -> None:
    by_one = RiseDetector(limit=limit)
    for gap in gaps:
        for _ in range(gap):
            by_one = by_one.observe(one=False)
        by_one = by_one.observe(one=True)
    runs = RiseDetector(limit=limit).observe_runs(gaps)
    assert (runs.reviews, runs.ones) == (by_one.reviews, by_one.ones)
    assert runs.e_value == pytest.approx(by_one.e_value, rel=1e-9)
    assert runs.best == pytest.approx(by_one.best, rel=1e-9)
    assert runs.starts == by_one.starts


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(0, 60), st.sampled_from([0.0, 0.05]))
def test_a_state_written_and_read_goes_on_to_the_same_floats(
    gaps: list[int], cut: int, limit: float
) -> None:
    whole = RiseDetector(limit=limit).observe_runs(gaps)
    half = RiseDetector(limit=limit).observe_runs(gaps[:cut])
    read = RiseDetector.resume(limit, json.loads(json.dumps(half.as_json())))
    assert read.observe_runs(gaps[cut:]) == whole


@given(st.lists(st.integers(0, 40), max_size=200))
def test_a_watch_ends_at_the_first_one_that_exceeds(gaps: list[int]) -> None:
    ended = RiseDetector(limit=LIMIT).observe_runs(gaps, ALPHA)
    assert ended.ones == len(gaps) or ended.exceeds(ALPHA)
    before = RiseDetector(limit=LIMIT).observe_runs(gaps[: ended.ones - 1] if gaps else [])
    assert not before.exceeds(ALPHA)


def test_a_limit_of_zero_falls_at_the_first_intervention_and_one_of_one_never() -> None:
    assert not observe([False] * 50, 0.0).exceeds(ALPHA)
    assert observe([False, True], 0.0).exceeds(ALPHA)
    assert not observe([True] * 500, 1.0).exceeds(ALPHA)


def test_a_long_run_of_interventions_stays_a_number() -> None:
    detector = observe([True] * 2_000)
    assert detector.e_value < float("inf")
    assert detector.since == 1


def test_since_names_the_review_where_the_change_came() -> None:
    generator = np.random.default_rng(3)
    ones = [bool(x) for x in generator.random(1_000) < 0.01]
    ones += [bool(x) for x in generator.random(150) < 0.3]
    since = observe(ones).since
    assert since is not None
    assert abs(since - 1_000) <= 25
