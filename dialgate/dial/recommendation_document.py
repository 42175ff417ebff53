"""The document that `dial recommend --json` writes: moves, and everything that a report shows.

Reads what lies beside the evidence (ledger, digests of the sources); a report is rendered from this
document alone. Leaves deciding to `gate` and words to `reports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.changes.owner_facts import all_reviews
from dialgate.dial.dial_files import DIAL, LEDGER, read_state, written_time
from dialgate_evals.events.named_source import TableSource, name_source
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.files.problems import show_path
from dialgate_evals.records.part_digests import file_digest
from dialgate_gate.conditions.noticed import noticed_class
from dialgate_gate.ladder.evidence_against import EventAgainst, cases_against, evidence_against
from dialgate_gate.ladder.readiness import verify_readiness
from dialgate_gate.ladder.recommendation import next_mode
from dialgate_gate.live.rate_series import rate_series
from dialgate_gate.settings.dial import lease_warning
from dialgate_gate.settings.people.roles import ACCOUNTABLE, role_holders

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.events.counts.task_streams import TaskStreams
    from dialgate_evals.events.event_cube import EventCube
    from dialgate_evals.events.review_events import ReviewEvent
    from dialgate_evals.events.task_runs import InForce
    from dialgate_evals.mutating.suite_mutants import ClassMutants
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.ladder.readiness import ReadinessFacts
    from dialgate_gate.ladder.recommendation import Recommendation
    from dialgate_gate.live.live_evidence import LiveEvidence
    from dialgate_gate.live.live_reviews import KnownReleases
    from dialgate_gate.settings.people.cadence import Review
    from dialgate_gate.settings.people.roles import RoleHolder
    from dialgate_gate.settings.settings import GateSettings

MOST_PERIODS = 60
"""Of one class's series; the oldest are left out first, and counted."""
MOST_REVIEWERS = 100
"""The busiest."""
MOST_CHANGES = 3
"""Of one class, from release to release; the latest."""
MOST_ENTRIES = 100
"""Of the ledger; the oldest are left out first, and counted."""


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


def build_document(found: Gathered) -> dict[str, Any]:
    """The whole document; only the graduation list is what `evidence` seals."""
    graduation = [item.as_json() for item in found.moves]
    workspace = found.workspace
    return {
        "schema": 1,
        "suite": workspace.suite.name,
        "release": found.release.as_json(),
        "at": written_time(found.now),
        "run": None if found.run is None else show_path(found.run),
        "events": {
            "rows": found.cube.rows,
            "counted": found.cube.counted,
            "merged": found.cube.merged,
            "not_live": found.cube.not_live,
            "bad": found.cube.bad_rows,
        },
        "evidence": digest_of(graduation),
        "graduation": graduation,
        "classes": [
            {**_class(item, found), "in_force": move.in_force.as_json()}
            for item, move in zip(found.classes, found.moves, strict=True)
        ],
        "lease_warning": lease_warning(
            found.classes,
            found.settings.dial,
            required=found.settings.policy.lease.required,
        ),
        "policy": {key: found.settings.policy.document.get(key) for key in ("ladder", "demote")},
        "readiness": _readiness(found),
        **_reviewers(found.live),
        "changes": _changes(found.live),
        "queue_warnings": list(found.queue_warnings),
        "ledger": _ledger(workspace.folder),
        "sources": list(_sources(found)),
        "sign": {
            "suite": show_path(workspace.folder),
            "evidence": found.written_to,
            "attestation": None if found.attestation is None else show_path(found.attestation),
            "by": _signer(found),
            "keys": found.settings.owners.has_keys,
        },
    }


def _class(item: ActionClass, found: Gathered) -> dict[str, Any]:
    """What a report shows of one class beside its recommendation."""
    mode, entry = found.settings.dial.mode_of(item), found.settings.dial.entries.get(item.name)
    since = None if entry is None else entry.since
    following = next_mode(mode)
    step = found.settings.policy.ladder.get(following) if following else None
    points = rate_series(
        found.cube.days_of(item.name),
        releases=found.known,
        confidence=step.confidence if step else 0.95,
    )
    return {
        "action_class": item.name,
        "tools": list(item.tools),
        "effect": item.effect.value,
        "blast_radius": item.blast_radius.value,
        "reversible": item.reversible,
        "since": None if since is None else written_time(since),
        "by": None if entry is None else entry.by,
        "confidence": step.confidence if step else 0.95,
        "series": [point.as_json() for point in points[-MOST_PERIODS:]],
        "series_left_out": max(0, len(points) - MOST_PERIODS),
        "against": _against(item, found),
        "noticed": None
        if item.name not in found.mutants
        else noticed_class(found.mutants[item.name]),
    }


def _against(item: ActionClass, found: Gathered) -> dict[str, Any]:
    def counts(event: ReviewEvent) -> bool:
        in_force = found.asked.is_in_force(item.name, event.mode, event.occurred_at)
        return in_force and found.asked.counts(event.release)

    events = [
        EventAgainst(event=event, counts=counts(event))
        for event in found.cube.foremost.get(item.name, ())
    ]
    critical = frozenset(case.id for case in found.workspace.cases if case.critical)
    cases = cases_against(item.name, found.by_case, critical)
    return evidence_against(cases, events, found.cube.interventions(item.name)).as_json()


