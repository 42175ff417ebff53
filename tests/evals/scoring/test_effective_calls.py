"""Judged both ways: nothing that a change excuses hides what the base would have counted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dialgate_evals.actions.action_classes import (
    UNCLASSIFIED,
    ActionClass,
    ActionRegistry,
    BlastRadius,
    Effect,
)
from dialgate_evals.actions.outcomes import Outcome, TrialScore
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.scoring.effective_calls import OtherSide
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.tools import ToolRegistry, parse_tools
from tests.workspaces import a_case, a_trial

AMOUNT: dict[str, Any] = {"type": "number", "default": 10}
REFUND: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "amount": AMOUNT, "request": {"type": "string"}},
    "required": ["id"],
}
KEYED = {**REFUND, "x-idempotency-key": "/request"}
TIGHT = {**REFUND, "properties": {**REFUND["properties"], "amount": {"type": "number",
         "default": 10, "maximum": 5}}}  # fmt: skip
DEARER = {**REFUND, "properties": {**REFUND["properties"], "amount": {"default": 1000}}}


def tools(**parameters: Any) -> ToolRegistry:
    listed = [{"name": name, "parameters": schema} for name, schema in parameters.items()]
    return ToolRegistry(tools={tool.name: tool for tool in parse_tools(listed)})


def classes(**effects: Effect) -> ActionRegistry:
    return ActionRegistry(
        classes=tuple(
            ActionClass(
                name=f"{tool}.class",
                tools=(tool,),
                effect=effect,
                blast_radius=BlastRadius.LOW,
                reversible=True,
            )
            for tool, effect in effects.items()
        )
    )


BASE_TOOLS = tools(refund=REFUND, look=REFUND)
BASE = classes(refund=Effect.WRITE, look=Effect.READ)


def scored(
    calls: list[tuple[str, dict[str, Any]]],
    *,
    mine: ToolRegistry = BASE_TOOLS,
    own: ActionRegistry = BASE,
    base: ToolRegistry = BASE_TOOLS,
    failed: bool = False,
    expected: list[dict[str, Any]] | None = None,
) -> TrialScore:
    """A candidate's trial, its calls all answered, or all refused."""
    case = parse_case(a_case("c", expected or []))
    made = [{"name": name, "arguments": arguments} for name, arguments in calls]
    trial = a_trial("c", made)
    for message in trial["messages"]:
        if message["role"] == "tool" and failed:
            message["error"] = True
    scorer = Scorer(tools=mine, actions=BASE, other=OtherSide(tools=base, actions=own))
    return scorer.score(case, parse_trajectory(trial))


def outcomes(score: TrialScore) -> list[tuple[str, Outcome]]:
    return [(item.action_class, item.outcome) for item in score.decisions]


HARM = [("refund", {"id": "1", "amount": 500})]
FOUND = [("refund.class", Outcome.UNEXPECTED)]


def test_the_same_schemas_on_both_sides_change_nothing() -> None:
    assert outcomes(scored(HARM)) == FOUND
    assert outcomes(scored(HARM, failed=True)) == []


@pytest.mark.parametrize("failed", [True, False], ids=["refused", "answered"])
@pytest.mark.parametrize(
    "mine",
    [tools(refund=TIGHT, look=REFUND), tools(look=REFUND), tools(refund={"not": {}}, look=REFUND)],
    ids=["tightened", "unlisted", "refused whole"],
)
def test_a_schema_of_the_change_hides_no_call(mine: ToolRegistry, failed: bool) -> None:
    score = scored(HARM, mine=mine, failed=failed)
    assert outcomes(score) == FOUND
    assert score.invalid_calls == 1


def test_a_call_that_neither_side_takes_is_invalid_only() -> None:
    score = scored([("refund", {"amount": 500})], mine=tools(refund=TIGHT), failed=True)
    assert outcomes(score) == []
    assert score.invalid_calls == 1


def test_a_schema_that_the_change_widened_makes_an_action() -> None:
    score = scored(HARM, base=tools(refund=TIGHT, look=REFUND))
    assert outcomes(score) == FOUND
    assert score.invalid_calls == 0


TWICE = [("refund", {"id": "1", "request": "r"}), ("refund", {"id": "1", "request": "r"})]
ONCE = [{"name": "refund", "arguments": {"id": "1", "request": "r"}}]


@pytest.mark.parametrize(
    ("mine", "base", "count"), [(KEYED, KEYED, 1), (KEYED, REFUND, 2), (REFUND, KEYED, 2)]
)
def test_a_repeat_is_excused_where_both_sides_excuse_it(mine: Any, base: Any, count: int) -> None:
    score = scored(TWICE, mine=tools(refund=mine), base=tools(refund=base), expected=ONCE)
    assert len(score.decisions) == count
    assert score.passed is (count == 1)


def test_what_the_change_calls_a_read_stays_a_write() -> None:
    own = classes(refund=Effect.READ, look=Effect.READ)
    assert outcomes(scored(HARM, own=own)) == FOUND


def test_what_only_the_change_calls_a_write_is_one() -> None:
    own = classes(refund=Effect.WRITE, look=Effect.WRITE)
    assert outcomes(scored([("look", {"id": "1"})], own=own)) == [
        ("look.class", Outcome.UNEXPECTED)
    ]


def test_a_tool_that_the_base_does_not_class_is_unclassified() -> None:
    mine = tools(refund=REFUND, look=REFUND, wire=REFUND)
    own = classes(refund=Effect.WRITE, look=Effect.READ, wire=Effect.READ)
    assert outcomes(scored([("wire", {"id": "1"})], mine=mine, own=own)) == [
        (UNCLASSIFIED.name, Outcome.UNEXPECTED)
    ]


def test_a_changed_default_is_not_what_the_case_meant() -> None:
    """The case leaves the amount out, which meant 10; the change's tool pays 1000."""
    expected = [{"name": "refund", "arguments": {"id": "1"}}]
    calls = [("refund", {"id": "1"})]
    assert scored(calls, expected=expected).passed is True
    score = scored(calls, mine=tools(refund=DEARER, look=REFUND), expected=expected)
    assert [item.outcome for item in score.decisions] == [Outcome.WRONG_ARGUMENTS]
    assert json.loads(score.decisions[0].actual or "")["arguments"]["amount"] == 1000
