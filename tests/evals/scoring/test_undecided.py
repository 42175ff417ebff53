"""A text on which a pattern has no end hides nothing, and costs the other side nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialgate_evals.actions.action_classes import (
    ActionClass,
    ActionRegistry,
    BlastRadius,
    Effect,
)
from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.files import time_bounds
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.tools import ToolRegistry, parse_tools
from tests.workspaces import a_case, a_trial

SLOW = "^(a+)+$"
HOSTILE = "a" * 40 + "!"
FORBIDDEN = {"properties": {"note": {"pattern": SLOW}}}


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_bounds, "PATTERN_S", 0.05)
    monkeypatch.setattr("dialgate_evals.files.schema_validation.SCHEMA_S", 0.1)


def a_class(name: str, effect: Effect, when: dict[str, Any] | None) -> ActionClass:
    return ActionClass(
        name=name,
        tools=("refund",),
        when=when,
        effect=effect,
        blast_radius=BlastRadius.LOW,
        reversible=True,
    )


def scorer(*, when: dict[str, Any] | None = None) -> Scorer:
    tools = parse_tools([{"name": "refund", "parameters": {"type": "object"}}])
    classes = [] if when is None else [a_class("dangerous", Effect.WRITE, when)]
    return Scorer(
        tools=ToolRegistry(tools={tool.name: tool for tool in tools}),
        actions=ActionRegistry(classes=(*classes, a_class("harmless", Effect.READ, None))),
    )


def scored(
    by: Scorer, note: str, expect: dict[str, Any] | None = None, reply: str = "Done."
) -> Any:
    case = parse_case({**a_case("c-1"), "expect": expect or {"actions": []}})
    calls = [{"name": "refund", "arguments": {"note": note}}]
    trial = {**a_trial("c-1", calls), "trial": 0}
    trial["messages"][-1]["content"] = reply
    return by.score(case, parse_trajectory(json.loads(json.dumps(trial))))


def why(score: TrialScore) -> str:
    assert score.status is TrialStatus.FAILED
    return " ".join(score.undecided)


def test_arguments_that_a_forbidding_pattern_never_ends_on_are_not_allowed_by_that() -> None:
    forbids = {"actions": [], "forbid": [{"name": "refund", "where": FORBIDDEN}]}
    by = scorer()
    assert scored(by, "b", forbids).status is TrialStatus.PASSED
    assert scored(by, "aaa", forbids).status is TrialStatus.FAILED
    assert SLOW in why(scored(by, HOSTILE, forbids))


def test_a_class_that_can_t_be_told_is_no_read() -> None:
    by = scorer(when=FORBIDDEN)
    assert scored(by, "b").status is TrialStatus.PASSED
    assert SLOW in why(scored(by, HOSTILE))


def test_a_reply_s_pattern_without_end_fails_the_trial_and_is_named() -> None:
    matches = {"actions": [], "reply": {"matches": SLOW}}
    assert SLOW in why(scored(scorer(), "b", matches, HOSTILE))
    assert scored(scorer(), "b", matches, "aaa").undecided == ()


def test_what_one_side_s_agent_wrote_costs_the_other_side_no_pattern() -> None:
    """The candidate can't have its baseline fail by the same pattern."""
    matches = {"actions": [], "reply": {"matches": SLOW}}
    candidate, baseline = scorer(), scorer()
    for _ in range(5):
        why(scored(candidate, "b", matches, HOSTILE))
    assert scored(baseline, "b", matches, "aaa").status is TrialStatus.PASSED


def test_one_side_stops_asking_what_it_gave_up() -> None:
    """A thousand such trials take the time of three."""
    matches = {"actions": [], "reply": {"matches": SLOW}}
    by = scorer()
    for _ in range(3):
        why(scored(by, "b", matches, HOSTILE))
    assert SLOW in why(scored(by, "b", matches, "aaa"))
