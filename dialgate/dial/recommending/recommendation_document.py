"""The document that `dial recommend --json` writes: moves, and everything that a report shows.

Reads what lies beside the evidence (ledger, digests of the sources); a report is rendered from this
document alone. Leaves deciding to `gate` and words to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.dial.dial_files import read_state, written_time
from dialgate.dial.recommending.declared_readiness import holders_of, readiness_of
from dialgate.dial.recommending.sources import sources_of
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.files.problems import show_path
from dialgate_gate.conditions.noticed import noticed_class
from dialgate_gate.ladder.evidence_against import EventAgainst, cases_against, evidence_against
from dialgate_gate.ladder.recommendation import next_mode
from dialgate_gate.live.rate_series import rate_series
from dialgate_gate.settings.dial import lease_warning
from dialgate_gate.settings.people.roles import ACCOUNTABLE

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.dial.recommending.gathered import Gathered
    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_evals.events.review_events import ReviewEvent
    from dialgate_gate.live.live_evidence import LiveEvidence

MOST_PERIODS = 60
"""Of one class's series; the oldest are left out first, and counted."""
MOST_REVIEWERS = 100
"""The busiest."""
MOST_CHANGES = 3
"""Of one class, from release to release; the latest."""
MOST_ENTRIES = 100
"""Of the ledger; the oldest are left out first, and counted."""


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
        "readiness": readiness_of(found),
        **_reviewers(found.live),
        "changes": _changes(found.live),
        "queue_warnings": list(found.queue_warnings),
        "ledger": _ledger(workspace.folder),
        "sources": list(sources_of(found)),
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


def _signer(found: Gathered) -> str | None:
    """Whom the commands name: the product owner as owners.toml calls them."""
    owner = next(item for item in holders_of(found) if item.role == ACCOUNTABLE)
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
