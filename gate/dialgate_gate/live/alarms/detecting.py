"""Whether a class alarms on a signal: its tasks over all releases, and those of each release.

A class's share of the rule's false alarms is spent half on its tasks in their order, and half on
each release's own, from its first task on and at any later one: so a change that came with a
release shows sooner, and one inside a release that runs beside another shows too. Each part is an
e-process, so the shares add up to the bound (Ville 1939), however often somebody looks.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.live.alarms.measured import bet, figure_of, learn, measure
from dialgate_gate.live.alarms.task_alarm import Limit, TaskAlarm
from dialgate_gate.live.alarms.volume import volume_alarm
from dialgate_gate.settings.watch_policy import Signal
from dialgate_gate.statistics.watched.start_mixture import first_crossing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_evals.events.counts.task_streams import TaskStream, TaskStreams
    from dialgate_gate.live.alarms.measured import Measured
    from dialgate_gate.settings.watch_policy import WatchPolicy, WatchRule
    from dialgate_gate.statistics.watched.start_mixture import Crossing

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DAY_US = 86_400_000_000
UNSAID = "none of its tasks says it"
"""Why a signal is not watched: its column is empty."""
_FIRST_SHARE = 0.5
"""Of the weight of a release's own detector: on a change that came with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassWatch:
    """What was found of one class."""

    alarms: tuple[TaskAlarm, ...] = ()
    # one a signal at most, in the order of the signals
    unwatched: Mapping[Signal, str] | None = None
    # why a signal of the policy could not be watched, as the rest of a sentence


def watch_class(
    action_class: str,
    streams: TaskStreams,
    policy: WatchPolicy,
    *,
    classes: int,
    now: dt.datetime,
) -> ClassWatch:
    """The alarms of a class.

    `classes`: so many share each rule's false alarms; `now`: until when tasks can have begun.
    """
    alarms: list[TaskAlarm] = []
    unwatched: dict[Signal, str] = {}
    stream = streams.by_class.get(action_class)
    for signal, rule in policy.rules.items():
        alpha = rule.false_alarm / classes
        found: TaskAlarm | str | None
        if signal is Signal.VOLUME:
            hours = streams.hours.get(action_class, {})
            found = volume_alarm(hours, rule.limit or 0.0, alpha, now)
        elif stream is None:
            found = "no task of it is in the mode in force"
        else:
            found = _detect(signal, rule, measure(signal, stream), stream, policy, alpha)
        if isinstance(found, str):
            unwatched[signal] = found
        elif found is not None:
            alarms.append(found)
    return ClassWatch(alarms=tuple(alarms), unwatched=unwatched)


def _detect(
    signal: Signal,
    rule: WatchRule,
    measured: Measured,
    stream: TaskStream,
    policy: WatchPolicy,
    alpha: float,
) -> TaskAlarm | str | None:
    if not len(measured.values):
        return UNSAID
    spent, taught = alpha, 0
    if rule.limit is not None:
        limit: Limit | None = Limit(value=rule.limit)
    else:
        taught = _baseline(measured, policy)
        if taught > len(measured.values):
            return _too_young(measured, policy)
        # Half of the chance that the limit is too low, half that it is exceeded for nothing.
        spent = alpha / 2
        limit = learn(signal, measured.values[:taught], alpha / 2, policy.rise)
    if limit is None:
        return f"its first {taught:,} tasks are too few to learn a limit from, or all alike"
    place = _earliest(signal, measured.after(taught), limit, spent)
    return None if place is None else _alarm(signal, measured, stream, taught, place, limit, alpha)


def _baseline(measured: Measured, policy: WatchPolicy) -> int:
    """So many first tasks teach: enough of them, and of enough whole days."""
    until = int(measured.at_us[0]) + policy.baseline_days * _DAY_US
    by_day = int(np.searchsorted(measured.at_us, until))
    if by_day >= len(measured.at_us):
        return len(measured.at_us) + 1
    return max(by_day, policy.baseline_tasks)


def _too_young(measured: Measured, policy: WatchPolicy) -> str:
    return (
        f"{len(measured.values):,} tasks say it so far; a limit is learned from "
        f"{policy.baseline_tasks:,} and from {policy.baseline_days} days"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A stretch of the watched tasks, in the order of all of them."""

    first: int
    last: int
    release: int | None
    # the number of the release whose own tasks show it; None: all tasks do
    log_e_value: float


def _earliest(signal: Signal, watched: Measured, limit: Limit, alpha: float) -> _Place | None:
    """The alarm that comes first of the class's own detector and those of its releases."""
    found = list(_places(signal, watched, limit, alpha))
    return min(found, key=lambda item: (item.last, -item.first), default=None)


def _places(signal: Signal, watched: Measured, limit: Limit, alpha: float) -> Iterator[_Place]:
    factors = bet(signal, watched.values, limit)
    whole = first_crossing(factors, alpha / 2)
    if whole is not None:
        yield _place(whole, range(len(watched.values)), None)
    for order, number in enumerate(_in_order(watched), start=1):
        which = np.flatnonzero(watched.release == number)
        share = alpha / 2 / (order * (order + 1))
        own = first_crossing(factors[:, which], share, first_share=_FIRST_SHARE)
        if own is not None:
            yield _place(own, which.tolist(), number)


def _in_order(watched: Measured) -> list[int]:
    """The releases in the order of their first watched tasks."""
    return list(dict.fromkeys(watched.release.tolist()))


def _place(crossing: Crossing, places: Sequence[int], release: int | None) -> _Place:
    return _Place(
        first=places[crossing.start],
        last=places[crossing.place],
        release=release,
        log_e_value=crossing.log_e_value,
    )


def _alarm(
    signal: Signal,
    measured: Measured,
    stream: TaskStream,
    taught: int,
    place: _Place,
    limit: Limit,
    alpha: float,
) -> TaskAlarm:
    first, last = taught + place.first, taught + place.last
    number = np.arange(len(measured.values))
    is_its = number >= 0 if place.release is None else measured.release == place.release
    since = measured.only((number >= first) & (number <= last) & is_its)
    before = measured.only(number < first)
    return TaskAlarm(
        signal=signal,
        since=_moment(int(measured.at_us[first])),
        found_at=_moment(int(measured.at_us[last])),
        is_within=place.release is not None,
        releases=_names(since, stream),
        before=_names(before, stream),
        tasks=len(since.values),
        figure=figure_of(signal, since.values),
        usual=figure_of(signal, before.values) if len(before.values) else None,
        limit=limit,
        alpha=alpha,
        log_e_value=place.log_e_value,
    )


def _names(measured: Measured, stream: TaskStream) -> tuple[str, ...]:
    return tuple(stream.releases[number] for number in _in_order(measured))


def _moment(at_us: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=at_us)
