"""Detectors that go on from a checkpoint, wherever the tasks lie that come after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.events.task_runs import Runs
from dialgate_evals.events.watched.checkpoints import alarm_of_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dialgate_evals.events.task_runs import Alarm, Detector, Stretch
    from dialgate_evals.events.watched.checkpoints import Checkpoint

TAIL_US = 2 * 86_400_000_000
"""Tasks first reviewed so shortly before the last review may yet change: a checkpoint lies before
them. An event that comes later than this makes the next look go through all tasks again."""


def go_on(
    detector: Detector,
    point: Checkpoint | None,
    runs: Mapping[str, Runs],
    describe: Callable[[str, Stretch], Alarm],
) -> tuple[dict[str, Mapping[str, Any]], dict[str, Alarm]]:
    """The states of the detectors after these runs, and all alarms so far.

    `point`: None: the runs are those of all tasks.
    """
    states = dict(point.states) if point else {}
    alarms = {name: alarm_of_json(item) for name, item in (point.alarms if point else {}).items()}
    for name in sorted({*runs, *states} - set(alarms)):
        state, stretch = detector(name, runs.get(name, Runs()), states.get(name))
        states[name] = state
        if stretch is not None:
            alarms[name] = describe(name, stretch)
    return states, alarms
