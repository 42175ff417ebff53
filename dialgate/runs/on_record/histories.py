"""What the run records below a folder say of each case of a suite.

Reads records; leaves what follows from them to `comparing.history`. Replayed trials, a recording
judged again and trials of a case with another context are no evidence and are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.runs.on_record.seen_recordings import SeenRecordings, started_at
from dialgate_evals.errors import RecordError
from dialgate_evals.records.run_reading import read_run
from dialgate_gate.comparing.history import CaseRuns

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path
    from typing import Any

    from dialgate_evals.suite.workspace import Workspace


def read_history(
    workspace: Workspace, out: Path, *, releases: Container[str] | None = None
) -> list[CaseRuns]:
    """Every case of the suite under every recorded release, in the suite's order.

    `releases` are fingerprints; None: all. Records that can't be read are left out: they are no
    evidence, and nothing here decides.
    """
    counts: dict[tuple[str, str], list[int]] = {}
    versions: dict[str, str] = {}
    for release, passed_by_case in reversed(_newest_first(workspace, out, releases)):
        versions.setdefault(release["fingerprint"], release["version"])
        for case_id, passed in passed_by_case:
            counted = counts.setdefault((case_id, release["fingerprint"]), [0, 0])
            counted[0] += passed
            counted[1] += 1
    return [
        CaseRuns(
            case_id=case.id,
            fingerprint=fingerprint,
            version=version,
            passed=counts[case.id, fingerprint][0],
            trials=counts[case.id, fingerprint][1],
        )
        for case in workspace.cases
        for fingerprint, version in versions.items()
        if (case.id, fingerprint) in counts
    ]


def _newest_first(
    workspace: Workspace, out: Path, releases: Container[str] | None
) -> list[tuple[dict[str, Any], list[tuple[str, bool]]]]:
    """Each record's release with its fresh trials; of a recording judged twice the last."""
    records = sorted(
        suite_records(workspace.suite.name, out),
        key=lambda record: (started_at(record[0]), str(record[1])),
        reverse=True,
    )
    seen = SeenRecordings()
    return [
        (document["release"], list(_fresh(document, folder, workspace, seen)))
        for document, folder in records
        if releases is None or document["release"]["fingerprint"] in releases
    ]


def suite_records(suite: str, out: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Every readable record of the suite below the folder: run.json and where it lies."""
    for folder in sorted((*out.glob("run-*"), *out.glob("confirmation/run-*"))):
        try:
            document = read_run(folder)
        except RecordError:
            continue
        if document["suite"].get("name") == suite:
            yield document, folder


def _fresh(
    document: dict[str, Any], folder: Path, workspace: Workspace, seen: SeenRecordings
) -> Iterator[tuple[str, bool]]:
    contexts = {case.id: case.context_digest for case in workspace.cases}
    try:
        scores = seen.new_scores(document, folder)
    except RecordError:
        return
    for score in scores:
        recorded = document["cases"].get(score.case_id, {}).get("context")
        if recorded is not None and recorded == contexts.get(score.case_id):
            yield score.case_id, bool(score.passed)
