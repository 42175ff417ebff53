"""The run records below a folder: those of a suite, and the newest of a release.

Leaves what a record says to `dialgate.runs.gathering`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import RecordError
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.part_digests import is_own
from dialgate_evals.records.run_reading import read_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


def records_of_suite(out: Path, suite_name: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every readable record of the suite, by folder name."""
    for folder in sorted(out.glob("run-*")):
        try:
            document = read_run(folder)
        except RecordError:
            continue
        if document["suite"].get("name") == suite_name:
            yield folder, document


def newest_record(out: Path, workspace: Workspace, release: Release) -> Path | None:
    """The newest record of this very release that this machine wrote, and those with every case of
    the suite first: what a checkout brought along is named, or is no evidence.
    """
    cases = {case.id for case in workspace.cases}
    key = machine_key()
    found = [
        (cases <= set(document["cases"]), str((document.get("times") or {}).get("finished_at")), f)
        for f, document in records_of_suite(out, workspace.suite.name)
        if document["release"].get("fingerprint") == release.fingerprint and is_own(document, key)
    ]
    return max(found, key=lambda item: (item[0], item[1], item[2].name))[2] if found else None
