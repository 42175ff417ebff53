"""What each word asks of a case, and when two decisions can't both be met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.events.accepting.asked import (
    RIGHT,
    Merged,
    asked_by,
    defects_of,
    merge,
    said_of,
)
from dialgate_evals.events.accepting.decisions import Decision, UnfitError, Word
from tests.evals.builders import call
from tests.evals.events.accepting.review_items import READER, a_decision, item_of

if TYPE_CHECKING:
    from dialgate_evals.events.accepting.review_item import ReviewItem

JUDGE = READER.judge
PAY, PAY_2, MAIL, ASK = call("pay"), call("pay", 2), call("mail"), call("ask")


def asked(item: ReviewItem, word: Word, *calls: dict[str, Any], **more: Any) -> tuple[Any, Any]:
    found = asked_by(a_decision(item, word, *calls, **more), item, JUDGE)
    return found.follow, found.forbid


@pytest.mark.parametrize(
    ("word", "calls", "more", "follow", "forbid"),
    [
        (Word.RIGHT, (), {}, (PAY, MAIL), ()),
        (Word.WRONG, (), {}, None, (PAY, MAIL)),
        (Word.NOTHING, (), {}, (), ()),
        (Word.SHOULD_BE, (PAY_2, MAIL), {}, (PAY_2, MAIL), (PAY,)),
        (Word.SHOULD_BE, (MAIL, PAY), {}, (MAIL, PAY), ()),
        (Word.FORBID, (), {"forbid": 0}, (MAIL,), (PAY,)),
        (Word.FORBID, (), {"forbid": 1, "any_arguments": True}, (PAY,), ({"name": "mail"},)),
    ],
    ids=["right", "wrong", "nothing", "an edit", "another order", "forbid", "forbid the tool"],
)
def test_each_word_asks_for_its_own(
    word: Word, calls: Any, more: dict[str, Any], follow: Any, forbid: Any
) -> None:
    item = item_of(call("look"), PAY, MAIL)
    assert asked(item, word, *calls, **more) == (follow, forbid)


def test_reads_failed_and_invalid_calls_are_no_actions_to_decide_on() -> None:
    item = item_of(call("look"), call("pay", "no number"), call("nonsense"), MAIL)
    assert [action.call["name"] for action in item.actions] == ["pay", "nonsense", "mail"]
    assert item.actions[-1].action_class == "mail"


def test_wrong_needs_something_that_was_done() -> None:
    item = item_of(call("look"))
    with pytest.raises(UnfitError, match="say what it should be"):
        asked(item, Word.WRONG)
    with pytest.raises(UnfitError, match="no such action"):
        asked(item, Word.FORBID, forbid=0)


def test_no_case_can_expect_a_read_or_a_call_that_breaks_its_schema() -> None:
    item = item_of()
    for bad in (call("look"), call("pay", "x"), call("nonsense")):
        decision = a_decision(item, Word.SHOULD_BE, bad)
        assert len(defects_of(asked_by(decision, item, JUDGE), JUDGE)) == 1


def merged(*decisions: tuple[Decision, ReviewItem]) -> Merged:
    return merge([(d, asked_by(d, item, JUDGE)) for d, item in decisions], JUDGE)


def test_two_right_trials_with_other_actions_are_as_good_as_each_other() -> None:
    one, other = item_of(PAY), item_of(MAIL)
    found = merged((a_decision(one, Word.RIGHT), one), (a_decision(other, Word.RIGHT), other))
    assert found.lists == ((PAY,), (MAIL,))
    same = item_of(PAY, MAIL), item_of(MAIL, PAY)
    found = merged(*((a_decision(item, Word.RIGHT), item) for item in same))
    assert found.lists == ((PAY, MAIL),), "in another order it is the same list"


def test_wrong_alone_expects_no_action_and_forbids_what_was_done() -> None:
    item = item_of(PAY)
    found = merged((a_decision(item, Word.WRONG), item))
    assert (found.lists, found.forbid) == (((),), (PAY,))


def test_wrong_by_one_and_should_be_by_another_can_both_be_met() -> None:
    item = item_of(PAY)
    found = merged(
        (a_decision(item, Word.WRONG), item),
        (a_decision(item, Word.SHOULD_BE, PAY_2, reviewer="Bob"), item),
    )
    assert (found.lists, found.forbid, found.contradiction) == (((PAY_2,),), (PAY,), None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((Word.RIGHT,), (Word.WRONG,)),
        ((Word.RIGHT,), (Word.NOTHING,)),
        ((Word.RIGHT,), (Word.SHOULD_BE, PAY_2)),
        ((Word.SHOULD_BE, PAY_2), (Word.SHOULD_BE, MAIL)),
        ((Word.SHOULD_BE, PAY), (Word.WRONG,)),
    ],
    ids=str,
)
def test_reviewers_contradict_each_other_on_one_trajectory(one: Any, other: Any) -> None:
    item = item_of(PAY)
    found = merged((a_decision(item, *one), item), (a_decision(item, *other, reviewer="Bob"), item))
    assert found.contradiction is not None
    assert "Ada" in found.contradiction
    assert "Bob" in found.contradiction
    assert found.lists == ()


def test_trials_of_a_case_contradict_each_other() -> None:
    acts, waits = item_of(PAY), item_of(call("look"))
    found = merged((a_decision(acts, Word.RIGHT), acts), (a_decision(waits, Word.NOTHING), waits))
    assert found.contradiction is not None
    assert "on two trials of the case" in found.contradiction


def test_an_edit_to_what_was_done_says_right() -> None:
    item = item_of(PAY, MAIL)
    for decision in (a_decision(item, Word.RIGHT), a_decision(item, Word.SHOULD_BE, MAIL, PAY)):
        assert said_of(asked_by(decision, item, JUDGE), item, JUDGE) == RIGHT
    wrong = asked_by(a_decision(item, Word.WRONG), item, JUDGE)
    assert said_of(wrong, item, JUDGE) != RIGHT
    still = item_of()
    nothing = asked_by(a_decision(still, Word.NOTHING), still, JUDGE)
    assert said_of(nothing, still, JUDGE) == RIGHT
