"""How often each alarm of a watch is false, and how soon a change is found: the real detectors.

Run `python benchmarks/dial/watch_operating_characteristics.py`; fixed seeds, a few minutes. Tasks
come in a daily cycle, 200 a day, under three releases one after the other; costs and latencies have
heavy tails and are dearer by day. Suites have five classes, which share a rule's false alarms.
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]

from dialgate_evals.events.counts.task_streams import TaskStream, TaskStreams
from dialgate_gate.live.alarms.detecting import watch_class
from dialgate_gate.settings.watch_policy import (
    RULES,
    Signal,
    VolumeRule,
    WatchPolicy,
)

if TYPE_CHECKING:
    from dialgate_gate.live.alarms.task_alarm import TaskAlarm
    from dialgate_gate.settings.watch_policy import WatchRule

STREAMS, QUIET, BEFORE, AFTER, A_DAY, CLASSES = 1_000, 10_000, 2_000, 1_000, 200, 5
FALSE_ALARM = 0.05
DAY_US = 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class World:
    """What tasks are like; a change multiplies from `BEFORE` on."""

    escalated: float = 0.02
    looping: float = 0.01
    times_escalated: float = 1.0
    times_cost: float = 1.0
    times_latency: float = 1.0
    times_looping: float = 1.0


def a_stream(
    generator: np.random.Generator, tasks: int, world: World, *, is_new: bool = False
) -> TaskStream:
    """Tasks in a daily cycle: by day twice as many, dearer and more often escalated."""
    days = np.sort(generator.random(tasks) * tasks / A_DAY)
    wave = np.sin(2 * np.pi * days)
    kept = np.sort(days + 0.08 * wave)
    cycle = 1 + 0.3 * np.sin(2 * np.pi * kept)
    changed = np.arange(tasks) >= BEFORE
    times = {
        name: np.where(changed, getattr(world, f"times_{name}"), 1.0)
        for name in ("escalated", "cost", "latency", "looping")
    }
    return TaskStream(
        at_us=(kept * DAY_US).astype(np.int64) + 20_000 * DAY_US,
        release=np.searchsorted(
            # A change comes with the third release, or in the midst of the second.
            [1_000, BEFORE if is_new else tasks - 100],
            np.arange(tasks),
            side="right",
        ),
        releases=("1", "2", "3"),
        escalated=generator.random(tasks)
        < np.minimum(0.9, world.escalated * cycle * times["escalated"]),
        looping=generator.random(tasks) < np.minimum(0.9, world.looping * cycle * times["looping"]),
        cost_usd=0.02 * cycle * times["cost"] * generator.lognormal(-0.5, 1.0, tasks),
        slowest_ms=800 * cycle * times["latency"] * generator.lognormal(-0.18, 0.6, tasks),
    )


def found_in(stream: TaskStream, signal: Signal, rule: WatchRule) -> TaskAlarm | None:
    """The alarm of the signal, if any."""
    watch = watch_class(
        "a", TaskStreams(by_class={"a": stream}), WatchPolicy(rules={signal: rule}),
        classes=CLASSES, now=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    assert not watch.unwatched, watch.unwatched
    return watch.alarms[0] if watch.alarms else None


def place_of(stream: TaskStream, alarm: TaskAlarm) -> int:
    """The number of the task that showed it."""
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    at_us = (alarm.found_at - epoch) // dt.timedelta(microseconds=1)
    return int(np.searchsorted(stream.at_us, at_us)) + 1


ROWS: tuple[tuple[str, Signal, dict[str, Any], World], ...] = (
    ("escalations 2 → 30 %", Signal.ESCALATION_RATE, {"limit": 0.05}, World(times_escalated=15)),
    ("escalations 2 → 30 %", Signal.ESCALATION_RATE, {}, World(times_escalated=15)),
    ("mean cost × 10", Signal.COST_USD, {"limit": 0.04}, World(times_cost=10)),
    ("mean cost × 10", Signal.COST_USD, {}, World(times_cost=10)),
    ("mean cost × 3", Signal.COST_USD, {"limit": 0.04}, World(times_cost=3)),
    ("P99 of cost × 10", Signal.COST_P99_USD, {"limit": 0.2}, World(times_cost=10)),
    ("P99 of cost × 10", Signal.COST_P99_USD, {}, World(times_cost=10)),
    ("P95 of latency × 3", Signal.LATENCY_P95_MS, {"limit": 3000}, World(times_latency=3)),
    ("P95 of latency × 3", Signal.LATENCY_P95_MS, {}, World(times_latency=3)),
    ("retry loops 1 → 20 %", Signal.RETRY_LOOPS, {"limit": 0.03}, World(times_looping=20)),
    ("retry loops 1 → 20 %", Signal.RETRY_LOOPS, {}, World(times_looping=20)),
)  # fmt: skip


def row(name: str, signal: Signal, said: dict[str, Any], world: World, streams: int) -> str:
    """One line of the table."""
    rule = RULES[signal](false_alarm=FALSE_ALARM, **said)
    false = 0
    for seed in range(streams):
        stream = a_stream(np.random.default_rng([1, seed]), QUIET, World())
        false += found_in(stream, signal, rule) is not None
    limit = "learned" if "limit" not in said else f"{said['limit']:g}"
    found = [delays(signal, rule, world, streams, is_new=is_new) for is_new in (False, True)]
    within, new = (f"{np.median(later):.0f} | {np.quantile(later, 0.95):.0f}" for later in found)
    return f"| {name} | {limit} | {false / streams:.1%} | {within} | {new} |"


def delays(
    signal: Signal, rule: WatchRule, world: World, streams: int, *, is_new: bool
) -> list[int]:
    """Tasks from the change to the alarm, of each stream that didn't alarm before it."""
    found = []
    for seed in range(streams):
        generator = np.random.default_rng([2, seed])
        stream = a_stream(generator, BEFORE + AFTER, world, is_new=is_new)
        alarm = found_in(stream, signal, rule)
        place = place_of(stream, alarm) if alarm else BEFORE + AFTER + 1
        found.append(place - BEFORE)
    return [delay for delay in found if delay > 0]


