"""Annotations: at the case's line, the most urgent first, ten of a kind, nothing gets out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_reports.verdict.github_annotations import (
    Annotation,
    FilePlace,
    annotate_verdict,
    limit_annotations,
    render_annotations,
)
from dialgate_reports.verdict.no_verdict import annotate_failure, render_no_verdict
from tests.reports.documents import a_document, an_entry

if TYPE_CHECKING:
    from collections.abc import Sequence

SUITE = FilePlace(file="suites/shop/suite.toml")
CASES = {"case-1": FilePlace(file="golden/shop/a,b.jsonl", line=3)}


def annotate(entries: Sequence[dict[str, Any]], **more: Any) -> list[Annotation]:
    document = a_document(entries=list(entries), **more)
    return annotate_verdict(document, cases=CASES, suite=SUITE)


def test_the_verdict_comes_first_and_each_case_at_its_line() -> None:
    marks = annotate([an_entry()])
    assert [(mark.level, mark.place) for mark in marks] == [
        ("error", SUITE),
        ("error", CASES["case-1"]),
    ]
    assert render_annotations(marks[1:]).startswith(
        "::error file=golden/shop/a%2Cb.jsonl,line=3,title=case-1%3A broken%2C silent::"
        "wrong_arguments in refund: expected refund("
    )


def test_a_case_that_is_gone_is_marked_at_the_suite() -> None:
    assert annotate([an_entry(case="gone")])[1].place == SUITE


def test_a_pass_without_failing_cases_marks_nothing() -> None:
    assert annotate([], verdict="pass", exit_code=0) == []


@pytest.mark.parametrize(
    ("move", "critical", "exit_code", "level"),
    [
        ("broken", False, 1, "error"),
        ("broken", False, 3, "error"),
        ("broken", False, 0, "warning"),
        ("failing", False, 1, "warning"),
        ("failing", True, 1, "error"),
        ("added", True, 0, "warning"),
        ("flaky", False, 1, "notice"),
    ],
)
def test_what_stops_the_merge_is_an_error(
    move: str, critical: bool, exit_code: int, level: str
) -> None:
    entry = {**an_entry(move=move), "critical": critical}
    verdict = "pass" if exit_code == 0 else "fail"
    assert annotate([entry], verdict=verdict, exit_code=exit_code)[-1].level == level


def test_fixed_and_quarantined_cases_are_not_marked() -> None:
    quarantined = {**an_entry(), "quarantined": True}
    assert len(annotate([an_entry(move="fixed"), quarantined])) == 1


def test_no_more_than_ten_of_a_kind() -> None:
    entries = [an_entry(move=move) for move in ("broken", "failing", "flaky") for _ in range(30)]
    kept = limit_annotations(annotate(entries))
    assert [mark.level for mark in kept].count("error") == 10
    assert len(kept) == 30


@given(text=st.text())
def test_no_text_begins_or_ends_a_command(text: str) -> None:
    entry = {**an_entry(case=text, text=text), "move": "broken"}
    place = FilePlace(file=text.replace("\x00", ""), line=1)
    marks = annotate_verdict(a_document(entries=[entry]), cases={text: place}, suite=None)
    lines = render_annotations(marks).split("\n")
    assert len(lines) == len(marks) + 1
    assert all("\r" not in line for line in lines)
    head = lines[1].partition("::")[2].partition("::")[0]
    assert head.count(":") == 0
    assert head.count(",") == 2


@given(log=st.text(max_size=3000), code=st.integers(0, 255))
def test_a_check_without_a_verdict_is_told_within_the_limit(log: str, code: int) -> None:
    text = render_no_verdict(code, log, limit_bytes=1500)
    assert len(text.encode()) <= 1500
    assert f"exit code {code}" in text
    assert "never a pass" in text
    assert render_annotations(annotate_failure(code, log)).count("\n") >= 1


def test_a_flood_of_words_is_cut_and_counted() -> None:
    text = render_no_verdict(2, "a problem\n" * 900, limit_bytes=60_000)
    assert "… and 700 more lines" in text
