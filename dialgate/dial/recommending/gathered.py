"""What recommendations were made from, and what they are: documents, leases and packs read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.events.counts.task_streams import TaskStreams
    from dialgate_evals.events.event_cube import EventCube
    from dialgate_evals.events.task_runs import InForce
    from dialgate_evals.mutating.suite_mutants import ClassMutants
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.ladder.readiness import ReadinessFacts
    from dialgate_gate.ladder.recommendation import Recommendation
    from dialgate_gate.live.live_evidence import LiveEvidence
    from dialgate_gate.live.live_reviews import KnownReleases
    from dialgate_gate.settings.settings import GateSettings


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What recommendations were made from, and what they are."""

    workspace: Workspace
    settings: GateSettings
    # with the base's people
    release: Release
    known: KnownReleases
    facts: ReadinessFacts
    moves: tuple[Recommendation, ...]
    classes: tuple[ActionClass, ...]
    # in the order of the moves
    cube: EventCube
    tasks: TaskStreams
    # those that a watch looks at; none where they weren't asked for
    asked: InForce
    events: str | Path | None
    live: LiveEvidence
    run: Path | None
    by_case: Mapping[str, tuple[TrialScore, ...]]
    queue_warnings: tuple[str, ...]
    mutants: Mapping[str, ClassMutants]
    # by class: what the suite would notice; none where nobody asked and the suite is large
    attestation: Path | None
    people_note: str | None = None
    # that the working tree names other people than the base, whose count
    now: dt.datetime
    written_to: str
    # where the document will lie, for the commands that name it
