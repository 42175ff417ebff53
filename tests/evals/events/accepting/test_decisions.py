"""A reviewer's book: decisions and undo in any order leave what a plain stack would."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.accepting.decisions import (
    Book,
    Decision,
    OutOfStepError,
    Undo,
    UnfitError,
    Word,
    parse_entry,
)
from tests.evals.builders import call

AT = "2026-11-01T08:00:00.000Z"
ENTRY = {"do": "decide", "seq": 1, "at": AT, "item": "i", "word": "right"}

words = st.sampled_from([Word.RIGHT, Word.WRONG, Word.NOTHING])
steps = st.lists(
    st.tuples(st.sampled_from("abc"), words, st.booleans()) | st.just("undo"), max_size=30
)


def replay(entries: list[dict[str, Any]]) -> Book:
    """What a reload makes of the journal's lines."""
    book = Book(reviewer="Ada")
    for entry in entries:
        book.add(parse_entry(json.loads(json.dumps(entry)), "Ada"))
    return book


@given(steps)
def test_random_decisions_undo_and_reload_end_in_the_same_state(moves: list[Any]) -> None:
    book = Book(reviewer="Ada")
    stack: list[Decision] = []
    lines: list[dict[str, Any]] = []
    for move in moves:
        if move == "undo":
            if not stack:
                assert book.last is None
                continue
            entry: Decision | Undo = Undo(seq=book.entries + 1, at=AT, undoes=stack.pop().seq)
        else:
            item, word, settles = move
            entry = Decision(
                seq=book.entries + 1, item=item, word=word, reviewer="Ada", at=AT, settles=settles
            )
            stack.append(entry)
        book.add(entry)
        lines.append(entry.as_json())
    again = replay(lines)
    for settles in (False, True):
        wanted = {item.item: item for item in stack if item.settles is settles}
        assert book.standing(settles=settles) == again.standing(settles=settles) == wanted
    assert book.last == again.last == (stack[-1] if stack else None)
    assert book.entries == again.entries == len(lines)


@given(steps)
def test_every_decision_can_be_undone_to_what_stood_before(moves: list[Any]) -> None:
    book = Book(reviewer="Ada")
    seen = []
    for move in moves:
        if move == "undo":
            continue
        item, word, settles = move
        seen.append((book.standing(), book.standing(settles=True)))
        seq = book.entries + 1
        book.add(Decision(seq=seq, item=item, word=word, reviewer="Ada", at=AT, settles=settles))
    while seen:
        assert book.last is not None
        book.add(Undo(seq=book.entries + 1, at=AT, undoes=book.last.seq))
        assert (book.standing(), book.standing(settles=True)) == seen.pop()


@pytest.mark.parametrize(
    "entry",
    [
        {**ENTRY, "seq": 2},
        {"do": "undo", "seq": 1, "at": AT, "undoes": 1},
    ],
    ids=["a gap", "nothing to undo"],
)
def test_an_entry_that_can_not_follow_is_refused_and_changes_nothing(entry: dict[str, Any]) -> None:
    book = Book(reviewer="Ada")
    with pytest.raises(OutOfStepError):
        book.add(parse_entry(entry, "Ada"))
    assert (book.entries, book.last) == (0, None)


def test_undo_takes_back_only_the_last_decision() -> None:
    book = replay([ENTRY, {**ENTRY, "seq": 2, "item": "j"}])
    with pytest.raises(OutOfStepError, match="not the last"):
        book.add(Undo(seq=3, at=AT, undoes=1))


@pytest.mark.parametrize(
    "changed",
    [
        {"do": "accept"},
        {"word": "fine"},
        {"word": ["right"]},
        {"word": "should_be"},
        {"word": "forbid"},
        {"calls": []},
        {"forbid": 0},
        {"word": "forbid", "forbid": -1},
        {"word": "forbid", "forbid": True},
        {"word": "should_be", "calls": [{"name": "pay"}]},
        {"word": "should_be", "calls": [{"name": "pay", "arguments": []}]},
        {"word": "should_be", "calls": [call("pay")] * 101},
        {"reason": "x" * 2_001},
        {"review_s": "long"},
        {"settles": "yes"},
        {"seq": 0},
        {"seq": True},
        {"item": ""},
        {"at": None},
        {"more": 1},
    ],
    ids=str,
)
def test_a_line_that_is_no_entry_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(UnfitError):
        parse_entry({**ENTRY, **changed}, "Ada")


anything = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)
nearly = st.dictionaries(
    st.sampled_from(["do", "seq", "at", "item", "word", "calls", "forbid"]),
    anything | st.sampled_from(["decide", "undo", "right"]),
)


@given(anything | nearly)
def test_no_line_breaks_the_reader(document: Any) -> None:
    try:
        entry = parse_entry(document, "Ada")
    except UnfitError:
        return
    assert entry.seq == document["seq"]
