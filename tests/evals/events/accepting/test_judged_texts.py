"""Words that a reviewer puts in the place of an agent's are no "right", and stand in the case."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.actions.argument_rules import parse_rules
from dialgate_evals.events.accepting.asked import RIGHT, asked_by, merge, pair, said_of
from dialgate_evals.events.accepting.decisions import Decision, Word
from dialgate_evals.events.accepting.documents import accepted_case, events_of
from dialgate_evals.events.accepting.review_item import ItemReader, ReviewItem
from dialgate_evals.scoring.expected_actions import prepare_case
from dialgate_evals.scoring.reviewed_texts import labels_by_reviewers
from dialgate_evals.suite.case import parse_case
from tests.evals.builders import tools
from tests.evals.events.accepting.review_items import a_decision, case_of, trial_of

CLASSES = {
    "class": {
        "mail": {"tools": ["mail"], "effect": "write", "blast_radius": "low", "reversible": True}
    }
}
READER = ItemReader.of(
    tools(required=[]),
    ActionRegistry(
        classes=parse_classes(CLASSES),
        rules={"mail": parse_rules({"/body": {"judge": "says the same as"}, "/log": "ignore"})},
    ),
)
JUDGE = READER.judge


def mail(body: str, **more: Any) -> dict[str, Any]:
    return {"name": "mail", "arguments": {"to": "a", "body": body, **more}}


EXPECTED, SAID, OWN = mail("You get 10 EUR.", log=1), mail("You get nothing."), mail("10 EUR!")


def an_item(*said: dict[str, Any], expects: dict[str, Any] = EXPECTED) -> ReviewItem:
    found = READER.read(case_of(expects), trial_of(*said))
    assert isinstance(found, ReviewItem)
    return found


def decided(item: ReviewItem, *decisions: Decision) -> dict[str, Any]:
    rows = [(decision, item, asked_by(decision, item, JUDGE)) for decision in decisions]
    merged = merge([(decision, asked) for decision, _, asked in rows], JUDGE)
    assert merged.contradiction is None
    return accepted_case(item.case, merged, rows, JUDGE, "1")


def event(item: ReviewItem, decision: Decision) -> dict[str, Any]:
    (found,) = events_of(decision, item, asked_by(decision, item, JUDGE), JUDGE, "1")
    return found


def words_of(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Person, word and text of each label that the case's reviewers gave."""
    case = parse_case(document)
    expected = prepare_case(case, tools=READER.tools, actions=READER.actions)
    found = labels_by_reviewers(case, expected, READER.tools)
    return [(item.person, item.word.value, item.question.text) for item in found]


def test_a_replaced_text_is_a_difference_with_its_correction() -> None:
    item = an_item(SAID)
    decision = a_decision(item, Word.SHOULD_BE, OWN)
    found = event(item, decision)
    assert (found["decision"], found["proposed"], found["corrected"]) == ("differed", SAID, OWN)
    assert said_of(asked_by(decision, item, JUDGE), item, JUDGE) != RIGHT


def test_the_case_then_expects_the_persons_words_and_the_agents_are_a_no() -> None:
    item = an_item(SAID)
    document = decided(item, a_decision(item, Word.SHOULD_BE, OWN))
    assert document["expect"]["actions"][0]["arguments"] == OWN["arguments"]
    assert document["origin"] == "reviewer"
    assert document["expect"].get("forbid", []) == []
    assert words_of(document) == [("Ada", "no", "You get nothing.")]


def test_a_kept_text_is_right_and_the_cases_own_words_stay() -> None:
    item = an_item(SAID)
    for decision in (a_decision(item, Word.RIGHT), a_decision(item, Word.SHOULD_BE, SAID)):
        assert event(item, decision)["decision"] == "agreed"
        document = decided(item, decision)
        assert document["expect"]["actions"] == [EXPECTED]


def test_who_says_right_and_who_rewrites_disagree_about_the_text_alone() -> None:
    item = an_item(SAID)
    right = a_decision(item, Word.RIGHT, reviewer="Bo")
    document = decided(item, right, a_decision(item, Word.SHOULD_BE, OWN))
    assert document["expect"]["actions"][0]["arguments"] == OWN["arguments"]
    assert words_of(document) == [
        ("Bo", "yes", "You get nothing."),
        ("Ada", "no", "You get nothing."),
    ]


@given(st.permutations([SAID, mail("a"), mail("b")]), st.permutations([SAID, mail("b"), OWN]))
def test_as_many_mails_as_can_be_stand_beside_their_own_words(
    said: list[dict[str, Any]], follow: list[dict[str, Any]]
) -> None:
    partners = pair(said, follow, JUDGE)
    assert sorted(map(str, partners)) == ["0", "1", "2"]
    same = [
        one for one, n in zip(said, partners, strict=True) if n is not None and follow[n] == one
    ]
    assert len(same) == 2


def test_of_two_mails_each_is_held_against_its_own_words() -> None:
    other = mail("Your parcel comes on Monday.")
    item = an_item(SAID, other)
    for follow, words in (
        ((other, SAID), ["agreed", "agreed"]),
        ((SAID, OWN), ["agreed", "differed"]),
        ((OWN, SAID), ["agreed", "differed"]),
        ((other, OWN), ["differed", "agreed"]),
    ):
        decision = a_decision(item, Word.SHOULD_BE, *follow)
        found = events_of(decision, item, asked_by(decision, item, JUDGE), JUDGE, "1")
        assert [row["decision"] for row in found] == words
