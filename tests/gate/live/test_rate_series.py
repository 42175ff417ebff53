"""The rate over time counts every review once, and its bounds are those that decide."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.review_events import Mode
from dialgate_gate.live.live_reviews import count_standing
from dialgate_gate.live.rate_series import RatePoint, rate_series
from dialgate_gate.statistics.upper_rate import upper_rate_bound
from tests.gate.dial_builders import DAY, NOW, a_release, days_of, releases, reviews

if TYPE_CHECKING:
    import datetime as dt

    from tests.gate.dial_builders import Review

KNOWN = releases(a_release("1", model="other"))


def series(
    found: list[Review], *, mode: Mode = Mode.IN_THE_LOOP, since: dt.datetime | None = None
) -> tuple[RatePoint, ...]:
    return rate_series(days_of(found, mode, since), releases=KNOWN, confidence=0.95)


def test_no_review_gives_no_point() -> None:
    assert series([]) == ()


def test_a_long_stretch_is_shown_by_weeks_from_monday_and_a_short_one_by_days() -> None:
    weeks = series(reviews(400, per_day=10))
    assert {point.days for point in weeks} == {7}
    assert {point.start.weekday() for point in weeks} == {0}
    days = series(reviews(100, per_day=10))
    assert {point.days for point in days} == {1}


def test_the_last_running_bound_is_the_one_that_decides() -> None:
    found = reviews(400, (3, 200, 390), per_day=10)
    standing = count_standing(days_of(found), KNOWN)
    last = series(found)[-1]
    assert (last.total_reviews, last.total_interventions) == (400, 3)
    assert last.high == upper_rate_bound(standing.interventions, standing.reviews, 0.95)
    assert last.low <= 3 / 400 <= last.high


def test_what_does_not_count_is_shown_apart_and_begins_anew() -> None:
    found = [
        *reviews(100, (1, 2), release="1"),
        *reviews(50, (0,), start=NOW - 20 * DAY),
        *reviews(30, mode=Mode.SHADOW, start=NOW - 60 * DAY),
    ]
    points = series(found)
    counted = [point for point in points if point.counts]
    assert {point.release for point in counted} == {"2"}
    assert counted[-1].total_reviews == 50
    other = [point for point in points if not point.counts and point.release == "1"]
    assert (other[-1].total_reviews, other[-1].total_interventions) == (100, 2)


def test_reviews_before_the_last_move_do_not_count() -> None:
    points = series(reviews(400, per_day=10), since=NOW - 20 * DAY)
    assert sum(point.reviews for point in points if point.counts) == 200


def test_escalations_are_no_reviews() -> None:
    plain = reviews(10)
    changed = [*plain[:4], replace(plain[4], intervened=None), *plain[5:]]
    points = series(changed)
    assert sum(point.reviews for point in points) == 9
    assert sum(point.escalations for point in points) == 1
    assert sum(point.interventions for point in points) == 0


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60),
            st.sampled_from(["1", "2", "unknown"]),
            st.sampled_from([True, False, None]),
            st.sampled_from(list(Mode)),
        ),
        max_size=60,
    )
)
def test_every_review_is_in_one_point(
    rows: list[tuple[int, str, bool | None, Mode]],
) -> None:
    found = [
        replace(reviews(1)[0], at=NOW + day * DAY, release=release, intervened=said, mode=mode)
        for day, release, said, mode in rows
    ]
    points = series(found)
    assert sum(p.reviews + p.escalations for p in points) == len(found)
    assert sum(p.interventions for p in points) == sum(r.intervened is True for r in found)
    assert [p.start for p in points] == sorted(p.start for p in points)
    assert all(0 <= p.low <= p.high <= 1 for p in points)
