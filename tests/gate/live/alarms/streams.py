"""Builders of tasks one by one, in a daily cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dialgate_evals.events.counts.task_streams import TaskStream, TaskStreams
from dialgate_gate.settings.watch_policy import RULES, Signal, WatchPolicy

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_US = 86_400_000_000
A_DAY = 200


def a_stream(
    tasks: int,
    *,
    seed: int = 1,
    change_at: int | None = None,
    times: float = 1.0,
    releases: tuple[int, ...] = (),
) -> TaskStream:
    """Tasks whose figures all rise at `change_at`; `releases`: where new ones begin."""
    generator = np.random.default_rng(seed)
    days = np.sort(generator.random(tasks)) * tasks / A_DAY
    cycle = 1 + 0.3 * np.sin(2 * np.pi * days)
    changed = np.arange(tasks) >= (tasks if change_at is None else change_at)
    factor = cycle * np.where(changed, times, 1.0)
    return TaskStream(
        at_us=(days * DAY_US).astype(np.int64) + 20_000 * DAY_US,
        release=np.searchsorted(np.array(releases), np.arange(tasks), side="right"),
        releases=tuple(str(number) for number in range(len(releases) + 1)),
        escalated=generator.random(tasks) < np.minimum(0.9, 0.02 * factor),
        looping=generator.random(tasks) < np.minimum(0.9, 0.01 * factor),
        cost_usd=0.02 * factor * generator.lognormal(-0.5, 1.0, tasks),
        slowest_ms=800 * factor * generator.lognormal(-0.18, 0.6, tasks),
    )


def a_policy(signal: Signal, **rule: Any) -> WatchPolicy:
    """One signal alone."""
    return WatchPolicy(rules={signal: RULES[signal](**rule)})


def streams(stream: TaskStream) -> TaskStreams:
    """Of one class, `a`."""
    return TaskStreams(by_class={"a": stream})


def weeks_of_hours(weeks: int, seed: int, collapsed: int | None = None) -> NDArray[np.int64]:
    """Tasks an hour with nights and weekends, from a Monday on; a twentieth from `collapsed` on."""
    generator = np.random.default_rng(seed)
    hour = np.arange(24 * 7 * weeks)
    rate = A_DAY / 24 * (1 + 0.8 * np.sin(2 * np.pi * hour / 24))
    rate *= np.where(hour // 24 % 7 < 5, 1.0, 0.33)
    rate *= np.repeat(generator.gamma(25, 1 / 25, 7 * weeks), 24)
    if collapsed is not None:
        rate[collapsed:] *= 0.05
    return generator.poisson(rate)
