"""Server-sent events, in whatever pieces they come."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.recording import event_stream
from dialgate_evals.recording.event_stream import Event, EventParser, event_bytes

if TYPE_CHECKING:
    import pytest

STREAM = (
    b'\xef\xbb\xbfevent: a\ndata: {"x":\ndata: 1}\n\n: a comment\n\ndata:no blank\r\n\r\n'
    b"id: 7\nretry: 10\n\nevent: b\rdata: \xc3\xa4\r\r"
)
EVENTS = [
    Event(name="a", data='{"x":\n1}'), Event(data="no blank"), Event(name="b", data="ä"),
]  # fmt: skip


def parsed(*pieces: bytes) -> list[Event]:
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)] + list(parser.end())


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_where_pieces_end_does_not_matter(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in pairwise(places)]
    assert parsed(*pieces) == EVENTS


@given(st.builds(Event, name=st.from_regex(r"[a-z.]*", fullmatch=True), data=st.text("aä\n: ")))
def test_what_is_written_is_read_again(event: Event) -> None:
    assert parsed(event_bytes(event)) == [event]


def test_an_event_comes_as_soon_as_its_blank_line_is_there() -> None:
    parser = EventParser()
    assert list(parser.feed(b"data: 1\n")) == []
    assert list(parser.feed(b"\n")) == [Event(data="1")]


def test_an_event_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "MOST_PENDING_BYTES", 1000)
    parser = EventParser()
    assert [list(parser.feed(b"data: " + b"x" * 200)) for _ in range(6)] == [[]] * 6
    assert parser.is_broken
    assert list(parser.feed(b"\n\ndata: 1\n\n")) == []