def volumes(streams: int) -> str:
    """The line of a collapse to a twentieth: 200 tasks a day, a third of them at weekends."""
    weeks, before = 9, 24 * 7 * 7
    hour = np.arange(24 * 7 * weeks)
    rate = (
        A_DAY
        / 24
        * (1 + 0.8 * np.sin(2 * np.pi * hour / 24))
        * np.where(hour // 24 % 7 < 5, 1.0, 0.33)
    )
    policy = WatchPolicy(rules={Signal.VOLUME: VolumeRule(false_alarm=FALSE_ALARM)})
    start = 24 * 20_000
    now = dt.datetime.fromtimestamp((start + len(hour)) * 3600, dt.UTC)

    def alarm_of(seed: int, times: np.ndarray) -> TaskAlarm | None:
        generator = np.random.default_rng([3, seed])
        # Days differ by a fifth as a whole, beyond what chance does to each hour.
        slow = np.repeat(generator.gamma(25, 1 / 25, 7 * weeks), 24)
        counts = generator.poisson(rate * slow * times)
        hours = {"a": {start + h: int(n) for h, n in enumerate(counts) if n}}
        watch = watch_class("a", TaskStreams(hours=hours), policy, classes=CLASSES, now=now)
        return watch.alarms[0] if watch.alarms else None

    false = sum(alarm_of(seed, np.ones(len(hour))) is not None for seed in range(streams))
    # At ten in the morning of a Monday.
    change = before + 10
    delays = []
    for seed in range(streams):
        alarm = alarm_of(seed, np.where(hour >= change, 0.05, 1.0))
        if alarm is not None:
            delays.append(alarm.found_at.timestamp() / 3600 - start - change)
    later = [delay for delay in delays if delay > 0]
    return (
        f"| volume to a twentieth | 0.3 | {false / streams:.1%} | {np.median(later):.0f} hours "
        f"| {np.quantile(later, 0.95):.0f} hours | – | – |"
    )


def main() -> None:
    """Prints the table of docs/explanation/dial-statistics.md."""
    streams = int(sys.argv[1]) if len(sys.argv) > 1 else STREAMS
    quiet = f"false in {QUIET:,} quiet tasks"
    inside, new = "inside a release: median tasks", "with a new release: median"
    print(f"| change | limit | {quiet} | {inside} | 95 % | {new} | 95 % |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for item in ROWS:
        print(row(*item, streams), flush=True)
    print(volumes(streams))


if __name__ == "__main__":
    main()
