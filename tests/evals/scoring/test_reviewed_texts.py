"""A reviewer who edits a text that judges compare says that it doesn't say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.actions.argument_rules import parse_rules
from dialgate_evals.scoring.expected_actions import prepare_case
from dialgate_evals.scoring.reviewed_texts import labels_by_reviewers
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.tools import ToolRegistry

if TYPE_CHECKING:
    from dialgate_evals.actions.rubrics.labels.label import Label

RIGHT = {"name": "send_email", "arguments": {"to": "a", "body": "You get 10 EUR back."}}
PROPOSED = {"name": "send_email", "arguments": {"to": "a", "body": "You get nothing back."}}
EDIT = {
    "event_id": "e1",
    "decision": "edited",
    "reviewer": "Ada",
    "occurred_at": "2026-11-01T08:00:00Z",
    "release": "3",
    "proposed": PROPOSED,
    "corrected": RIGHT,
}


def labels(rules: dict[str, Any], **source: Any) -> list[Label]:
    case = parse_case(
        {
            "schema": 1,
            "id": "shop-e1",
            "origin": "reviewer",
            "messages": [{"role": "user", "content": "Where is my money?"}],
            "expect": {"actions": [RIGHT]},
            "source": {**EDIT, **source},
        }
    )
    mail = {
        "tools": ["send_email"], "effect": "write", "blast_radius": "low", "reversible": True,
    }  # fmt: skip
    actions = ActionRegistry(
        classes=parse_classes({"class": {"mail": mail}}), rules={"send_email": parse_rules(rules)}
    )
    tools = ToolRegistry(tools={})
    return list(labels_by_reviewers(case, prepare_case(case, tools=tools, actions=actions), tools))


JUDGED = {"/body": {"judge": "says the same as"}}


def test_an_edit_of_the_text_alone_is_a_no_by_the_reviewer() -> None:
    (label,) = labels(JUDGED)
    assert (label.word, label.person, label.release, label.case) == ("no", "Ada", "3", "shop-e1")
    assert label.question.criterion.name == "send_email/body"
    assert label.question.criterion.same_as == "You get 10 EUR back."
    assert label.question.text == "You get nothing back."
    assert label.chosen == "drawn"


@pytest.mark.parametrize(
    ("rules", "source"),
    [
        ({}, {}),
        (JUDGED, {"decision": "approved"}),
        (JUDGED, {"proposed": {**PROPOSED, "arguments": {"to": "b", "body": "No."}}}),
        (JUDGED, {"proposed": {**PROPOSED, "name": "call"}}),
        (JUDGED, {"proposed": RIGHT}),
        (JUDGED, {"proposed": None}),
        (JUDGED, {"reviewer": None}),
    ],
    ids=["no judged text", "approved", "something else edited too", "another tool", "same text",
         "nothing proposed", "nobody named"],
)  # fmt: skip
def test_anything_else_says_nothing_of_the_text(
    rules: dict[str, Any], source: dict[str, Any]
) -> None:
    assert labels(rules, **source) == []


def test_each_reviewer_of_a_merged_case_is_heard() -> None:
    assert [item.person for item in labels(JUDGED, merged=[{**EDIT, "reviewer": "Bo"}])] == [
        "Ada",
        "Bo",
    ]
