"""Which reviews count: the mode in force, the release in force, and what policy carries over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate_evals.events.review_events import Mode
from dialgate_gate.live.live_reviews import KnownReleases, LiveStanding, count_standing
from tests.gate.dial_builders import DAY, NOW, Review, a_release, days_of, releases, reviews

if TYPE_CHECKING:
    import datetime as dt


def standing(
    found: list[Review], known: KnownReleases | None = None, since: dt.datetime | None = None
) -> LiveStanding:
    return count_standing(days_of(found, since=since), known or releases())


def test_reviews_of_the_current_release_in_the_current_mode_count() -> None:
    found = standing(reviews(100, [3, 50]))
    assert (found.reviews, found.interventions, found.days, found.per_day) == (100, 2, 6, 100 / 6)


@pytest.mark.parametrize(
    ("component", "carry_over", "counted"),
    [
        ("model", (), 0),
        ("prompts", (), 0),
        ("tools", (), 0),
        ("prompts", ("prompts",), 10),
        ("model", ("prompts",), 0),
        ("model", ("model",), 10),
    ],
)
def test_a_changed_component_makes_reviews_stale_unless_policy_carries_them_over(
    component: str, carry_over: tuple[str, ...], counted: int
) -> None:
    known = releases(a_release("1", **{component: "old"}), carry_over=carry_over)
    found = standing(reviews(10, release="1"), known)
    assert found.reviews == counted
    assert [(s.release, s.changed) for s in found.stale] == (
        [] if counted else [("1", (component,))]
    )


def test_a_release_that_nothing_knows_is_stale_and_what_changed_is_not_guessed() -> None:
    found = standing(
        reviews(10, release="0.9"), releases(carry_over=("prompts", "tools", "model", "code"))
    )
    assert found.reviews == 0
    assert found.stale[0].changed is None


def test_a_version_that_another_release_bore_too_does_not_count() -> None:
    found = standing(reviews(10), releases(a_release("2", model="old")))
    assert found.reviews == 0
    assert found.stale[0].changed == ("model",)


def test_a_fingerprint_names_the_release_beyond_doubt() -> None:
    known = releases(a_release("2", model="old"))
    found = standing(reviews(10, release=known.current.fingerprint), known)
    assert found.reviews == 10


def test_other_modes_and_reviews_before_the_move_do_not_count() -> None:
    found = standing(
        [
            *reviews(5, mode=Mode.SHADOW),
            *reviews(5, start=NOW - 60 * DAY),
            *reviews(5, intervened=None),
            *reviews(5),
        ],
        since=NOW - 50 * DAY,
    )
    assert (found.reviews, found.escalations, found.other_modes) == (5, 5, 10)


def test_without_reviews_there_is_no_volume() -> None:
    assert (LiveStanding().days, LiveStanding().per_day) == (0, 0.0)
