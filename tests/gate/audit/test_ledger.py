"""The ledger: any change of what was written is found, and said where."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.review_events import Mode
from dialgate_evals.files.json_text import json_line
from dialgate_gate.audit.dial_ledger import promotions
from dialgate_gate.audit.ledger import (
    FIRST,
    LedgerEntry,
    Move,
    modes_after,
    next_entry,
    read_ledger,
)


def a_move(name: str = "refund", after: Mode = Mode.ON_THE_LOOP, **more: Any) -> Move:
    return Move(
        at="2026-11-23T09:00:00Z",
        by="Ada",
        action_class=name,
        before=Mode.IN_THE_LOOP,
        after=after,
        **more,
    )


def a_release(version: str) -> dict[str, Any]:
    return {"version": version, "fingerprint": "sha256:0", "components": {"model": version}}


def test_a_class_rests_on_its_last_promotion_to_where_it_is_or_beyond() -> None:
    """What it fell from had asked for more."""
    up, out = Mode.ON_THE_LOOP, Mode.OUT_OF_THE_LOOP
    moves = [
        a_move(after=up, release=a_release("1")),
        replace(a_move(after=out, release=a_release("2")), before=up),
        replace(a_move(after=up), before=out),
    ]
    assert promotions(chain(*moves))["refund"].release == a_release("2")
    down = replace(a_move(after=Mode.SHADOW), before=up)
    assert promotions(chain(*moves, down))["refund"].release == a_release("2")


def test_a_class_that_rose_again_rests_on_what_it_showed_then() -> None:
    first, again = (a_move(release=a_release(version)) for version in ("1", "3"))
    down = replace(a_move(after=Mode.IN_THE_LOOP), before=Mode.ON_THE_LOOP)
    assert promotions(chain(first, down, again))["refund"].release == a_release("3")


def test_a_release_that_is_none_breaks_the_chain() -> None:
    (entry,) = chain(a_move(release=a_release("1")))
    bads: list[Any] = [{}, {"version": 1}, {**a_release("1"), "more": 1}, "1", []]
    for bad in bads:
        document = {**entry.as_json(), "release": bad}
        _, defects = read_ledger([json_line(document)])
        assert defects == ["line 1: no entry of a ledger"]


def chain(*moves: Move) -> list[LedgerEntry]:
    entries: list[LedgerEntry] = []
    for move in moves:
        entries.append(next_entry(entries, move))
    return entries


def lines(entries: list[LedgerEntry]) -> list[bytes]:
    return [json_line(entry.as_json()) for entry in entries]


THREE = chain(a_move(), a_move("email", reason="why not"), a_move(after=Mode.SHADOW))


def test_what_was_written_reads_back() -> None:
    assert read_ledger(lines(THREE)) == (THREE, [])
    assert THREE[0].previous == FIRST
    assert [entry.number for entry in THREE] == [1, 2, 3]


def test_the_last_entry_of_a_class_says_where_it_is() -> None:
    last = modes_after(THREE)
    assert {name: entry.after for name, entry in last.items()} == {
        "refund": Mode.SHADOW, "email": Mode.ON_THE_LOOP,
    }  # fmt: skip


def test_an_edited_line_is_named() -> None:
    edited = [*lines(THREE)]
    edited[1] = edited[1].replace(b"why not", b"because")
    entries, defects = read_ledger(edited)
    assert len(entries) == 1
    assert defects == ["line 2: its content is not what was sealed: the line was edited"]


@pytest.mark.parametrize("order", [[0, 2], [1, 2], [0, 2, 1], [0, 0, 1, 2], [0, 1, 1, 2]])
def test_a_line_removed_added_or_moved_is_named(order: list[int]) -> None:
    entries, defects = read_ledger([lines(THREE)[index] for index in order])
    assert len(entries) < len(order)
    assert "does not follow the line before it" in defects[0]


def test_an_entry_sealed_anew_breaks_the_next() -> None:
    forged = replace(THREE[0], by="Mallory").sealed()
    _, defects = read_ledger(lines([forged, *THREE[1:]]))
    assert defects[0].startswith("line 2:")


@given(st.integers(0, len(b"".join(lines(THREE))) - 1), st.integers(1, 255))
def test_no_changed_byte_goes_unseen(place: int, change: int) -> None:
    raw = bytearray(b"".join(lines(THREE)))
    raw[place] ^= change
    entries, defects = read_ledger(bytes(raw).splitlines(keepends=True))
    # A line feed more or less around an entry is the only change that changes nothing.
    assert defects or entries != THREE or bytes(raw).split() == b"".join(lines(THREE)).split()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"{",
        json.dumps({**THREE[0].as_json(), "extra": 1}).encode(),
        json.dumps({**THREE[0].as_json(), "after": "nowhere"}).encode(),
        json.dumps({**THREE[0].as_json(), "number": True}).encode(),
        json.dumps({**THREE[0].as_json(), "schema": 2}).encode(),
    ],
)
def test_what_is_no_entry_is_refused(line: bytes) -> None:
    entries, defects = read_ledger([line])
    assert entries == []
    assert defects[0].startswith("line 1: no entry of a ledger")
