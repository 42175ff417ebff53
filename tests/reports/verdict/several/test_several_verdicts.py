"""Several verdicts in every form: a row each, the worst first, under GitHub's limit, escaped."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from dialgate_reports.formats import FORMATS, ReportFormat
from dialgate_reports.page.subject import Subject
from dialgate_reports.verdict.markdown import LIMIT_BYTES
from dialgate_reports.verdict.several.several_markdown import render_several_markdown
from dialgate_reports.verdict.several.several_text import render_several, render_suite
from dialgate_reports.verdict.several.several_words import headline, word
from tests.reports.documents import a_document
from tests.reports.hostile import HOSTILE, hostile_document

each_form = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)


def a_part(folder: str, code: int = 0, **more: Any) -> dict[str, Any]:
    """A suite without a verdict, unless `document` is given."""
    document = more.get("document")
    return {
        "folder": folder,
        "suite": None if document is None else document["suite"],
        "exit_code": code,
        "verdict": None if document is None else document["verdict"],
        "why": "",
        "problem": "x: found y; expected z." if document is None else "",
        "document": None,
        "record": None if document is None else ".dialgate/verdict-x.json",
        **more,
    }


def several(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "exit_code": parts[0]["exit_code"] if parts else 0,
        "at": "2026-11-29T12:00:00Z",
        "nonce": "0" * 16,
        "budget": {"max_agent_calls": 2_000, "agent_calls": 70},
        "untouched": None,
        "suites": list(parts),
        **more,
    }


@each_form
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_no_text_controls_who_reads_it(form: ReportFormat, text: str) -> None:
    document = several(
        a_part(text, 1, document=hostile_document(text), why=text),
        a_part(text, 2, problem=text, why=text),
        untouched=[text],
    )
    shown = form.render(Subject(document=document), of="verdicts")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    if form.name == "html":
        assert "<script" not in shown
        assert "<img" not in shown
    if form.name == "markdown":
        outside_code = "".join(shown.split("`")[::2])
        assert not re.search(r"<script|<img|<h1|@everyone|(?<!\\)\]\(", outside_code)
        assert outside_code.count("<details>") == outside_code.count("</details>")
        assert len(shown.encode("utf-8", "backslashreplace")) <= LIMIT_BYTES


def test_a_comment_of_forty_suites_stays_under_the_limit_and_counts_what_it_leaves_out() -> None:
    parts = [a_part(f"suites/{n:02d}", 1, document=a_document()) for n in range(40)]
    shown = render_several_markdown(several(*parts))
    assert len(shown.encode()) <= LIMIT_BYTES
    assert shown.count("| `suites/") == 40
    folds = shown.count("<details><summary>") - shown.count("<details><summary>Cases")
    assert folds > 0
    assert "have no room here" in shown


def test_a_suite_without_a_verdict_is_an_error_in_junit_and_never_a_pass() -> None:
    document = several(a_part("suites/a", 2), a_part("suites/b", 3), a_part("suites/c", 1))
    (form,) = [item for item in FORMATS if item.name == "junit"]
    tree = ET.fromstring(form.render(Subject(document=document), of="verdicts"))
    assert [(s.get("errors"), s.get("skipped"), s.get("failures")) for s in tree] == [
        ("1", "0", "0"),
        ("0", "1", "0"),
        ("0", "0", "1"),
    ]


def test_a_form_without_one_for_several_says_so() -> None:
    with pytest.raises(ValueError, match="no JUnit form"):
        replace(FORMATS[-1], verdicts=None).render(Subject(document={}), of="verdicts")


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "taken away"), (1, "fail"), (2, "not judged"), (3, "inconclusive"), (4, "invalid")],
)
def test_what_a_code_says_where_there_is_no_verdict(code: int, words: str) -> None:
    assert word(a_part("x", code)) == words


def test_nothing_touched_is_said_with_what_was_looked_at() -> None:
    document = several(untouched=["suites/a", "suites/b"])
    assert headline(document) == "the change touches none of 2 suites: nothing was judged"
    shown = render_several(document)
    assert "Not touched, so not judged: suites/a, suites/b." in shown
    assert "Exit code 0: pass." in shown


def test_at_a_terminal_a_suite_that_passed_is_a_line_and_another_one_is_shown_whole() -> None:
    passed = {**a_document(), "verdict": "pass", "reasons": []}
    assert len(render_suite(a_part("a", document=passed)).splitlines()) <= 4
    assert len(render_suite(a_part("a", 1, document=a_document())).splitlines()) > 8
    narrow = render_several(several(a_part("folder/" * 30, 2)))
    assert max(map(len, narrow.splitlines())) <= 80