def _readiness(found: Gathered) -> dict[str, Any]:
    """What runbook.toml declares and whether it holds, whatever a mode requires."""
    runbook, facts = found.settings.runbook, found.facts
    switch = runbook.kill_switch
    common = verify_readiness(("owner", "kill_switch", "rollback"), "", facts)
    return {
        "owners": {item.role: item.shown for item in _holders(found) if item.text},
        "kill_switch": None
        if switch is None
        else {
            "run": switch.run,
            "tested_at": None if switch.tested_at is None else switch.tested_at.isoformat(),
            "drilled_at": _drilled(found),
        },
        "rollback": runbook.rollback,
        "overdue": _overdue(found),
        "people_note": found.people_note,
        "items": [item.as_json() for item in common],
        "compensation": [
            {
                "action_class": name,
                "tool": item.tool,
                "case": item.case,
                **verify_readiness(("compensation",), name, facts)[0].as_json(),
            }
            for name, item in sorted(runbook.compensation.items())
        ],
    }


def _overdue(found: Gathered) -> list[str]:
    return [f"Overdue: {item}" for item in overdue_reviews(found)]


def overdue_reviews(found: Gathered) -> tuple[Review, ...]:
    """What nobody has looked at for too long; a switch that there is not can't be drilled."""
    drill = found.facts.drills.get("kill-switch")
    drilled = None if drill is None or drill.at is None else drill.at.date()
    reviews = all_reviews(found.workspace, found.settings, found.now.date(), drilled)
    has_switch = found.settings.runbook.kill_switch is not None
    return tuple(
        item
        for item in reviews
        if item.is_overdue and (has_switch if item.thing == "drill" else item.last is not None)
    )


def _drilled(found: Gathered) -> str | None:
    """When the youngest drill that counts was run."""
    drill = found.facts.drills.get("kill-switch")
    return None if drill is None or drill.at is None else written_time(drill.at)


def _holders(found: Gathered) -> tuple[RoleHolder, ...]:
    settings = found.settings
    return role_holders(settings.runbook.owners, settings.owners, found.now.date())


def _signer(found: Gathered) -> str | None:
    """Whom the commands name: the product owner as owners.toml calls them."""
    owner = next(item for item in _holders(found) if item.role == ACCOUNTABLE)
    return (owner.text if owner.person is None else owner.person.id) or None


def _reviewers(live: LiveEvidence) -> dict[str, Any]:
    """Those with the most reviews, as `dialgate evidence` writes them."""
    busiest = sorted(live.reviewers, key=lambda item: (-item.reviews, item.reviewer))
    return {
        "reviewers": [item.as_json() for item in busiest[:MOST_REVIEWERS]],
        "reviewers_left_out": max(0, len(busiest) - MOST_REVIEWERS),
    }


def _changes(live: LiveEvidence) -> list[dict[str, Any]]:
    """The latest changes of release of each class, as `dialgate evidence` writes them."""
    latest: dict[str, list[dict[str, Any]]] = {}
    for item in live.changes:
        latest.setdefault(item.action_class, []).append(item.as_json())
    return [change for group in latest.values() for change in group[-MOST_CHANGES:]]


def _ledger(folder: Path) -> dict[str, Any]:
    """Who moved which class when. Raises EvidenceError where the chain is broken."""
    state = read_state(folder)
    notes = []
    if state.without_ledger:
        notes.append("dial.toml is older than its ledger: the next move takes its modes over.")
    if state.behind:
        notes.append("dial.toml lacks the last move: `dialgate dial verify` writes it anew.")
    return {
        "entries": [entry.as_json() for entry in state.entries[-MOST_ENTRIES:]],
        "left_out": max(0, len(state.entries) - MOST_ENTRIES),
        "notes": notes,
    }


def _sources(found: Gathered) -> Iterator[dict[str, Any]]:
    """Each file that a figure comes from, with the digest of its bytes."""
    folder = found.workspace.folder
    if found.run is not None:
        yield _source("run", found.run / "run.json")
    if found.events is not None:
        yield _events_source(found.events, found.live)
    for name, file in (
        ("policy", "policy.toml"),
        ("actions", "actions.toml"),
        ("runbook", "runbook.toml"),
        ("owners", "owners.toml"),
        ("dial", DIAL),
        ("ledger", LEDGER),
    ):
        if (folder / file).is_file():
            yield _source(name, folder / file)


def _source(name: str, path: Path) -> dict[str, Any]:
    return {"name": name, "place": show_path(path), "digest": file_digest(path)}


def _events_source(events: str | Path, live: LiveEvidence) -> dict[str, Any]:
    """One file by its bytes, several by theirs in order; a table by what it showed."""
    source = name_source(events)
    if isinstance(source, TableSource):
        digest = digest_of(live.as_json())
        return {"name": "events", "place": f"{source.shown}, as counted", "digest": digest}
    digests = [file_digest(path) for path in source.paths]
    digest = digests[0] if len(digests) == 1 else digest_of(digests)
    return {"name": "events", "place": source.shown, "digest": digest}
