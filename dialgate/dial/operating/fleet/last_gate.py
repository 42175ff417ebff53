"""The verdict that the last `check` of a suite left below the folder of records.

Leaves what a verdict is to `gate`; one that can't be read is said, never skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.reporting.rendering import read_verdict
from dialgate_evals.files.problems import show_path
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.ladder.fleet.suite_row import LastGate

if TYPE_CHECKING:
    from pathlib import Path


def read_last_gate(out: Path, suite: str, fingerprint: str) -> LastGate | None:
    """What is kept for the suite of that name; None: nothing. Raises EvidenceError."""
    path = out / f"verdict-{suite}.json"
    if "/" in suite or not path.is_file():
        return None
    document = read_verdict(path)
    release = document["release"]
    return LastGate(
        verdict=document["verdict"],
        at=str(document.get("at") or ""),
        version=str(release.get("version", "")),
        is_current=release.get("fingerprint") == fingerprint,
        place=show_path(path),
        let_through=document.get("exit_code") == 0
        and document["verdict"] in {Verdict.PASS, Verdict.INCONCLUSIVE},
        reasons=tuple(str(text) for text in document["reasons"]),
    )
