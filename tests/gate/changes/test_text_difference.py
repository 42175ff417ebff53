"""Differences of texts: nothing is lost, nothing is made up, long equal parts are counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.changes.text_difference import compare_lines, compare_words

WORDS = st.lists(st.sampled_from(["Refund", "up", "to", "50", ".", "\n", "é"]), max_size=20)


def test_equal_texts_have_no_difference() -> None:
    assert compare_words("the same", "the same") == []
    assert compare_lines("", "") == []


def test_one_word_is_one_removal_and_one_addition() -> None:
    pieces = compare_words("Ask when in doubt.", "Act when in doubt.")
    assert [p["op"] for p in pieces] == ["removed", "added", "same"]
    assert [p["text"] for p in pieces] == ["Ask", "Act", " when in doubt."]


def test_a_long_equal_stretch_is_left_out_and_counted() -> None:
    same = " ".join(f"w{i}" for i in range(200))
    pieces = compare_words(f"old {same}", f"new {same}")
    assert [p["op"] for p in pieces] == ["removed", "added", "same", "skipped"]
    assert pieces[-1]["text"] == "186 words"


def test_lines_are_compared_whole() -> None:
    pieces = compare_lines("a\nb\n", "a\nc\n")
    assert pieces == [
        {"op": "same", "text": "a\n"},
        {"op": "removed", "text": "b\n"},
        {"op": "added", "text": "c\n"},
    ]


def test_texts_of_very_many_words_are_shown_as_replaced() -> None:
    pieces = compare_words("a " * 20_000, "b " * 20_000)
    assert [p["op"] for p in pieces] == ["removed", "added"]


@given(WORDS, WORDS)
def test_the_pieces_hold_both_texts(before: list[str], now: list[str]) -> None:
    old, new = " ".join(before), " ".join(now)
    pieces = compare_words(old, new)
    if old == new:
        assert pieces == []
        return
    if any(p["op"] == "skipped" for p in pieces):
        return
    assert "".join(p["text"] for p in pieces if p["op"] != "added") == old
    assert "".join(p["text"] for p in pieces if p["op"] != "removed") == new


@given(WORDS, WORDS)
def test_swapping_the_sides_swaps_what_was_added_and_removed(
    before: list[str], now: list[str]
) -> None:
    old, new = " ".join(before), " ".join(now)
    ops = {p["op"] for p in compare_words(old, new)} - {"same", "skipped"}
    swapped = {p["op"] for p in compare_words(new, old)} - {"same", "skipped"}
    assert ops == {{"removed": "added", "added": "removed"}[op] for op in swapped}
