"""What the run records below a folder say of each case of a suite.

Reads records; leaves what follows from them to `comparing.history`. Replayed trials, a recording
judged again, trials of a case with another context and those that other votes decided than in the
newest record are no evidence and are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dialgate.runs.on_record.seen_recordings import SeenRecordings, started_at
from dialgate_evals.errors import RecordError
from dialgate_evals.records.part_digests import VOTES
from dialgate_evals.records.run_reading import read_run
from dialgate_evals.records.run_tables import read_rows
from dialgate_gate.comparing.history import CaseRuns

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path
    from typing import Any

    from dialgate_evals.suite.workspace import Workspace


_OF_A_VOTE = ("case_id", "criterion", "decides")


class _Trial(NamedTuple):
    case_id: str
    passed: bool
    judged_by: str
    # the judge whose votes decided in its case, and on what; empty: none did


def read_history(
    workspace: Workspace, out: Path, *, releases: Container[str] | None = None
) -> list[CaseRuns]:
    """Every case of the suite under every recorded release, in the suite's order.

    `releases` are fingerprints; None: all. Records that can't be read are left out: they are no
    evidence, and nothing here decides.
    """
    counts: dict[tuple[str, str], list[int]] = {}
    versions: dict[str, str] = {}
    records = _newest_first(workspace, out, releases)
    judged: dict[tuple[str, str], str] = {}
    for release, trials in records:
        for trial in trials:
            judged.setdefault((trial.case_id, release["fingerprint"]), trial.judged_by)
    for release, trials in reversed(records):
        versions.setdefault(release["fingerprint"], release["version"])
        for trial in trials:
            key = trial.case_id, release["fingerprint"]
            if trial.judged_by != judged[key]:
                continue
            counted = counts.setdefault(key, [0, 0])
            counted[0] += trial.passed
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
) -> list[tuple[dict[str, Any], list[_Trial]]]:
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
) -> Iterator[_Trial]:
    contexts = {case.id: case.context_digest for case in workspace.cases}
    try:
        scores = seen.new_scores(document, folder)
        judged = _judged_by(document, folder)
    except RecordError:
        return
    for score in scores:
        recorded = document["cases"].get(score.case_id, {}).get("context")
        if recorded is not None and recorded == contexts.get(score.case_id):
            yield _Trial(
                case_id=score.case_id,
                passed=bool(score.passed),
                judged_by=judged.get(score.case_id, ""),
            )


def _judged_by(document: dict[str, Any], folder: Path) -> dict[str, str]:
    """By case whose votes decided on which criteria; cases on which none did are left out.

    Raises RecordError where the record can't be read.
    """
    if not document.get("judge") or not (folder / VOTES).is_file():
        return {}
    found: dict[str, set[str]] = {}
    for case_id, criterion, decides in read_rows(folder / VOTES, _OF_A_VOTE):
        if decides:
            found.setdefault(case_id, set()).add(criterion)
    judge = str(document["judge"].get("digest"))
    return {case_id: " ".join([judge, *sorted(names)]) for case_id, names in found.items()}
