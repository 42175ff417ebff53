"""Where detectors were behind a moment, and what a later look must find again to go on there."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.task_runs import Alarm, Stretch

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where the detectors were behind every task that was first reviewed before a moment."""

    before_us: int
    states: Mapping[str, Mapping[str, Any]]
    # by class
    alarms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    # by class: as `alarm_as_json` writes them; nothing that follows changes one

    @classmethod
    def of(
        cls, before_us: int, states: Mapping[str, Mapping[str, Any]], alarms: Mapping[str, Alarm]
    ) -> Checkpoint:
        """The checkpoint at a moment."""
        written = {name: alarm_as_json(alarm) for name, alarm in alarms.items()}
        return cls(before_us=before_us, states=states, alarms=written)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The rows of a table before a checkpoint, in counts and sums of hashes."""

    rows: int
    content: str
    turned: Mapping[str, Any]
    # by class: tasks from before whose first intervention came after; how many, and their sum
    followed: Mapping[str, Any]
    # by class with an alarm: reviews of tasks from before that came after


def alarm_as_json(alarm: Alarm) -> dict[str, Any]:
    """The alarm as a state keeps it."""
    moments = {"since": alarm.since.isoformat(), "found_at": alarm.found_at.isoformat()}
    return {**asdict(alarm), **moments, "stretch": list(alarm.stretch)}


def alarm_of_json(document: Mapping[str, Any]) -> Alarm:
    """What `alarm_as_json` wrote."""
    return Alarm(
        stretch=Stretch(*document["stretch"]),
        since=dt.datetime.fromisoformat(document["since"]),
        found_at=dt.datetime.fromisoformat(document["found_at"]),
        tasks=document["tasks"],
        interventions=document["interventions"],
        releases=tuple(document["releases"]),
        events=tuple(document["events"]),
    )
