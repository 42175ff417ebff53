"""`dialgate rollout`: counts both releases' tasks, asks the gate, builds the document.

The wiring; leaves deciding to `dialgate_gate.live.rollout`. Only tasks in a class's mode in force
count, and only days since the candidate's first task: both releases did the same work then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.dial.dial_files import written_time
from dialgate.dial.recommending.asking_events import seen_classes, since
from dialgate.terminal.output import say
from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.errors import EvidenceError, UsageError
from dialgate_evals.events.counts.event_aggregation import aggregate_events
from dialgate_evals.events.named_source import name_source
from dialgate_evals.events.task_runs import InForce
from dialgate_evals.files.problems import Problem
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.live.live_figures import SAME_CALL_LIMIT
from dialgate_gate.live.rollout.deciding import (
    ClassRollout,
    SideCounts,
    decide_class,
    decide_rollout,
    hidden_rise,
)
from dialgate_gate.live.rollout.stop_rule import tasks_to_decide
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_evals.events.event_cube import EventCube
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.settings import GateSettings


@dataclass(frozen=True, kw_only=True)
class RolloutRequest:
    """What a person or a pipeline asked."""

    folder: Path
    events: str | Path
    baseline: str
    candidate: str
    # releases as the events name them
    now: dt.datetime
    all_days: bool = False
    # whether the baseline's days before the candidate's first task count


def describe_rollout(request: RolloutRequest) -> dict[str, Any]:
    """The document. Raises UsageError, ConfigurationError; EvidenceError without a baseline."""
    if request.baseline == request.candidate:
        raise UsageError("--candidate and --baseline are the same release.")
    workspace = load_workspace(request.folder)
    settings = load_settings(request.folder)
    cube = _cube(request, workspace, settings)
    if not any(group.release == request.baseline for group in cube.task_days):
        raise EvidenceError([_no_baseline(request)])
    first = _first_day(cube, request.candidate)
    counts_from = dt.date.min if request.all_days and first is not None else first
    classes = _decided(request, workspace, settings, cube, counts_from)
    return {
        "schema": 1,
        "suite": workspace.suite.name,
        "decision": decide_rollout(classes).value,
        "candidate": request.candidate,
        "baseline": request.baseline,
        "at": written_time(request.now),
        "since": None if first is None else first.isoformat(),
        "all_days": request.all_days,
        "margin": settings.policy.rollout.margin,
        "alpha": settings.policy.rollout.alpha,
        "classes": [_with_more(item, settings) for item in classes],
        "source": name_source(request.events).shown,
        "events": {"rows": cube.rows, "counted": cube.counted, "bad": cube.bad_rows},
    }


def _decided(
    request: RolloutRequest,
    workspace: Workspace,
    settings: GateSettings,
    cube: EventCube,
    counts_from: dt.date | None,
) -> list[ClassRollout]:
    """Each class of which the candidate has a task, in the order of actions.toml."""
    seen = [
        (item, [_counts(cube, item, release, counts_from) for release in _sides(request)])
        for item in seen_classes(workspace.actions, cube)
    ]
    shown = [(item, side) for item, side in seen if side[1].reviewed or side[1].escalated_only]
    return [
        decide_class(
            item.name,
            settings.dial.mode_of(item).value,
            baseline=baseline,
            candidate=candidate,
            policy=settings.policy.rollout,
            classes=len(shown),
        )
        for item, (baseline, candidate) in shown
    ]


def _sides(request: RolloutRequest) -> tuple[str, str]:
    return request.baseline, request.candidate


def _cube(request: RolloutRequest, workspace: Workspace, settings: GateSettings) -> EventCube:
    """Both releases' tasks; one that is of both counts for the one that it began with."""
    classes = (*workspace.actions.classes, UNCLASSIFIED)
    moved = {item.name: since(settings, item) for item in classes}
    asked = InForce(
        modes={item.name: settings.dial.mode_of(item) for item in classes},
        since={name: at for name, at in moved.items() if at is not None},
        counts=lambda release: release in _sides(request),
    )
    return aggregate_events(
        request.events,
        workspace.actions,
        now=request.now,
        same_call_limit=SAME_CALL_LIMIT,
        asked=asked,
        say=lambda text: say(text, to_stderr=True),
    )


def _first_day(cube: EventCube, release: str) -> dt.date | None:
    days = (day for group, found in cube.task_days.items() if group.release == release
            for day in found)  # fmt: skip
    return min(days, default=None)


def _counts(cube: EventCube, item: ActionClass, release: str, first: dt.date | None) -> SideCounts:
    reviewed = intervened = unreviewed = 0
    for group, days in cube.days_of(item.name).items():
        if group.release != release or not group.in_force:
            continue
        for day, found in days.items():
            if first is not None and day >= first:
                reviewed += found.reviewed
                intervened += found.intervened
                unreviewed += found.unreviewed
    return SideCounts(reviewed=reviewed, intervened=intervened, escalated_only=unreviewed)


def _with_more(item: ClassRollout, settings: GateSettings) -> dict[str, Any]:
    """The class, and how many tasks of the candidate would decide where it goes on like this."""
    policy = settings.policy.rollout
    rate, asked = item.baseline.rate, None
    both = item.baseline.reviewed + item.candidate.reviewed
    if item.decision == "wait" and rate is not None and item.candidate.reviewed:
        share = item.candidate.reviewed / both
        left = policy.margin - hidden_rise(item.baseline, item.candidate)
        if left > 0:
            asked = tasks_to_decide(rate, margin=left, alpha=policy.alpha, share=share)
    return {**item.as_json(), "tasks_to_decide": asked}


def _no_baseline(request: RolloutRequest) -> Problem:
    return Problem(
        file=name_source(request.events).shown,
        found=f"no task under the baseline {request.baseline}",
        expected="tasks of both releases, by the names that the events have",
        advice="--baseline names the release that the events call so.",
    )
