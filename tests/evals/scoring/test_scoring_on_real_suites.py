"""688 recorded trials of real models, scored against an independent implementation."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.files.json_text import read_json_lines
from dialgate_evals.records.transcripts import transcript_path
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.workspace import load_workspace

from tests.shared_data import SHARED, needs_shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dialgate_evals.actions.outcomes import TrialScore

pytestmark = needs_shared

RUNS = [
    ("agentdojo", "claude-3-5-sonnet-20240620"),
    ("agentdojo", "claude-3-5-sonnet-20241022"),
    ("tau2-airline", "gpt-4o-2024-11-20"),
    ("tau2-airline", "claude-sonnet-4-5"),
]


@cache
def independent() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SHARED / "suites/expected-outcomes.json").read_text())
    return found


def scores(
    suite: str, version: str, change: Callable[[dict[str, Any]], dict[str, Any]] = lambda d: d
) -> list[TrialScore]:
    workspace = load_workspace(SHARED / "suites" / suite)
    release = workspace.release(workspace.folder / "releases" / f"{version}.toml")
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    cases = workspace.cases_by_id
    found = []
    for _, document in read_json_lines(transcript_path(workspace, release)):
        assert isinstance(document, dict)
        trajectory = parse_trajectory(change(document))
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


def with_last_answers(document: dict[str, Any]) -> dict[str, Any]:
    """The trial as an implementation reads it that pairs calls and answers by id alone."""
    last = {m["tool_call_id"]: m for m in document["messages"] if m["role"] == "tool"}
    messages = [
        {**last[m["tool_call_id"]], "tool_call_id": m["tool_call_id"]} if m["role"] == "tool" else m
        for m in document["messages"]
    ]
    return {**document, "messages": messages}


def test_tau_airline_is_equal_where_answers_are_paired_by_id_alone() -> None:
    found = scores("tau-airline", "gpt-4o", with_last_answers)
    assert counted(found) == independent()["tau-airline"]["gpt-4o"]


# What the two pairings make of a trial: its failed calls, and whether it passes.
DIFFERENT = {
    ("tau-airline-003", 0): ((5, False), (6, False)),
    ("tau-airline-008", 1): ((3, False), (2, False)),  # a refused booking counts as made
    ("tau-airline-009", 2): ((5, False), (6, False)),
    ("tau-airline-011", 1): ((1, False), (2, False)),
    ("tau-airline-013", 0): ((6, False), (6, False)),  # one call refused, another made
    ("tau-airline-026", 2): ((1, True), (0, False)),  # a refused change of flights counts as made
    ("tau-airline-032", 0): ((2, False), (1, False)),  # a refused booking counts as made
    ("tau-airline-046", 3): ((3, True), (2, False)),  # a refused booking counts as made
}


def test_tau_airline_differs_only_in_trials_that_reuse_a_call_id() -> None:
    """Their ids come again within a trajectory; a call's answer is the one that follows it.

    Taking the last answer with the id gives a refused call the success of a later one, or the
    other way round.
    """
    ours = scores("tau-airline", "gpt-4o")
    theirs = scores("tau-airline", "gpt-4o", with_last_answers)
    different = {
        (one.case_id, one.trial): tuple((each.failed_calls, each.passed) for each in (one, other))
        for one, other in zip(ours, theirs, strict=True)
        if one != other
    }
    assert different == DIFFERENT
    reusing = set()
    path = SHARED / "suites/tau-airline/transcripts/gpt-4o.jsonl"
    for line in path.read_text("utf-8").splitlines():
        trial = json.loads(line)
        ids = Counter(c["id"] for m in trial["messages"] for c in m.get("tool_calls") or [])
        if max(ids.values(), default=0) > 1:
            reusing.add((trial["case_id"], trial["trial"]))
    assert different.keys() <= reusing
    assert sum(score.passed is True for score in ours) == 51
    assert independent()["tau-airline"]["gpt-4o"]["passed"] == 49
