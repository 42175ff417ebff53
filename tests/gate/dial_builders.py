"""Builders of reviews, releases and settings for tests of the dial."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import ActionClass, BlastRadius, Effect
from dialgate_evals.events.review_events import Mode
from dialgate_evals.suite.release import COMPONENTS, Model, Release
from dialgate_evals.suite.tools import ToolRegistry
from dialgate_gate.live.live_reviews import KnownReleases, Review

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def reviews(
    count: int,
    interventions: Iterable[int] = (),
    *,
    start: dt.datetime = NOW - 40 * DAY,
    per_day: int = 20,
    **more: Any,
) -> list[Review]:
    """Reviews of release 2 in the loop, evenly over the days; those at these indices intervened."""
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
