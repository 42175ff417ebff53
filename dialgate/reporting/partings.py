"""Where candidate and baseline part in each case that a verdict explains, read from its records.

Shown, never judged: a record that is gone or damaged leaves the line out. Leaves finding the step
to `dialgate_evals.scoring.parting`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import RecordError
from dialgate_evals.records.run_reading import read_run, read_run_trajectories
from dialgate_evals.scoring.parting import first_parting, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.scoring.parting import Path as OwnPath
    from dialgate_evals.suite.tools import ToolRegistry
    from dialgate_evals.suite.workspace import Workspace

_MOST_CASES = 200
"""Explained cases whose trials are compared."""


def add_partings(document: dict[str, Any], workspace: Workspace, tools: ToolRegistry) -> None:
    """Writes `parting` into the explanations of cases that are worse or flaky now.

    `tools` are the candidate's: what a call leaves to a default is the same as what says it.
    """
    entries = [
        item
        for item in document["explanations"][:_MOST_CASES]
        if item["move"] != "fixed" and item["baseline"]
    ]
    wanted = {str(item["case"]) for item in entries}
    if not wanted:
        return
    known = workspace, tools
    sides = [_paths(document, name, wanted, *known) for name in ("baseline", "candidate")]
    for item in entries:
        before, now = (side.get(item["case"], []) for side in sides)
        found = first_parting(before, now)
        if found is not None:
            item["parting"] = found.as_json()


def _paths(
    document: Mapping[str, Any],
    name: str,
    wanted: set[str],
    workspace: Workspace,
    tools: ToolRegistry,
) -> dict[str, list[OwnPath]]:
    place = (document.get("records") or {}).get(name)
    cases = workspace.cases_by_id
    found: dict[str, list[OwnPath]] = {}
    try:
        if not place:
            return {}
        read_run(Path(place))
        for trial in read_run_trajectories(Path(place)):
            case = cases.get(trial.case_id)
            if trial.case_id in wanted and trial.error is None and case is not None:
                path = path_of(trial, case.messages, workspace.actions.rules, tools)
                found.setdefault(trial.case_id, []).append(path)
    except RecordError:
        return {}
    return found
