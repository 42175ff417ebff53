"""The comment's first screen: the verdict second, the report linked, folds after 40 lines."""

from __future__ import annotations

import pytest

from dialgate_reports.verdict.markdown import MOST_LINES, render_markdown
from tests.reports.documents import a_class, a_document


def before_folds(text: str) -> list[str]:
    return text.partition("<details>")[0].splitlines()


def test_the_verdict_is_the_second_column() -> None:
    rows = [line for line in render_markdown(a_document()).splitlines() if line.startswith("|")]
    assert [line.split(" | ")[1] for line in rows] == ["Verdict", "---", "❌\u00a0fail"]


@pytest.mark.parametrize("number", [1, 12, 40])
def test_what_stands_before_the_folds_fits_on_a_screen(number: int) -> None:
    classes = [a_class(f"class-{i}", "inconclusive") for i in range(number)]
    reasons = [f"class-{i}: too few." for i in range(3 * number)]
    document = a_document(verdict="inconclusive", classes=classes, reasons=reasons)
    shown = render_markdown(document, report="https://example.com/run/1")
    assert len(before_folds(shown)) <= MOST_LINES
    for item in classes:
        assert f"`{item['action_class']}`" in shown


def test_the_report_is_linked_at_the_top() -> None:
    shown = render_markdown(a_document(), report="https://example.com/a/b/actions/runs/1")
    assert "[The full report](https://example.com/a/b/actions/runs/1)" in before_folds(shown)[4]


@pytest.mark.parametrize("place", ["out/v.html", "javascript:alert(1)", "https://x/)(y", "`a`"])
def test_what_is_no_address_is_no_link(place: str) -> None:
    assert "](" not in render_markdown(a_document(), report=place)
