"""Simulated trials drawn together are those drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.settings.gate_policy import GatePolicy
from dialgate_gate.verdict.blocks.options import PAIR
from dialgate_gate.verdict.sequential import SimulatedRelease, start_gate
from dialgate_gate.verdict.sequential.block import draw_block
from dialgate_gate.verdict.sequential.roster import list_cases
from dialgate_gate.verdict.sequential.screened_case import (
    SUITE,
    Endpoint,
    ScreenedCase,
    Side,
    TrialRequest,
)


def a_release(rates: list[float], *, silent_share: float = 0.0) -> SimulatedRelease:
    return SimulatedRelease(
        baseline_rates=np.array(rates),
        candidate_rates=np.array(rates) / 2,
        classes=[("refund",)] * len(rates),
        silent_share=silent_share,
    )


@given(
    rates=st.lists(st.floats(0, 1), min_size=1, max_size=8),
    asked=st.lists(
        st.tuples(st.integers(0, 7), st.sampled_from(list(Side)), st.integers(1, 3)), min_size=1
    ),
    seed=st.integers(0, 2**32),
)
def test_the_same_trials_fail(
    rates: list[float], asked: list[tuple[int, Side, int]], seed: int
) -> None:
    release = a_release(rates)
    places = [place % len(rates) for place, _, _ in asked]
    requests = [
        TrialRequest(case_id=str(place), side=side, count=count)
        for place, (_, side, count) in zip(places, asked, strict=True)
    ]
    one_by_one = np.random.default_rng(seed)
    expected = [
        number
        for number, request in enumerate(requests)
        for _ in range(request.count)
        if release.run(places[number], request.side, one_by_one)
    ]
    together = np.random.default_rng(seed)
    assert release.failing(places, requests, together) == expected
    assert together.random() == one_by_one.random()


def test_trials_that_take_several_draws_are_not_drawn_together() -> None:
    release = a_release([0.5], silent_share=0.5)
    request = TrialRequest(case_id="0", side=Side.CANDIDATE)
    with pytest.raises(ValueError, match="several draws"):
        release.failing([0], [request], np.random.default_rng(0))


def test_a_gate_of_a_roster_is_that_of_its_cases() -> None:
    failed = {SUITE: 1, Endpoint("refund"): 1}
    cases = [
        ScreenedCase(
            id=str(place),
            classes=("refund",),
            baseline_trials=3,
            candidate_trials=1,
            baseline_failed=failed if place == 2 else {},
            candidate_failed=failed if place == 7 else {},
        )
        for place in range(30)
    ]
    of_cases, of_roster = (
        start_gate(given, GatePolicy(), seed=5) for given in (cases, list_cases(cases))
    )
    assert of_roster.next_requests() == of_cases.next_requests()
    assert of_roster.decide() == of_cases.decide()


def test_a_block_asks_in_the_order_of_its_seed_whichever_side_is_named_first() -> None:
    block = draw_block(np.full(40, PAIR), np.random.default_rng(1))
    ids = [str(place) for place in range(40)]
    found = block.requests(ids, np.random.default_rng(2))
    block.open = dict(reversed(block.open.items()))
    assert block.requests(ids, np.random.default_rng(2)) == found
    listed = [TrialRequest(case_id=name, side=side) for name in ids for side in Side]
    order = np.random.default_rng(2).permutation(len(listed))
    assert found == tuple(listed[place] for place in order)
