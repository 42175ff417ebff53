"""`dialgate evidence`: aggregates review events, asks the gate what they show, builds the document.

The wiring; leaves figures to `live.live_figures` and words to reports. The document is described
in docs/reference/evidence.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.dial.recommending.asking_events import known_releases
from dialgate.terminal.output import say
from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.events.counts.event_aggregation import aggregate_events
from dialgate_evals.events.named_source import name_source
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.live.live_evidence import show_moment
from dialgate_gate.live.live_figures import CONFIDENCE, SAME_CALL_LIMIT, weigh_evidence
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from dialgate_evals.events.event_cube import EventCube
    from dialgate_evals.files.problems import Problem


@dataclass(frozen=True, kw_only=True)
class EvidenceRequest:
    """What a person asked for."""

    folder: Path
    events: str | Path
    # a file, folder, glob or URL
    release: str | None
    # a release file; None: the suite's
    out: Path
    # where run records lie: they tell what other releases were made of
    now: dt.datetime


@dataclass(frozen=True, kw_only=True)
class GatheredEvidence:
    """The document, and the bad rows that were left out: the first of them, and how many."""

    document: dict[str, Any]
    bad_rows: tuple[Problem, ...]
    bad_count: int


def gather_evidence(request: EvidenceRequest) -> GatheredEvidence:
    """What the events show of each class, release and mode.

    Raises ConfigurationError where files of the workspace or over 1 % of the events are bad.
    """
    workspace = load_workspace(request.folder)
    settings = load_settings(request.folder)
    release = workspace.release(named_release_file(request.release, workspace.folder))
    cube = aggregate_events(
        request.events,
        workspace.actions,
        now=request.now,
        same_call_limit=SAME_CALL_LIMIT,
        say=lambda text: say(text, to_stderr=True),
    )
    demote = settings.policy.demote
    evidence = weigh_evidence(
        cube,
        class_names=(*workspace.actions.names, UNCLASSIFIED.name),
        releases=known_releases(workspace, release, settings, request.out),
        limit=None if demote is None else demote.intervention_rate,
    )
    counted = {
        "schema": 1,
        "suite": workspace.suite.name,
        "release": release.as_json(),
        "confidence": CONFIDENCE,
        "same_call_limit": SAME_CALL_LIMIT,
        "events": _counts(cube),
        **evidence.as_json(),
    }
    document = {
        **counted,
        "at": show_moment(request.now),
        "source": name_source(request.events).shown,
        "digest": digest_of(counted),
    }
    return GatheredEvidence(document=document, bad_rows=cube.bad, bad_count=cube.bad_rows)


def _counts(cube: EventCube) -> dict[str, int]:
    return {
        "rows": cube.rows,
        "counted": cube.counted,
        "merged": cube.merged,
        "not_live": cube.not_live,
        "bad": cube.bad_rows,
        "canaries": cube.canaries,
        "future": cube.future,
    }
