"""What the cube shows: rates by mode, releases in order, reviewers who look."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.event_cube import (
    Bucket,
    EventCube,
    EventGroup,
    ReviewerCounts,
    TaskCounts,
)
from dialgate_evals.events.review_events import (
    DECISIONS_BY_MODE,
    INTERVENTIONS,
    Mode,
    ReviewDecision,
)
from dialgate_gate.live.live_figures import estimate_rates, weigh_evidence
from dialgate_gate.live.reviewer_quality import assess_reviewers, queue_signs
from tests.gate.dial_builders import a_release, releases

if TYPE_CHECKING:
    from dialgate_gate.live.live_evidence import LiveEvidence

DAY = dt.date(2026, 9, 1)
LOOP = Mode.IN_THE_LOOP


def a_cube(counts: dict[tuple[str, str, Mode], list[tuple[int, int]]], **more: Any) -> EventCube:
    """Groups with approved and rejected per day; releases follow one another by their names."""
    days, spans, tasks = {}, {}, {}
    for (name, release, mode), daily in counts.items():
        group = EventGroup(name, release, mode)
        start = DAY + dt.timedelta(days=30 * int(release))
        days[group] = {
            start + dt.timedelta(days=index): {
                ReviewDecision.APPROVED: approved,
                ReviewDecision.REJECTED: rejected,
            }
            for index, (approved, rejected) in enumerate(daily)
        }
        first = dt.datetime(start.year, start.month, start.day, tzinfo=dt.UTC)
        spans[group] = (first, first + dt.timedelta(days=len(days[group]) - 1))
        approved, rejected = (sum(items) for items in zip(*daily, strict=True))
        reviewed = approved + rejected
        tasks[group] = TaskCounts(
            tasks=reviewed, reviewed=reviewed, intervened=rejected, rejected=rejected
        )
    return EventCube(days=days, spans=spans, tasks=tasks, **more)


def weigh(cube: EventCube, limit: float | None = 0.05) -> LiveEvidence:
    return weigh_evidence(
        cube, class_names=("refund", "mail"), releases=releases(a_release("1")), limit=limit
    )


@pytest.mark.parametrize("mode", Mode)
def test_a_rate_whose_decision_cannot_occur_in_the_mode_is_absent(mode: Mode) -> None:
    counts = dict.fromkeys(DECISIONS_BY_MODE[mode], 2)
    rates = estimate_rates(counts, TaskCounts(), mode)
    present = {name for name, rate in rates.items() if rate is not None}
    own = {
        Mode.SHADOW: {"shadow_agreement"},
        Mode.IN_THE_LOOP: {"approval", "edit", "rejection"},
    }
    assert present == {"intervention", "escalation"} | own.get(mode, set())
    intervention, escalation = rates["intervention"], rates["escalation"]
    assert intervention is not None
    assert escalation is not None
    assert intervention.events == 2 * len(INTERVENTIONS & DECISIONS_BY_MODE[mode])
    assert intervention.reviews == 2 * (len(counts) - 1)
    assert (escalation.events, escalation.reviews) == (2, 2 * len(counts))


@given(approved=st.integers(0, 400), rejected=st.integers(0, 400), escalated=st.integers(0, 400))
def test_escalations_change_no_rate_but_their_own(
    approved: int, rejected: int, escalated: int
) -> None:
    counts = {ReviewDecision.APPROVED: approved, ReviewDecision.REJECTED: rejected}
    tasks = TaskCounts(tasks=approved + rejected, reviewed=approved + rejected, intervened=rejected)
    without = estimate_rates(counts, tasks, LOOP)
    more = replace(tasks, tasks=tasks.tasks + escalated, escalated=escalated)
    found = estimate_rates({**counts, ReviewDecision.ESCALATED: escalated}, more, LOOP)
    assert {**found, "escalation": None} == {**without, "escalation": None}
    rate = found["intervention"]
    assert rate is not None
    assert rate.rate == (rejected / (approved + rejected) if approved + rejected else None)


def test_classes_come_in_their_order_and_releases_by_their_first_event() -> None:
    found = weigh(
        a_cube(
            {
                ("other", "2", LOOP): [(1, 0)],
                ("mail", "2", LOOP): [(1, 0)],
                ("mail", "1", LOOP): [(1, 0)],
                ("refund", "2", Mode.IN_THE_LOOP): [(1, 0)],
            }
        )
    )
    order = [(item.action_class, item.release) for item in found.classes]
    assert order == [("refund", "2"), ("mail", "1"), ("mail", "2"), ("other", "2")]


def test_a_change_between_releases_is_shown_only_where_its_interval_excludes_none() -> None:
    (large,) = weigh(
        a_cube({("mail", "1", LOOP): [(990, 10)], ("mail", "2", LOOP): [(800, 200)]})
    ).changes
    assert large.difference[0] > 0
    assert large.sentence.startswith(
        "Interventions up 1900 % since 2: in 1 % of 1,000 reviewed tasks before"
    )
    assert "so a change is shown. The limit is 5 %." in large.sentence
    (small,) = weigh(
        a_cube({("mail", "1", LOOP): [(99, 1)], ("mail", "2", LOOP): [(98, 2)]}), limit=None
    ).changes
    assert small.difference[0] < 0 < small.difference[1]
    assert "not shown: the interval holds no change as well." in small.sentence
    assert "limit" not in small.sentence


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((100, 0), (90, 10), "up from none"),
        ((90, 10), (95, 5), "down 50 %"),
        ((9, 1), (90, 10), "unchanged"),
        ((0, 0), (90, 10), "nothing can be compared"),
    ],
    ids=["from-none", "down", "same", "no-reviews"],
)
def test_a_change_is_said_in_words(
    before: tuple[int, int], after: tuple[int, int], words: str
) -> None:
    (change,) = weigh(a_cube({("mail", "1", LOOP): [before], ("mail", "2", LOOP): [after]})).changes
    assert words in change.sentence
    assert change.as_json()["ratio"] == (None if not before[1] else pytest.approx(
        (after[1] / sum(after)) / (before[1] / sum(before)), rel=1e-5
    ))  # fmt: skip


def test_modes_are_not_compared_with_each_other() -> None:
    cube = a_cube({("mail", "1", Mode.SHADOW): [(9, 1)], ("mail", "2", LOOP): [(9, 1)]})
    assert weigh(cube).changes == ()


def test_days_between_the_first_and_the_last_event_count_for_the_volume() -> None:
    group = EventGroup("mail", "2", LOOP)
    days = {DAY + dt.timedelta(days=index): {ReviewDecision.APPROVED: 6} for index in (0, 3)}
    at = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    (item,) = weigh(EventCube(days={group: days}, spans={group: (at, at)})).classes
    assert (item.days, item.as_json()["reviews_per_day"]) == (4, 3.0)
    assert item.trend_per_day is None


def test_events_in_the_future_are_a_warning() -> None:
    first = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    assert weigh(EventCube(future=2, first_future=first)).warnings == (
        "2 events lie in the future (the first at 2027-01-01T00:00:00Z): set the clocks.",
    )


def test_the_interval_is_of_tasks_whose_events_are_alike() -> None:
    counts = {ReviewDecision.APPROVED: 190, ReviewDecision.REJECTED: 10}
    alone = TaskCounts(tasks=200, reviewed=200, intervened=10, rejected=10)
    fives = TaskCounts(tasks=40, reviewed=40, intervened=2, rejected=2)
    rates = [estimate_rates(counts, tasks, LOOP)["intervention"] for tasks in (alone, fives)]
    one, five = rates
    assert one is not None
    assert five is not None
    assert one.rate == five.rate == one.task_rate == five.task_rate == 0.05
    assert five.low < one.low
    assert five.high > one.high


def test_reviewers_are_counted_without_what_nobody_decided() -> None:
    decided = {ReviewDecision.APPROVED: 3, ReviewDecision.EDITED: 1, ReviewDecision.ESCALATED: 5}
    found = assess_reviewers({
        None: ReviewerCounts(decisions={ReviewDecision.AUTO: 900, ReviewDecision.ESCALATED: 1}),
        "Ada": ReviewerCounts(
            decisions=decided, canaries=3, canaries_passed=("e1",), shared=4, alike=1,
            review_s=(Bucket(count=4, least=10.0, most=10.0),),
        ),
    })  # fmt: skip
    (ada,) = found
    document = ada.as_json()
    assert (document["reviews"], document["approval_rate"]) == (4, 0.75)
    assert (document["canaries"], document["canaries_caught"]) == (3, 2)
    assert (document["agreement"], document["median_review_s"]) == (0.25, 10.0)
    unnamed = assess_reviewers({None: ReviewerCounts(decisions={ReviewDecision.OVERRIDDEN: 1})})
    assert unnamed[0].reviewer == "an unnamed reviewer"


def test_the_signs_of_a_queue_that_is_waved_through_are_those_of_its_events() -> None:
    fast = (Bucket(count=50, least=0.5, most=0.5),)
    approved = {ReviewDecision.APPROVED: 50}
    assert "Ada approved all of 50 actions in 0.5 s" in queue_signs(
        {"Ada": ReviewerCounts(decisions=approved, review_s=fast)}
    )[0]  # fmt: skip
    looked = {**approved, ReviewDecision.REJECTED: 1}
    assert queue_signs({"Ada": ReviewerCounts(decisions=looked, review_s=fast)}) == ()
