"""A reviewer who leaves or replaces a text that judges compare says what it is worth, or not."""

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


def mail(**arguments: str) -> dict[str, Any]:
    return {"name": "send_email", "arguments": {"to": "a", **arguments}}


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


def labels(
    rules: dict[str, Any], *expected: dict[str, Any], other: Any = None, **source: Any
) -> list[Label]:
    case = parse_case(
        {
            "schema": 1,
            "id": "shop-e1",
            "origin": "reviewer",
            "messages": [{"role": "user", "content": "Where is my money?"}],
            "expect": {
                "actions": list(expected) or [RIGHT],
                "alternatives": [] if other is None else [other],
            },
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
        (JUDGED, {"decision": "approved", "proposed": RIGHT}),
        (JUDGED, {"decision": "rejected"}),
        (JUDGED, {"decision": "taken_over"}),
        (JUDGED, {"decision": "agreed"}),
        (JUDGED, {"decision": "differed"}),
        (JUDGED, {"corrected": None}),
        (JUDGED, {"corrected": PROPOSED}),
        (JUDGED, {"corrected": {"name": "call", "arguments": {}}}),
        (JUDGED, {"corrected": mail(body="you get  nothing back.")}),
        (JUDGED, {"proposed": {**PROPOSED, "arguments": {"to": "b", "body": "No."}}}),
        (JUDGED, {"proposed": {**PROPOSED, "name": "call"}}),
        (JUDGED, {"proposed": RIGHT}),
        (JUDGED, {"proposed": None}),
        (JUDGED, {"reviewer": None}),
    ],
    ids=["no judged text", "approved as expected", "rejected", "taken over", "agreed unseen",
         "differed unseen", "no correction", "left as it was", "corrected to another tool",
         "blanks and case alone", "something else edited too", "another tool", "same text",
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


OTHER = mail(body="Ten euros are on their way to you.")


def test_a_text_in_other_words_that_was_approved_is_a_yes_by_the_reviewer() -> None:
    (label,) = labels(JUDGED, decision="approved", proposed=OTHER, corrected=None)
    assert (label.word, label.person, label.chosen) == ("yes", "Ada", "drawn")
    assert label.question.text == "Ten euros are on their way to you."
    assert label.question.criterion.same_as == "You get 10 EUR back."


@pytest.mark.parametrize(
    ("decision", "proposed", "word"), [("agreed", OTHER, "yes"), ("differed", PROPOSED, "no")]
)
def test_who_decided_in_accept_has_looked(
    decision: str, proposed: dict[str, Any], word: str
) -> None:
    (label,) = labels(JUDGED, decision=decision, proposed=proposed, event_id="accept-1f-1")
    assert label.word == word


def test_an_override_that_replaces_the_text_alone_is_a_no() -> None:
    (label,) = labels(JUDGED, decision="overridden")
    assert label.word == "no"


def test_of_two_texts_the_edited_one_alone_has_a_label() -> None:
    rules = {**JUDGED, "/subject": {"judge": "says the same as"}}
    right = mail(body="You get 10 EUR back.", subject="Your refund")
    proposed = mail(body="You get nothing back.", subject="About your money")
    corrected = mail(body="You get 10 EUR back.", subject="About your money")
    (label,) = labels(rules, right, proposed=proposed, corrected=corrected)
    assert label.question.of == "send_email/body"


@pytest.mark.parametrize("decision", ["edited", "approved"])
def test_where_a_case_expects_several_such_calls_nobody_knows_which_is_meant(decision: str) -> None:
    second = mail(body="Your parcel comes on Monday.")
    assert labels(JUDGED, RIGHT, second, decision=decision) == []
    assert labels(JUDGED, RIGHT, other=[second], decision=decision) == []
