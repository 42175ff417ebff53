"""Decided cases pass and fail as they were decided; every decision on an action is an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.accepting.asked import asked_by, merge
from dialgate_evals.events.accepting.decisions import Decision, Word
from dialgate_evals.events.accepting.documents import accepted_case, events_of
from dialgate_evals.events.review_event_lines import parse_event
from dialgate_evals.events.review_events import EventSource, ReviewEvent
from dialgate_evals.suite.case import Case, parse_case
from dialgate_evals.suite.case_files import case_problems
from tests.evals.builders import call
from tests.evals.events.accepting.review_items import (
    READER,
    a_decision,
    case_of,
    item_of,
    trial_of,
)

if TYPE_CHECKING:
    from dialgate_evals.events.accepting.review_item import ReviewItem

JUDGE = READER.judge
PAY, PAY_2, MAIL, ASK = call("pay"), call("pay", 2), call("mail"), call("ask")
CALLS = [PAY, PAY_2, MAIL, ASK, call("pay", 500)]


def accepted(item: ReviewItem, *decisions: Decision, case: Case | None = None) -> dict[str, Any]:
    rows = [(decision, item, asked_by(decision, item, JUDGE)) for decision in decisions]
    merged = merge([(decision, asked) for decision, _, asked in rows], JUDGE)
    assert merged.contradiction is None
    return accepted_case(case or item.case, merged, rows, JUDGE, "1")


def passes(document: dict[str, Any], *calls: dict[str, Any]) -> bool:
    assert case_problems(document, "cases.jsonl", 1) == []
    return bool(READER.score(parse_case(document), trial_of(*calls)).passed)


some = st.lists(st.sampled_from([*CALLS, call("look")]), max_size=4)


@given(some, some)
def test_right_passes_what_was_done_whatever_the_case_expected(
    done: list[Any], expected: list[Any]
) -> None:
    case = case_of(*[item for item in expected if item["name"] != "look"])
    item = item_of(*done, case=case)
    document = accepted(item, a_decision(item, Word.RIGHT))
    assert passes(document, *done)
    assert accepted(item, a_decision(item, Word.RIGHT), case=parse_case(document)) == document


@given(some, some)
def test_should_be_passes_what_is_asked_for_and_not_what_was_done(
    done: list[Any], wanted: list[Any]
) -> None:
    wanted = [item for item in wanted if item["name"] != "look"]
    item = item_of(*done)
    document = accepted(item, a_decision(item, Word.SHOULD_BE, *wanted))
    assert passes(document, *wanted)
    writes = sorted(str(one) for one in done if one["name"] != "look")
    assert passes(document, *done) is (writes == sorted(map(str, wanted)))


@given(some.filter(lambda calls: any(item["name"] != "look" for item in calls)))
def test_wrong_and_nothing_fail_what_was_done(done: list[Any]) -> None:
    item = item_of(*done)
    for word in (Word.WRONG, Word.NOTHING):
        document = accepted(item, a_decision(item, word))
        assert not passes(document, *done)
        assert passes(document, call("look"))
    assert accepted(item, a_decision(item, Word.WRONG))["origin"] == "reviewer"


def test_a_forbidden_call_fails_and_the_rest_stays_expected() -> None:
    item = item_of(PAY, MAIL)
    document = accepted(item, a_decision(item, Word.FORBID, forbid=0))
    assert passes(document, MAIL)
    assert not passes(document, PAY, MAIL)
    whole = accepted(item, a_decision(item, Word.FORBID, forbid=0, any_arguments=True))
    assert not passes(whole, PAY_2, MAIL)


def test_what_a_person_wrote_stays_where_the_trajectory_meets_it() -> None:
    where = {"name": "pay", "where": {"properties": {"n": {"minimum": 1}}}}
    case = case_of(where, critical=True, tags=["money"], expect={"forbid": [{"name": "mail"}]})
    item = item_of(PAY_2, case=case)
    assert accepted(item, a_decision(item, Word.RIGHT)) == case.document


def test_an_import_is_marked_as_looked_at_and_keeps_where_it_is_from() -> None:
    case = case_of(PAY, source={"imported": "log.jsonl:3"}, tags=["imported"])
    item = item_of(PAY, case=case)
    document = accepted(item, a_decision(item, Word.RIGHT, reason="as the shop does it"))
    assert document["expect"] == case.document["expect"]
    assert document["source"]["imported"] == "log.jsonl:3"
    assert document["source"]["reviewer"] == "Ada"
    assert document["source"]["reason"] == "as the shop does it"
    assert (document["origin"], document["tags"]) == ("golden", ["imported"])


def test_a_reviewers_case_names_event_decision_reviewer_time_release_and_proposal() -> None:
    item = item_of(PAY)
    source = accepted(item, a_decision(item, Word.SHOULD_BE, PAY_2))["source"]
    event_id = source.pop("event_id")
    assert event_id.startswith("accept-")
    assert source == {
        "decision": "differed", "reviewer": "Ada", "occurred_at": "2026-11-01T08:00:00.000Z",
        "release": "1", "mode": "shadow", "task_id": "c trial 0", "proposed": PAY,
        "corrected": PAY_2,
    }  # fmt: skip


def test_a_decision_on_no_action_is_a_case_and_no_event() -> None:
    item = item_of(call("look"))
    decision = a_decision(item, Word.SHOULD_BE, MAIL)
    assert list(events_of(decision, item, asked_by(decision, item, JUDGE), JUDGE, "1")) == []
    document = accepted(item, decision)
    assert passes(document, MAIL)
    assert document["source"]["proposed"] is None
    assert "event_id" not in document["source"]


def test_a_forbidden_call_is_forbidden_no_more_once_a_decision_asks_for_it() -> None:
    item = item_of(PAY)
    before = parse_case(accepted(item, a_decision(item, Word.WRONG)))
    after = accepted(item, a_decision(item, Word.RIGHT), case=before)
    assert passes(after, PAY)
    assert after["origin"] == "golden"


@pytest.mark.parametrize(
    ("done", "word", "wanted", "decisions"),
    [
        ([PAY, MAIL], Word.RIGHT, [], [("agreed", None), ("agreed", None)]),
        ([PAY, MAIL], Word.WRONG, [], [("differed", None), ("differed", None)]),
        ([PAY, MAIL], Word.NOTHING, [], [("differed", None), ("differed", None)]),
        ([PAY, MAIL], Word.SHOULD_BE, [MAIL, PAY_2], [("differed", PAY_2), ("agreed", None)]),
        ([PAY], Word.SHOULD_BE, [ASK], [("differed", ASK)]),
        ([PAY, MAIL], Word.SHOULD_BE, [ASK], [("differed", None), ("differed", None)]),
        ([PAY, PAY], Word.SHOULD_BE, [PAY], [("agreed", None), ("differed", None)]),
    ],
    ids=["right", "wrong", "nothing", "an edit", "another tool", "which is not said", "twice"],
)
def test_each_action_has_its_event(
    done: list[Any], word: Word, wanted: list[Any], decisions: list[Any]
) -> None:
    item = item_of(*done)
    decision = a_decision(item, word, *wanted, review_s=8.0)
    rows = list(events_of(decision, item, asked_by(decision, item, JUDGE), JUDGE, "1"))
    assert [(row["decision"], row.get("corrected")) for row in rows] == decisions
    events = [parse_event(row, file="events.jsonl", place="line 1") for row in rows]
    for event in events:
        assert isinstance(event, ReviewEvent), event
        assert event.source is EventSource.ACCEPT
    assert len({row["event_id"] for row in rows}) == len(done)
    assert rows == list(events_of(decision, item, asked_by(decision, item, JUDGE), JUDGE, "1"))
