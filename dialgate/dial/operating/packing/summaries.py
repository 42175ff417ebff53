"""What a pack says of evidence that stays where it is: cases, run records, reviews, verdicts.

Counts and digests, no conversation and no reviewer; leaves what the figures mean to `gate`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from dialgate.runs.run_records import records_of_suite
from dialgate_evals.errors import RecordError
from dialgate_evals.files.json_text import digest_of
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.part_digests import RUN, file_digest, is_own
from dialgate_evals.records.run_reading import read_run
from dialgate_gate.live.live_evidence import show_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dialgate.dial.operating.packing.people_out import PeopleOut
    from dialgate.dial.recommending.gathered import Gathered
    from dialgate_evals.suite.workspace import Workspace

MOST_RUNS = 1_000
_OF_VERDICT = (
    "schema", "verdict", "exit_code", "headline", "suite", "suite_digest", "digests", "judged_by",
    "sealed", "allowed", "release", "baseline", "classes", "reasons", "missing", "weakened",
    "usage", "detection", "budget", "gaps",
)  # fmt: skip
"""Keys of a verdict's document that hold no conversation."""


def cases_summary(workspace: Workspace) -> dict[str, Any]:
    """Each file of cases with its digest, and how many cases are of which origin."""
    origins = Counter(case.origin.value for case in workspace.cases)
    return {
        "schema": 1,
        "cases": len(workspace.cases),
        "critical": sum(case.critical for case in workspace.cases),
        "origins": dict(sorted(origins.items())),
        "digest": digest_of({case.id: case.digest for case in workspace.cases}),
        "files": [
            {
                "file": path.resolve().relative_to(workspace.root).as_posix(),
                "digest": file_digest(path),
            }
            for path in workspace.case_files()
        ],
    }


def runs_summary(out: Path, suite: str) -> dict[str, Any]:
    """Each run record of the suite with its digests; whether this machine vouches for it."""
    key = machine_key()
    found = [
        _run(folder, document, is_own=is_own(document, key))
        for folder, document in records_of_suite(out, suite)
    ]
    latest = sorted(found, key=lambda item: (item["finished_at"] or "", item["record"]))
    return {
        "schema": 1,
        "runs": latest[-MOST_RUNS:],
        "left_out": max(0, len(latest) - MOST_RUNS),
        "unreadable": list(_unreadable(out))[:MOST_RUNS],
    }


def _unreadable(out: Path) -> Iterator[dict[str, str]]:
    """Records that are there and can't be read, whosever; a run that was not finished is none."""
    for folder in sorted(out.glob("run-*")):
        if not (folder / RUN).exists():
            continue
        try:
            read_run(folder)
        except RecordError as error:
            yield {"record": folder.name, "why": error.problems[0].found}


def _run(folder: Path, document: Mapping[str, Any], *, is_own: bool) -> dict[str, Any]:
    release = document["release"]
    return {
        "record": folder.name,
        "digest": file_digest(folder / RUN),
        "parts": dict(sorted((document.get("digests") or {}).items())),
        "release": {key: release.get(key) for key in ("name", "version", "fingerprint")},
        "finished_at": (document.get("times") or {}).get("finished_at"),
        "cases": len(document["cases"]),
        "vouched_for": is_own,
    }


def reviews_summary(found: Gathered, people: PeopleOut) -> dict[str, Any]:
    """What production showed, as counts: reviewers are counted, not named."""
    evidence = found.live.as_json()
    cube = found.cube
    return {
        "schema": 1,
        "events": {
            "rows": cube.rows,
            "counted": cube.counted,
            "merged": cube.merged,
            "not_live": cube.not_live,
            "bad": cube.bad_rows,
            "canaries": cube.canaries,
            "canaries_missed": sum(
                item["canaries"] - item["canaries_caught"] for item in evidence["reviewers"]
            ),
        },
        "reviewers": len(evidence["reviewers"]),
        "warnings": len(evidence["warnings"]),
        "classes": people.without(evidence["classes"]),
        "changes": people.without(evidence["changes"]),
    }


def graduation_summary(found: Gathered, people: PeopleOut) -> dict[str, Any]:
    """What each class shows of its next mode, and what its mode rests on."""
    graduation = [item.as_json() for item in found.moves]
    return {
        "schema": 1,
        "at": show_moment(found.now),
        "evidence": digest_of(graduation),
        "graduation": people.without(graduation),
        "in_force": people.without(
            [{"action_class": move.action_class, **move.in_force.as_json()} for move in found.moves]
        ),
    }


def verdict_summary(document: Mapping[str, Any], people: PeopleOut) -> dict[str, Any]:
    """A verdict's document without conversations, and the digest of the whole one."""
    kept = {key: document[key] for key in _OF_VERDICT if key in document}
    whole: dict[str, Any] = {"verdict_digest": digest_of(document), **people.without(kept)}
    return whole
