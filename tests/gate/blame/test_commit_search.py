"""The first breaking commit of a line, with commits that can't be asked."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.blame.commit_search import find_breaking
from dialgate_gate.blame.question import Answer
from dialgate_gate.blame.search import SpentError


@given(st.data())
def test_the_guilty_commit_is_found_or_lies_among_those_that_can_not_be_asked(
    data: st.DataObject,
) -> None:
    size = data.draw(st.integers(1, 60))
    guilty = data.draw(st.integers(0, size - 1))
    broken = data.draw(st.sets(st.integers(0, size - 1), max_size=size // 2))
    asked: list[int] = []

    def ask(place: int) -> Answer | None:
        asked.append(place)
        if place in broken:
            return None
        return Answer.BREAKS if place >= guilty else Answer.HOLDS

    found = find_breaking(size, ask)
    assert found.first <= guilty <= found.last
    assert set(range(found.first, found.last)) <= set(found.skipped) <= broken
    assert len(asked) == len(set(asked)) == found.asked
    if not broken:
        assert found.first == found.last
        assert found.asked <= math.ceil(math.log2(size)) if size > 1 else found.asked == 0


def test_a_spent_budget_leaves_what_is_known() -> None:
    answers = iter([Answer.HOLDS])

    def ask(_: int) -> Answer:
        try:
            return next(answers)
        except StopIteration:
            raise SpentError from None

    found = find_breaking(30, ask)
    assert not found.is_done
    assert (found.first, found.last) == (15, 29)
