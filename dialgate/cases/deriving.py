"""`dialgate cases derive`: reads suite and events, asks `deriving`, writes, says what it did.

The wiring and the document; leaves the rules to `events.deriving` and the words to `reports`.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.cases.derived_files import find_places, read_standing, write_derivation
from dialgate.cases.pseudonym_key import find_key
from dialgate_evals.actions.redaction import redactor_for
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.counts.review_event_files import read_events
from dialgate_evals.events.deriving.calls import CallJudge
from dialgate_evals.events.deriving.claims import ClaimReader, Fate
from dialgate_evals.events.deriving.derivation import DeriveSettings, Standing
from dialgate_evals.events.deriving.derive import derive_cases
from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
from dialgate_evals.events.deriving.redacting.redaction_rules import redaction_rules
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.case import HOLDOUT, parse_case
from dialgate_evals.suite.linting.near_duplicates import SIMILARITY, similar_pairs, words_of
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.workspace import read_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.cases.derived_files import DerivedPlaces, StandingFiles
    from dialgate_evals.events.deriving.derivation import Derivation, EventFate
    from dialgate_evals.events.review_event_lines import EventLines
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class DeriveRequest:
    """What a person asked for."""

    folder: Path
    events: str
    release: str | None
    out: Path | None
    # None: a file per month where the suite's globs look for reviewer cases
    approvals: int
    # golden candidates per action class
    dry_run: bool


def derive(request: DeriveRequest) -> dict[str, Any]:
    """Derives, writes unless it is a dry run, and gives the document of what was done.

    Raises ConfigurationError where files of the workspace or over 1 % of the events are bad,
    UsageError where the key for pseudonyms is unusable.
    """
    workspace = _workspace(request.folder)
    release = workspace.release(named_release_file(request.release, workspace.folder))
    places = find_places(workspace, request.out)
    standing = read_standing(workspace, places)
    lines = read_events(request.events, takes_all=True)
    key = find_key(workspace.root, os.environ, may_write=not request.dry_run)
    derivation = derive_cases(
        lines.events,
        Standing(cases=standing.cases, candidates=standing.candidates, entries=standing.entries),
        _reader(workspace, release, key.key),
        DeriveSettings(
            suite=workspace.suite.name,
            holdout_share=workspace.suite.holdout_share,
            approvals=request.approvals,
        ),
    )
    written = [] if request.dry_run else write_derivation(derivation, standing, places)
    document = _document(request, workspace, lines, derivation)
    document["near_duplicates"] = _near_duplicates(derivation, standing)
    document["files"] = [show_path(path) for path in written]
    document["notes"] += [note for note in (key.note, _ungated(places, derivation)) if note]
    return document


def _workspace(folder: Path) -> Workspace:
    problems: list[Any] = []
    workspace = read_workspace(folder, problems, may_lack_cases=True)
    if workspace is None:
        raise ConfigurationError(problems)
    return workspace


def _reader(workspace: Workspace, release: Release, key: bytes) -> ClaimReader:
    suite = workspace.suite
    redactor = redactor_for(workspace.secret_names, os.environ, suite.redact)
    return ClaimReader(
        judge=CallJudge(tools=release.tools, actions=workspace.actions),
        rules=redaction_rules(suite.redact, dict(redactor.secrets)),
        pseudonyms=Pseudonyms(key=key),
        prompts=frozenset(text.strip() for text in release.prompts.values()),
    )


def _document(
    request: DeriveRequest, workspace: Workspace, lines: EventLines, derivation: Derivation
) -> dict[str, Any]:
    counts = Counter(item.fate for item in derivation.fates)
    return {
        "schema": 1,
        "suite": workspace.suite.name,
        "dry_run": request.dry_run,
        "rows": lines.rows,
        "counts": {
            **{fate.value: counts[fate] for fate in Fate},
            "repeated_rows": lines.merged,
            "bad_rows": len(lines.bad),
        },
        "cases": {
            "added": [document["id"] for document in derivation.added],
            "merged_into": sorted(derivation.replaced),
            "removed": sorted(derivation.removed),
            "held_out": [d["id"] for d in derivation.added if d.get("split") == HOLDOUT],
            "candidates": [document["id"] for document in derivation.candidates],
        },
        "set_aside": _listed(derivation, Fate.ASIDE),
        "open_adjudications": sum(entry["resolution"] is None for entry in derivation.entries),
        "unusable": _listed(derivation, Fate.UNUSABLE),
        "merged": _listed(derivation, Fate.MERGED),
        "bad": [str(problem) for problem in lines.bad],
        "replaced_values": derivation.replaced_values,
        "notes": sorted(derivation.notes),
    }


def _listed(derivation: Derivation, fate: Fate) -> list[dict[str, str]]:
    return [_fate_document(item) for item in derivation.fates if item.fate is fate]


def _fate_document(item: EventFate) -> dict[str, str]:
    return {
        "event": item.event_id, "place": item.place, "case": item.case, "reason": item.reason,
    }  # fmt: skip


def _near_duplicates(derivation: Derivation, standing: StandingFiles) -> list[dict[str, Any]]:
    """New cases that read nearly as another does: lint warns of them too."""
    new = [parse_case(document) for document in derivation.added]
    fresh = {case.id for case in new}
    cases = [*(case for case in standing.cases if case.id not in derivation.removed), *new]
    return [
        {"case": cases[second].id, "like": cases[first].id, "share": round(share, 2)}
        for first, second, share in similar_pairs([words_of(case) for case in cases], SIMILARITY)
        if {cases[first].id, cases[second].id} & fresh
    ]


def _ungated(places: DerivedPlaces, derivation: Derivation) -> str:
    if places.is_gated or not derivation.added:
        return ""
    path = show_path(places.case_file("2000-01"))
    return f"The suite's cases don't name {path}: nothing in it gates until they do."
