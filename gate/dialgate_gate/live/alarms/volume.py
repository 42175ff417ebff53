"""Whether a class's tasks stopped coming: hours that hold fewer than the usual of that hour.

The hours of two weeks teach what is usual at each hour of the week, so that nights and weekends are
no collapse. The later hours are held against a share of it. Assumed is that, without a collapse, an
hour's tasks are stochastically at least a Poisson number of that share; the share leaves room for
what two weeks show wrongly and for days that are slow as a whole. A holiday is a collapse.
"""

from __future__ import annotations

import datetime as dt
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.live.alarms.task_alarm import Limit, TaskAlarm
from dialgate_gate.settings.watch_policy import Signal
from dialgate_gate.statistics.watched.bets import bet_on_collapse
from dialgate_gate.statistics.watched.start_mixture import first_crossing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
WEEK = 168
_TAUGHT = 2 * WEEK
_NEAR = 3
"""Hours around an hour of the week that are averaged with it: two weeks alone say little."""


def volume_alarm(
    hours: Mapping[int, int], share: float, alpha: float, now: dt.datetime
) -> TaskAlarm | str | None:
    """The collapse of a class's volume; a text says why it can't be watched yet.

    `hours`: tasks by the hour since 1970 in which they began; `share`: of the usual; `now`: only
    hours that ended before it count.
    """
    if not hours:
        return "no task of it ever began"
    first, end = min(hours) + 1, floor(now.timestamp() / 3600)
    # The hour in which the first task came began before it.
    if end - first <= _TAUGHT:
        return f"its usual hours are learned from 14 days, and {max(0, end - first) // 24} ended"
    counts = np.array([hours.get(hour, 0) for hour in range(first, end)], dtype=np.int64)
    usual = _usual(counts[:_TAUGHT])
    watched = counts[_TAUGHT:]
    expected = np.resize(np.roll(usual, -(_TAUGHT % WEEK)), len(watched))
    least = np.maximum(share * expected, 1e-12)
    crossing = first_crossing(bet_on_collapse(watched, least), alpha)
    if crossing is None:
        return None
    stretch = slice(crossing.start, crossing.place + 1)
    length = crossing.place + 1 - crossing.start
    return TaskAlarm(
        signal=Signal.VOLUME,
        since=_hour(first + _TAUGHT + crossing.start),
        found_at=_hour(first + _TAUGHT + crossing.place + 1),
        is_within=False,
        releases=(),
        before=(),
        tasks=int(watched[stretch].sum()),
        figure=float(watched[stretch].sum()) / length,
        usual=float(expected[stretch].mean()),
        limit=Limit(value=share, learned_from=_TAUGHT // 24),
        alpha=alpha,
        log_e_value=crossing.log_e_value,
    )


def _usual(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Tasks at each hour of the week, from the first hour on: the mean over weeks and near hours.

    The hours of a week are a circle. Of the mean over near hours and that of the hour alone the
    smaller counts, so that a busy hour's neighbours aren't held against it.
    """
    weekly = counts.reshape(-1, WEEK).mean(axis=0)
    around = np.arange(-_NEAR, _NEAR + 1)
    near = np.mean([np.roll(weekly, int(shift)) for shift in around], axis=0)
    found: NDArray[np.float64] = np.minimum(near, np.maximum(weekly, near / 2))
    return found


def _hour(number: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(hours=number)
