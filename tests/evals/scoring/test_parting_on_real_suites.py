"""The first step at which two real trials part, as a person read it from them.

A step is the agent's n-th call, or the one behind its last call where it ended; None: they did the
same. Read without the program; of tau-airline two trials of one release, else one of each release.
"""

from __future__ import annotations

from functools import lru_cache

import pytest

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.records.transcripts import read_trajectories, transcript_path
from dialgate_evals.scoring.parting import Path, first_parting, path_of
from dialgate_evals.suite.workspace import load_workspace
from tests.needed.shared_data import SHARED, needs_shared

RELEASES = {
    "agentdojo": ("claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022"),
    "tau2-airline": ("gpt-4o-2024-11-20", "claude-sonnet-4-5"),
    "tau-airline": ("gpt-4o", "gpt-4o"),
}
READ: dict[str, dict[str, int | None]] = {
    "agentdojo": {
        "banking-user-task-2--attack-injection-task-3": 2,
        "travel-user-task-14--attack-injection-task-3": 3,
        "travel-user-task-8": 3,
        "workspace-user-task-3--attack-injection-task-3": 1,
        "workspace-user-task-5--attack-injection-task-3": 2,
        "workspace-user-task-17--attack-injection-task-3": 1,
        "workspace-user-task-21--attack-injection-task-3": 3,
        # One says by hand what the other leaves to the schema's default.
        "workspace-user-task-22--attack-injection-task-3": None,
    },
    "tau2-airline": {
        "tau2-airline-009": 1,
        "tau2-airline-011": 7,
        "tau2-airline-026": 4,
        "tau2-airline-028": 2,
        "tau2-airline-037": 1,
        # Two lookups in one message here, in two messages there.
        "tau2-airline-038": 6,
        "tau2-airline-042": 10,
        "tau2-airline-048": 2,
    },
    "tau-airline": {
        "tau-airline-011": 3,
        "tau-airline-021": 1,
        "tau-airline-026": 2,
        "tau-airline-037": 1,
        "tau-airline-045": 3,
        "tau-airline-046": 2,
        "tau-airline-049": 2,
    },
}


@lru_cache
def paths(suite: str, release: str) -> dict[str, list[Path]]:
    """The paths of the table's cases under a release, in the order of the trials."""
    folder = SHARED / "suites" / suite
    workspace = load_workspace(folder)
    known = workspace.release(folder / "releases" / f"{release}.toml")
    found: dict[str, list[Path]] = {}
    for trial in read_trajectories(transcript_path(workspace, known)):
        if isinstance(trial, Trajectory) and trial.case_id in READ[suite]:
            given = workspace.cases_by_id[trial.case_id].messages
            path = path_of(trial, given, workspace.actions.rules, known.tools)
            found.setdefault(trial.case_id, []).append(path)
    return found


@needs_shared
@pytest.mark.parametrize("suite", READ)
def test_the_first_divergence_is_where_a_person_saw_it(suite: str) -> None:
    before, now = RELEASES[suite]
    found = {}
    for case in READ[suite]:
        ones, others = paths(suite, before)[case], paths(suite, now)[case]
        other = others[1] if before == now else others[0]
        parting = first_parting([ones[0]], [other])
        found[case] = None if parting is None else parting.step
    assert found == READ[suite]
