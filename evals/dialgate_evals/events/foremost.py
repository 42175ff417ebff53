"""The few interventions of each class that weigh most: what a report shows word by word.

Knows the order; leaves where events are read to `counts` and how they are shown to reports.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from dialgate_evals.events.review_events import ReviewDecision

if TYPE_CHECKING:
    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.review_events import ReviewEvent
    from dialgate_evals.events.task_runs import InForce

MOST = 5
"""Of one class."""

STOPPED = frozenset({ReviewDecision.REJECTED, ReviewDecision.TAKEN_OVER, ReviewDecision.OVERRIDDEN})
"""Interventions after which the action was not taken as proposed, nor mended."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def weight(event: ReviewEvent, *, counts: bool) -> tuple[bool, bool, int, str]:
    """Less is shown first: what counts for the next move, then stopped actions, then the latest."""
    at_us = (event.occurred_at - _EPOCH) // dt.timedelta(microseconds=1)
    return not counts, event.decision not in STOPPED, -at_us, event.event_id


class Foremost:
    """Takes interventions in any order and keeps the foremost of each class."""

    def __init__(self, actions: ActionRegistry, asked: InForce) -> None:
        self._actions = actions
        self._asked = asked
        self._kept: dict[str, list[tuple[tuple[bool, bool, int, str], ReviewEvent]]] = {}

    def offer(self, event: ReviewEvent) -> None:
        """Takes an event; what is no intervention, or a canary, is passed over."""
        if event.canary or not event.decision.is_intervention:
            return
        call = event.proposed
        name = self._actions.classify(call.name, call.arguments).name
        counts = self._asked.is_in_force(name, event.mode, event.occurred_at)
        counts = counts and self._asked.counts(event.release)
        kept = self._kept.setdefault(name, [])
        kept.append((weight(event, counts=counts), event))
        if len(kept) > 10 * MOST:
            self._cut(kept)

    def _cut(self, kept: list[tuple[tuple[bool, bool, int, str], ReviewEvent]]) -> None:
        kept.sort(key=lambda item: item[0])
        del kept[MOST:]

    def event_ids(self) -> set[str]:
        """Those of all that it holds."""
        return {event.event_id for kept in self._kept.values() for _, event in kept}

    def by_class(self) -> dict[str, tuple[ReviewEvent, ...]]:
        """Each class's, in their order."""
        for kept in self._kept.values():
            self._cut(kept)
        return {name: tuple(event for _, event in self._kept[name]) for name in sorted(self._kept)}
