"""On which release each class earned the mode that it has, as the ledger says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.dial.dial_files import read_state
from dialgate_evals.suite.release import COMPONENTS
from dialgate_gate.audit.dial_ledger import promotions
from dialgate_gate.ladder.dial_evidence import RestsOn

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.suite.release import Release
    from dialgate_gate.settings.settings import GateSettings


def rests_on(folder: Path, release: Release, settings: GateSettings) -> dict[str, RestsOn]:
    """By class the release on which it was promoted or confirmed.

    Raises EvidenceError for a broken ledger.
    """
    found = {}
    for name, entry in promotions(read_state(folder).entries).items():
        if entry.release is None:
            found[name] = RestsOn(version=None)
            continue
        before = entry.release["components"]
        changed = [key for key in COMPONENTS if before.get(key) != release.components[key]]
        kept = settings.policy.live.carry_over
        found[name] = RestsOn(
            version=entry.release["version"],
            changed=tuple(key for key in changed if key not in kept),
        )
    return found
