"""Every check in its order; a new one is a new file beside these and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.scaffold.doctor.agent_start import check_agent
from dialgate.scaffold.doctor.endpoint import check_endpoint
from dialgate.scaffold.doctor.extras import check_extras
from dialgate.scaffold.doctor.finding import Patient
from dialgate.scaffold.doctor.judges import check_judges
from dialgate.scaffold.doctor.walls import check_walls
from dialgate_evals.suite.workspace import load_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dialgate.scaffold.doctor.finding import Finding

CHECKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    check_walls,
    check_extras,
    check_agent,
    check_endpoint,
    check_judges,
)


def examine(folder: Path | None) -> Iterator[Finding]:
    """What each check finds on this machine, and for the suite. Raises ConfigurationError."""
    workspace = None if folder is None else load_workspace(folder)
    patient = Patient(folder=folder, workspace=workspace)
    for check in CHECKS:
        yield from check(patient)
