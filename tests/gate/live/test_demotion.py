"""A class falls once, one mode, with since when, release and events named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.review_events import Mode
from dialgate_gate.live.demotion import ClassWatch, Demotion, find_demotion
from dialgate_gate.settings.ladder_policy import DemotePolicy

from tests.gate.dial_builders import DAY, NOW, reviews

if TYPE_CHECKING:
    from dialgate_gate.live.live_reviews import Review

POLICY = DemotePolicy()
BAD = range(0, 100, 3)


def watch(mode: Mode = Mode.IN_THE_LOOP, **more: object) -> ClassWatch:
    return ClassWatch("mail", mode, more.get("since"), POLICY)  # type: ignore[arg-type]


def fall(found: list[Review], mode: Mode = Mode.IN_THE_LOOP) -> Demotion:
    demotion = find_demotion(watch(mode), found)
    assert demotion is not None
    return demotion


def test_the_demotion_names_since_release_and_events() -> None:
    good = reviews(2_500, start=NOW - 300 * DAY)
    bad = reviews(100, BAD, release="3", start=NOW)
    demotion = fall([*good, *bad])
    assert demotion.since >= NOW - DAY
    assert demotion.releases[-1] == "3"
    assert demotion.interventions == len(demotion.events)
    assert set(demotion.events) <= {f"e{index}" for index in BAD}
    assert demotion.rate > POLICY.intervention_rate
    assert (demotion.mode, demotion.to) == (Mode.IN_THE_LOOP, Mode.SHADOW)
    assert "limit 5 %" in demotion.sentence


def test_a_class_falls_one_mode() -> None:
    demotion = fall(reviews(100, BAD, mode=Mode.OUT_OF_THE_LOOP), Mode.OUT_OF_THE_LOOP)
    assert demotion.to is Mode.ON_THE_LOOP


def test_a_class_is_named_once() -> None:
    once = watch()
    assert find_demotion(once, reviews(100, BAD)) is not None
    assert find_demotion(once, reviews(100, range(100))) is None


def test_a_class_in_shadow_does_not_fall() -> None:
    shadow = watch(Mode.SHADOW)
    assert find_demotion(shadow, reviews(500, range(500), mode=Mode.SHADOW)) is None


def test_reviews_that_do_not_count_are_passed_over() -> None:
    everything = range(500)
    for found in (
        reviews(500, everything, canary=True),
        reviews(500, intervened=None),
        reviews(500, everything, mode=Mode.SHADOW),
    ):
        assert find_demotion(watch(), found) is None
    before = reviews(500, everything, start=NOW - 90 * DAY)
    assert find_demotion(watch(since=NOW), before) is None


def test_a_long_history_is_forgotten_and_the_change_still_placed() -> None:
    long_watch = watch()
    good = reviews(30_000, range(0, 30_000, 100), start=NOW - 1_500 * DAY)
    assert find_demotion(long_watch, good) is None
    assert len(long_watch._trail) < 10_000
    demotion = find_demotion(long_watch, reviews(200, range(0, 200, 2), start=NOW, release="3"))
    assert demotion is not None
    assert demotion.releases[-1] == "3"
    assert demotion.since >= NOW - 3 * DAY
