"""A class falls once, one mode, with since when, release and events named."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.review_events import Mode
from dialgate_evals.events.task_runs import Runs
from dialgate_gate.live.demotion import detector_of
from dialgate_gate.settings.ladder_policy import DemotePolicy
from tests.gate.dial_builders import DAY, NOW, fall, reviews, runs_of

POLICY = DemotePolicy()
BAD = range(0, 100, 3)


def test_the_demotion_names_since_release_and_events() -> None:
    good = reviews(2_500, start=NOW - 300 * DAY)
    bad = reviews(100, BAD, release="3", start=NOW)
    demotion = fall([*good, *bad])
    assert demotion is not None
    assert demotion.since >= NOW - DAY
    assert demotion.releases[-1] == "3"
    assert demotion.interventions == len(demotion.events)
    assert set(demotion.events) <= {f"e{index}" for index in BAD}
    assert demotion.rate > POLICY.intervention_rate
    assert (demotion.mode, demotion.to) == (Mode.IN_THE_LOOP, Mode.SHADOW)
    assert "limit 5 %" in demotion.sentence
    assert "reviewed tasks since" in demotion.sentence


def test_a_class_falls_one_mode() -> None:
    demotion = fall(reviews(100, BAD), Mode.OUT_OF_THE_LOOP)
    assert demotion is not None
    assert demotion.to is Mode.ON_THE_LOOP


def test_tasks_that_were_only_escalated_are_passed_over() -> None:
    assert fall(reviews(500, intervened=None)) is None


def test_a_long_history_is_forgotten_and_the_change_still_placed() -> None:
    good = reviews(30_000, range(0, 30_000, 100), start=NOW - 1_500 * DAY)
    assert fall(good) is None
    demotion = fall([*good, *reviews(200, range(0, 200, 2), start=NOW, release="3")])
    assert demotion is not None
    assert demotion.releases[-1] == "3"
    assert demotion.since >= NOW - 3 * DAY


@given(
    st.lists(st.booleans(), max_size=300),
    st.lists(st.integers(0, 300), max_size=5),
    st.sampled_from([0.0, 0.05, 0.2, 1.0]),
)
def test_looks_at_parts_find_what_one_look_at_the_whole_finds(
    tasks: list[bool], cuts: list[int], limit: float
) -> None:
    detect = detector_of(DemotePolicy(intervention_rate=limit))
    marked = reviews(len(tasks), [index for index, one in enumerate(tasks) if one])
    whole = detect("mail", runs_of(marked), None)
    state, stretch = None, None
    places = sorted({0, *(min(cut, len(tasks)) for cut in cuts), len(tasks)})
    for first, last in itertools.pairwise(places):
        written: Any = None if state is None else json.loads(json.dumps(state))
        state, stretch = detect("mail", runs_of(marked[first:last]), written)
        if stretch is not None:
            break
    assert (state or detect("mail", Runs(), None)[0], stretch) == whole


@pytest.mark.parametrize("trailing", [0, 5])
def test_clean_tasks_at_the_end_wait_for_what_follows(trailing: int) -> None:
    state, stretch = detector_of(POLICY)("mail", Runs(gaps=[3], trailing=trailing), None)
    assert (stretch, state["clean"], state["detector"]["reviews"]) == (None, trailing, 4)
