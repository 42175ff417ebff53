"""Each signal is quiet where nothing changed and alarms soon where something did."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dialgate_evals.events.counts.task_streams import TaskStream, TaskStreams
from dialgate_gate.live.alarms.detecting import UNSAID, watch_class
from dialgate_gate.live.alarms.task_alarm import TaskAlarm
from dialgate_gate.settings.watch_policy import Signal, WatchPolicy
from tests.gate.live.alarms.streams import A_DAY, a_policy, a_stream, streams, weeks_of_hours

NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
RULES: list[tuple[Signal, dict[str, Any], float]] = [
    (Signal.ESCALATION_RATE, {"limit": 0.05}, 15),
    (Signal.COST_USD, {"limit": 0.04}, 10),
    (Signal.COST_P99_USD, {"limit": 0.25}, 10),
    (Signal.LATENCY_P95_MS, {"limit": 3000}, 4),
    (Signal.RETRY_LOOPS, {"limit": 0.03}, 20),
]
each_rule = pytest.mark.parametrize(
    ("signal", "rule", "times"), RULES, ids=[item[0] for item in RULES]
)
each_limit = pytest.mark.parametrize("learned", [False, True], ids=["named", "learned"])


def watch(stream: TaskStream, policy: WatchPolicy) -> TaskAlarm | None:
    found = watch_class("a", streams(stream), policy, classes=5, now=NOW)
    assert not found.unwatched
    return found.alarms[0] if found.alarms else None


def delay(stream: TaskStream, alarm: TaskAlarm, change: int) -> int:
    at_us = int(alarm.found_at.timestamp() * 1e6)
    return int(np.searchsorted(stream.at_us, at_us + 1)) - change


@each_rule
@each_limit
def test_a_change_inside_a_release_is_found_soon(
    signal: Signal, rule: dict[str, Any], times: float, learned: bool
) -> None:
    policy = a_policy(signal, **({} if learned else rule))
    delays = []
    for seed in range(9):
        stream = a_stream(2_200, seed=seed, change_at=2_000, times=times, releases=(700,))
        alarm = watch(stream, policy)
        assert alarm is not None
        delays.append(delay(stream, alarm, 2_000))
        assert alarm.usual is not None
        assert alarm.figure > 2 * alarm.usual
        assert alarm.releases == ("1",)
        assert set(alarm.before) == {"0", "1"}
    assert 0 < np.median(delays) <= 60


@each_rule
@each_limit
def test_ten_thousand_quiet_tasks_in_a_daily_cycle_are_quiet(
    signal: Signal, rule: dict[str, Any], times: float, learned: bool
) -> None:
    policy = a_policy(signal, **({} if learned else rule))
    found = [
        watch(a_stream(10_000, seed=seed, releases=(3_000, 6_000)), policy) for seed in range(8)
    ]
    assert found.count(None) == len(found)


@each_rule
def test_a_change_beside_another_release_is_found_by_its_own_tasks(
    signal: Signal, rule: dict[str, Any], times: float
) -> None:
    quiet, loud = a_stream(3_000, seed=3), a_stream(3_000, seed=3, change_at=2_000, times=times)
    # Every tenth task is under the new release, the others stay as they were.
    rolled = (np.arange(3_000) >= 2_000) & (np.arange(3_000) % 10 == 0)
    mixed = TaskStream(
        at_us=quiet.at_us,
        release=rolled.astype(np.int64),
        releases=("1", "2"),
        **{
            name: np.where(rolled, getattr(loud, name), getattr(quiet, name))
            for name in ("escalated", "looping", "cost_usd", "slowest_ms")
        },
    )
    alarm = watch(mixed, a_policy(signal, **rule))
    assert alarm is not None
    assert (alarm.is_within, alarm.releases) == (True, ("2",))
    assert alarm.tasks <= 60


def test_figures_that_no_event_says_are_said_to_be_unwatched() -> None:
    stream = replace(a_stream(500), cost_usd=np.full(500, np.nan))
    found = watch_class("a", streams(stream), a_policy(Signal.COST_USD), classes=1, now=NOW)
    assert found.unwatched == {Signal.COST_USD: UNSAID}


def test_a_class_that_is_too_young_to_teach_a_limit_says_so() -> None:
    policy = a_policy(Signal.COST_USD)
    found = watch_class("a", streams(a_stream(6 * A_DAY)), policy, classes=1, now=NOW)
    ((signal, why),) = (found.unwatched or {}).items()
    assert (signal, "7 days" in why) == (Signal.COST_USD, True)


def test_tasks_without_a_cost_are_passed_over() -> None:
    stream = a_stream(3_000, change_at=2_000, times=10)
    cost = stream.cost_usd.copy()
    cost[::2] = np.nan
    alarm = watch(replace(stream, cost_usd=cost), a_policy(Signal.COST_USD, limit=0.04))
    assert alarm is not None
    assert alarm.tasks < 40


def test_a_stricter_false_alarm_never_alarms_sooner() -> None:
    stream = a_stream(2_300, change_at=2_000, times=15)
    found = [
        watch(stream, a_policy(Signal.ESCALATION_RATE, limit=0.05, false_alarm=alpha))
        for alpha in (0.2, 0.05, 0.001)
    ]
    moments = [item.found_at for item in found if item is not None]
    assert moments == sorted(moments)
    assert len(moments) == 3


def test_sentences_say_figure_limit_and_chance() -> None:
    alarm = watch(a_stream(2_200, change_at=2_000, times=10), a_policy(Signal.COST_USD, limit=0.04))
    assert alarm is not None
    assert "A task costs $0." in alarm.sentence
    assert "The limit is $0.04, by the policy." in alarm.sentence
    assert "with a chance of at most 1 %" in alarm.sentence


class TestVolume:
    """Hours are held against the same hours of two weeks before."""

    START = 24 * 7 * 2_900

    def found(self, counts: Any, until: int | None = None) -> TaskAlarm | str | None:
        hours = {self.START + hour: int(n) for hour, n in enumerate(counts) if n}
        end = self.START + (len(counts) if until is None else until)
        found = watch_class(
            "a",
            TaskStreams(hours={"a": hours}),
            a_policy(Signal.VOLUME),
            classes=5,
            now=dt.datetime.fromtimestamp(end * 3600, dt.UTC),
        )
        if found.unwatched:
            return next(iter(found.unwatched.values()))
        return found.alarms[0] if found.alarms else None

    @pytest.mark.parametrize("seed", range(8))
    def test_nights_weekends_and_slow_days_are_no_collapse(self, seed: int) -> None:
        assert self.found(weeks_of_hours(9, seed)) is None

    @pytest.mark.parametrize("seed", range(4))
    def test_a_collapse_is_found_within_a_day(self, seed: int) -> None:
        change = 24 * 7 * 4 + 10
        alarm = self.found(weeks_of_hours(6, seed, collapsed=change))
        assert isinstance(alarm, TaskAlarm)
        hours = alarm.found_at.timestamp() / 3600 - self.START - change
        assert 0 < hours <= 30
        assert "where" in alarm.sentence
        assert alarm.releases == ()

    def test_a_feed_that_ends_is_a_collapse_though_no_event_says_so(self) -> None:
        counts = weeks_of_hours(3, 1)
        assert self.found(counts) is None
        assert isinstance(self.found(counts, until=len(counts) + 40), TaskAlarm)

    def test_under_two_weeks_nothing_is_usual_yet(self) -> None:
        why = self.found(weeks_of_hours(1, 1))
        assert isinstance(why, str)
        assert "14 days" in why
