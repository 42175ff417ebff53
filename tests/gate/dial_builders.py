"""Builders of reviewed tasks, releases and settings for tests of the dial."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import ActionClass, BlastRadius, Effect
from dialgate_evals.events.event_cube import DayTasks, TaskGroup
from dialgate_evals.events.review_events import Mode
from dialgate_evals.events.task_runs import MOST_EVENTS, Alarm, Runs
from dialgate_evals.suite.release import COMPONENTS, Model, Release
from dialgate_evals.suite.tools import ToolRegistry
from dialgate_gate.live.demotion import Demotion, demotion_of, detector_of
from dialgate_gate.live.live_reviews import KnownReleases
from dialgate_gate.settings.ladder_policy import DemotePolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dialgate_gate.live.live_reviews import Days

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def a_class(**more: Any) -> ActionClass:
    """A reversible write of low blast radius."""
    values: dict[str, Any] = {
        "name": "mail",
        "tools": ("send_mail",),
        "effect": Effect.WRITE,
        "blast_radius": BlastRadius.LOW,
        "reversible": True,
    }
    return ActionClass(**{**values, **more})


def a_release(version: str = "2", **digests: str) -> Release:
    """A release with these component digests; the others are `same`."""
    return Release(
        name="shop-agent",
        version=version,
        prompts={},
        tools=ToolRegistry(tools={}),
        model=Model(provider="test", name="m"),
        components={name: digests.get(name, "same") for name in COMPONENTS},
    )


def releases(*others: Release, carry_over: Iterable[str] = ()) -> KnownReleases:
    """Release 2 is current; the others are known."""
    current = a_release()
    found: dict[str, list[Any]] = {current.version: [current.components]}
    for other in others:
        found.setdefault(other.version, []).append(other.components)
    return KnownReleases(
        current=current,
        components={name: tuple(items) for name, items in found.items()},
        carry_over=frozenset(carry_over),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A task with one event."""

    event_id: str
    at: dt.datetime
    action_class: str
    release: str
    mode: Mode
    intervened: bool | None
    # None: escalated, which is neither


def days_of(
    found: Iterable[Review], mode: Mode = Mode.IN_THE_LOOP, since: dt.datetime | None = None
) -> Days:
    """What a cube holds of one class with these tasks, in that mode since then."""
    days: dict[TaskGroup, dict[dt.date, DayTasks]] = {}
    for item in found:
        in_force = item.mode is mode and (since is None or item.at >= since)
        group = TaskGroup(item.action_class, item.release, item.mode, in_force)
        period = days.setdefault(group, {})
        known = period.get(item.at.date(), DayTasks(0, 0, 0))
        is_open = item.intervened is None
        period[item.at.date()] = known.plus(DayTasks(not is_open, item.intervened is True, is_open))
    return days


def runs_of(found: Iterable[Review]) -> Runs:
    """The runs of these tasks, in their order."""
    gaps, trailing = [], 0
    for item in found:
        if item.intervened:
            gaps.append(trailing)
            trailing = 0
        elif item.intervened is not None:
            trailing += 1
    return Runs(gaps=gaps, trailing=trailing)


def fall(
    found: Sequence[Review],
    mode: Mode = Mode.IN_THE_LOOP,
    policy: DemotePolicy | None = None,
) -> Demotion | None:
    """The demotion that these tasks show, in the order of time."""
    policy = policy or DemotePolicy()
    _, stretch = detector_of(policy)("mail", runs_of(found), None)
    if stretch is None:
        return None
    after = [item for item in found if item.intervened is not None]
    after = after[stretch.first - 1 : stretch.last]
    against = [item.event_id for item in after if item.intervened]
    alarm = Alarm(
        stretch=stretch,
        since=after[0].at,
        found_at=after[-1].at,
        tasks=len(after),
        interventions=len(against),
        releases=tuple(dict.fromkeys(item.release for item in after)),
        events=tuple(against[-MOST_EVENTS:]),
    )
    return demotion_of(found[0].action_class, mode, alarm, policy)


def reviews(
    count: int,
    interventions: Iterable[int] = (),
    *,
    start: dt.datetime = NOW - 40 * DAY,
    per_day: int = 20,
    **more: Any,
) -> list[Review]:
    """Tasks of release 2 in the loop, evenly over the days; those at these indices intervened."""
    against = set(interventions)
    values: dict[str, Any] = {"action_class": "mail", "release": "2", "mode": Mode.IN_THE_LOOP}
    values.update(more)
    return [
        Review(
            event_id=f"e{index}",
            at=start + DAY * (index / per_day),
            **{"intervened": index in against, **values},
        )
        for index in range(count)
    ]
