"""The dial's ledger as `check` needs it: its lines, its head, and whether the dial says the same.

Leaves moving modes to `dialgate.dial`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.errors import EvidenceError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_gate.audit.dial_ledger import disagreeing_classes, head_of
from dialgate_gate.audit.ledger import read_ledger
from dialgate_gate.audit.moves.signed_moves import SigningRules

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.dial import DialSettings
    from dialgate_gate.settings.settings import GateSettings

LEDGER = "ledger.jsonl"


def ledger_lines(folder: Path) -> list[bytes]:
    """The lines of the suite's ledger; none where there is no ledger."""
    path = folder / LEDGER
    lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    return [line for line in lines if line.strip()]


def ledger_head(folder: Path) -> str | None:
    """The digest that anchors the ledger; None where there is none, or its chain is broken."""
    entries, defects = read_ledger(ledger_lines(folder))
    return head_of(entries) if entries and not defects else None


def ledger_digests(folder: Path) -> frozenset[str]:
    """The digest of each entry, as far as the chain holds."""
    entries, _ = read_ledger(ledger_lines(folder))
    return frozenset(entry.hash for entry in entries)


def verify_dial(folder: Path, dial: DialSettings) -> None:
    """As `dial verify` does. Raises EvidenceError where the chain is broken or the two disagree.

    A dial that is older than its ledger has nothing to be held against.
    """
    entries, defects = read_ledger(ledger_lines(folder))
    if defects:
        raise EvidenceError([_problem(folder, defects[0])])
    names = disagreeing_classes(dial, entries) if entries else []
    if names:
        found = f"another mode, time, name or evidence of {', '.join(names)} than dial.toml has"
        raise EvidenceError([_problem(folder, found)])


def signing_rules(workspace: Workspace, settings: GateSettings) -> SigningRules:
    """By whose word moves are signed, as one side of a change says it."""
    return SigningRules(
        suite=workspace.suite.name,
        owners=settings.owners,
        said=settings.runbook.owners,
        policy=settings.policy.sign,
    )


def _problem(folder: Path, found: str) -> Problem:
    return Problem(
        file=show_path(folder / LEDGER),
        found=found,
        expected="a whole chain that says what dial.toml says",
        advice="Restore both from version control.",
    )
