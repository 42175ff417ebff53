"""688 recorded trials of real models, scored against an independent implementation."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.records.transcripts import transcript_path
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.workspace import load_workspace
from tests.needed.shared_data import SHARED, needs_shared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.actions.outcomes import TrialScore

pytestmark = needs_shared

RUNS = [
    ("agentdojo", "claude-3-5-sonnet-20240620"),
    ("agentdojo", "claude-3-5-sonnet-20241022"),
    ("tau2-airline", "gpt-4o-2024-11-20"),
    ("tau2-airline", "claude-sonnet-4-5"),
    ("tau-airline", "gpt-4o"),
]


@cache
def independent() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SHARED / "suites/expected-outcomes.json").read_text())
    return found


def scores(suite: str, version: str) -> list[TrialScore]:
    workspace = load_workspace(SHARED / "suites" / suite)
    release = workspace.release(workspace.folder / "releases" / f"{version}.toml")
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    cases = workspace.cases_by_id
    found = []
    for _, document in read_json_lines(transcript_path(workspace, release)):
        assert isinstance(document, dict)
        trajectory = parse_trajectory(document)
        found.append(scorer.score(cases[trajectory.case_id], trajectory))
    return found


def counted(trials: Iterable[TrialScore]) -> dict[str, Any]:
    """The counts as the independent implementation gives them."""
    listed = list(trials)
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    for score in listed:
        for item in score.decisions:
            classes[item.action_class][item.outcome.value] += 1
    return {
        "trials": len(listed),
        "passed": sum(score.passed is True for score in listed),
        "invalid_calls": sum(score.invalid_calls for score in listed),
        "failed_calls": sum(score.failed_calls for score in listed),
        "classes": {name: dict(outcomes) for name, outcomes in classes.items()},
        "failing_cases": sorted({score.case_id for score in listed if not score.passed}),
    }


@pytest.mark.parametrize(("suite", "version"), RUNS)
def test_every_count_is_equal(suite: str, version: str) -> None:
    assert counted(scores(suite, version)) == independent()[suite][version]


def test_all_688_trials_are_counted() -> None:
    assert sum(independent()[suite][version]["trials"] for suite, version in RUNS) == 688
