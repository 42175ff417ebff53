"""One case in plain lines: alike outcomes are counted, not repeated."""

from __future__ import annotations

from dialgate_reports.words.case_text import describe_case, group_decisions
from tests.reports.documents import an_entry


def test_alike_outcomes_are_one_line_with_their_number() -> None:
    entry = an_entry()
    entry["candidate"]["decisions"] *= 14
    lines = describe_case(entry)
    assert "  wrong_arguments in refund × 14" in lines
    assert sum("expected" in line for line in lines) == 1


def test_outcomes_with_other_calls_are_told_apart() -> None:
    one, two = (
        an_entry()["candidate"]["decisions"][0],
        an_entry(text="y")["candidate"]["decisions"][0],
    )
    assert group_decisions([one, two, one, {**one, "is_correct": True}]) == [(one, 2), (two, 1)]


def test_the_request_stands_under_the_id() -> None:
    assert describe_case(an_entry())[1] == '  asked: "Please refund x."'
