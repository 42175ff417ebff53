"""Findings in each of their forms: everything that was found, and no text that does anything."""

from __future__ import annotations

import re

import pytest

from dialgate_reports.formats import FORMATS, ReportFormat
from dialgate_reports.page.subject import Subject
from dialgate_reports.texts.findings.findings_markdown import LIMIT_BYTES
from tests.reports.hostile import HOSTILE
from tests.reports.texts.findings.test_fuzz_text import a_document, a_finding

each_form = pytest.mark.parametrize(
    "form", [form for form in FORMATS if form.findings is not None], ids=lambda form: form.name
)


@each_form
def test_a_form_says_relation_seed_and_what_went_wrong(form: ReportFormat) -> None:
    text = form.render(Subject(document=a_document(a_finding("hi"))), of="findings")
    for part in ("typos", "typos/a/1", "missed", "hi", "the same actions"):
        assert part in text
    assert text == form.render(Subject(document=a_document(a_finding("hi"))), of="findings")


@each_form
def test_nothing_found_is_said_with_what_was_tried(form: ReportFormat) -> None:
    text = form.render(Subject(document=a_document()), of="findings")
    assert "greeting" in text
    assert form.name == "json" or "nothing found in 7 variants" in text


@each_form
@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: repr(text[:20]))
def test_no_text_controls_who_reads_it(form: ReportFormat, hostile: str) -> None:
    text = form.render(Subject(document=a_document(a_finding(hostile))), of="findings")
    assert not {"\x1b", "\u202e", "\x00"} & set(text)
    text.encode("utf-8")
    if form.name == "html":
        assert re.findall(r"<(script|img|iframe|link|h1|a) ?[^>]*>", text) == ["h1", "a"]


def test_a_comment_stays_under_its_limit_and_counts_what_it_leaves_out() -> None:
    (form,) = (item for item in FORMATS if item.name == "markdown")
    many = a_document(*(a_finding(f"{number} {'x' * 900}") for number in range(200)))
    text = form.render(Subject(document=many), of="findings")
    assert len(text.encode()) <= LIMIT_BYTES
    shown = len(re.findall(r"^\*\*\d+\. ", text, flags=re.MULTILINE))
    assert f"*{200 - shown} more findings are left out here" in text


def test_what_a_simulator_rules_out_is_not_said_to_be_missing() -> None:
    (form,) = (item for item in FORMATS if item.name == "markdown")
    document = a_document(is_simulated=True)
    document["relations"][1] |= {"relation": "renumbered-ids", "is_of_records": True}
    text = form.render(Subject(document=document), of="findings")
    assert "renumbered-ids were not tried" in text
    assert "No case of the suite" not in text
