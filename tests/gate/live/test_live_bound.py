"""A bound of the rate covers the true one where escalations hide and reviewers miss."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.event_cube import DecisionDelay
from dialgate_evals.events.review_events import Mode
from dialgate_gate.live.decision_delay import Settling, settling_of
from dialgate_gate.live.live_bound import live_bound
from dialgate_gate.live.live_reviews import LiveStanding
from dialgate_gate.statistics.upper_rate import upper_rate_bound

TODAY = dt.date(2026, 11, 1)


def test_without_escalations_and_canaries_it_is_the_bound_of_the_interventions() -> None:
    bound = live_bound(LiveStanding(reviews=200, interventions=2), 0.95)
    assert bound.high == upper_rate_bound(2, 200, 0.95)
    assert (bound.widened, bound.scaled(0.02)) == ((), 0.02)


def test_an_escalation_that_nobody_decided_counts_as_bad() -> None:
    bound = live_bound(LiveStanding(reviews=200, interventions=2, escalations=5), 0.95)
    assert bound.high == upper_rate_bound(7, 205, 0.95)
    assert "5 tasks were escalated and never decided: each counts as bad" in bound.widened[0]


def test_decided_escalations_say_how_many_of_the_others_may_be_bad() -> None:
    live = LiveStanding(
        reviews=400, interventions=4, escalations=20, escalated_reviewed=60, escalated_bad=1
    )
    bound = live_bound(live, 0.95)
    assert 4 < bound.events < 4 + 20 * 0.2
    assert "1 of 60 escalated tasks that people decided were" in bound.widened[0]


def test_what_reviewers_may_miss_widens_it() -> None:
    live = LiveStanding(reviews=1_000, interventions=4, canaries=100, canaries_missed=5)
    plain, bound = (
        live_bound(LiveStanding(reviews=1_000, interventions=4), 0.95),
        live_bound(live, 0.95),
    )
    missed = upper_rate_bound(5, 100, 0.975)
    assert bound.high == pytest.approx(upper_rate_bound(4, 1_000, 0.975) / (1 - missed))
    assert bound.high > plain.high
    assert "5 of 100 planted bad actions" in bound.widened[0]


def test_a_few_canaries_bound_nothing() -> None:
    assert live_bound(LiveStanding(reviews=50, canaries=19), 0.95).widened == ()


def test_reviewers_who_may_catch_nothing_leave_no_bound() -> None:
    live = LiveStanding(reviews=1_000, canaries=30, canaries_missed=30)
    assert live_bound(live, 0.95).high == 1.0
    assert live_bound(LiveStanding(), 0.95).high == 1.0


@given(st.integers(0, 50), st.integers(0, 30), st.integers(0, 30))
def test_more_that_is_hidden_never_narrows_it(bad: int, hidden: int, more: int) -> None:
    one, other = (
        live_bound(LiveStanding(reviews=300, interventions=bad, escalations=count), 0.95).high
        for count in (hidden, hidden + more)
    )
    assert one <= other + 1e-12


def test_it_covers_the_true_rate_at_every_look() -> None:
    generator = np.random.default_rng(5)
    rate, outside, streams = 0.05, 0, 200
    for _ in range(streams):
        bad = generator.random(1_000) < rate
        passed = (generator.random(1_000) < np.where(bad, 0.4, 0.02)).cumsum()
        hidden = np.diff(passed, prepend=0) > 0
        decided = hidden & (generator.random(1_000) < 0.5)
        caught = bad & ~(hidden & ~decided) & (generator.random(1_000) < 0.9)
        planted = generator.random(200) < 0.1
        for look in range(100, 1_001, 100):
            live = LiveStanding(
                reviews=int((~hidden | decided)[:look].sum()),
                interventions=int(caught[:look].sum()),
                escalations=int((hidden & ~decided)[:look].sum()),
                escalated_reviewed=int(decided[:look].sum()),
                escalated_bad=int((decided & caught)[:look].sum()),
                canaries=look // 5,
                canaries_missed=int(planted[: look // 5].sum()),
            )
            if live_bound(live, 0.95).high < rate:
                outside += 1
                break
    assert outside / streams <= 0.05


def delays(*items: tuple[int, int, bool, int]) -> dict[DecisionDelay, int]:
    """(days ago, days until the decision, whether it was an intervention, how many)."""
    return {
        DecisionDelay("1", TODAY - dt.timedelta(days=ago), days, stopped): count
        for ago, days, stopped, count in items
    }


class TestDelay:
    """Only tasks that are older than the usual delay of decisions count."""

    def settle(self, mode: Mode, *items: tuple[int, int, bool, int]) -> int:
        return settling_of(delays(*items), mode, least_days=7, today=TODAY).days

    def test_decisions_of_the_same_day_keep_no_task_waiting(self) -> None:
        assert self.settle(Mode.IN_THE_LOOP, (5, 0, True, 3), (0, 0, False, 90)) == 0
        assert Settling().counts(TODAY, TODAY)

    def test_under_59_interventions_the_longest_delay_counts(self) -> None:
        assert self.settle(Mode.IN_THE_LOOP, (20, 4, True, 1), (19, 1, True, 30)) == 4

    def test_of_many_a_bound_of_the_95th_percentile_counts(self) -> None:
        items = ((30, 12, True, 1), (30, 3, True, 20), (30, 1, True, 400))
        assert self.settle(Mode.IN_THE_LOOP, *items) == 3

    def test_reviewed_tasks_tell_it_where_no_intervention_does(self) -> None:
        assert self.settle(Mode.IN_THE_LOOP, (20, 2, False, 80)) == 2

    def test_on_the_loop_an_action_that_nobody_touched_is_no_decision(self) -> None:
        assert self.settle(Mode.ON_THE_LOOP, (20, 0, False, 500)) == 7
        assert self.settle(Mode.OUT_OF_THE_LOOP, (20, 9, True, 3), (20, 0, False, 500)) == 9

    def test_young_tasks_say_too_short_delays_and_are_left_out_of_it(self) -> None:
        # Half of all interventions take ten days; of the young only the quick ones are known.
        old = ((40, 10, True, 60), (40, 0, True, 60))
        young = ((2, 0, True, 60), (1, 0, True, 50))
        assert self.settle(Mode.IN_THE_LOOP, *old, *young) == 10

    def test_the_day_itself_must_have_ended_and_the_delay_after_it(self) -> None:
        settling = Settling(days=3)
        assert not settling.counts(TODAY - dt.timedelta(days=3), TODAY)
        assert settling.counts(TODAY - dt.timedelta(days=4), TODAY)

    def test_it_says_where_it_comes_from(self) -> None:
        found = settling_of(delays((20, 0, True, 2)), Mode.ON_THE_LOOP, least_days=7, today=TODAY)
        assert "of 2 interventions, and the policy's live.settle_days" in found.sentence
