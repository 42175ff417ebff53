"""Whatever an agent or a case says shows as text: no link, mention, control mark or markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.verdict.junit import render_junit
from dialgate_reports.verdict.markdown import LIMIT_BYTES, render_markdown
from dialgate_reports.verdict.terminal import render_terminal
from dialgate_reports.words.markdown_text import cell, code, escape
from tests.reports.documents import a_class, a_document, an_entry
from tests.reports.hostile import HOSTILE, hostile_document


def test_printable_text_is_left_alone() -> None:
    assert printable("Grüße, 5 € – 世界") == "Grüße, 5 € – 世界"


@given(st.text())
def test_printable_text_has_no_control_character_and_can_be_encoded(text: str) -> None:
    shown = printable(text)
    shown.encode("utf-8")
    assert shown.isprintable() or " " in shown or "\xa0" in shown or not shown
    assert not any(ord(c) < 32 or 0x202A <= ord(c) <= 0x202E or c == "\x7f" for c in shown)


@given(st.text())
@example("".join(map(chr, range(0x3000))))
def test_what_becomes_of_a_character_hangs_on_no_other(text: str) -> None:
    assert printable(text) == "".join(map(printable, text))


def test_shortened_text_says_how_much_is_missing() -> None:
    assert shorten("abcdef", 4) == "abcd… (2 more characters)"


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_markdown_holds_no_live_markup(text: str) -> None:
    shown = render_markdown(hostile_document(text))
    outside_code = "".join(shown.split("`")[::2])
    assert "<script" not in outside_code
    assert "<img" not in outside_code
    assert "<h1" not in outside_code
    assert re.search(r"(?<!\\)\]\(", outside_code) is None
    assert re.search(r"#\d", outside_code.replace("#60;", "")) is None
    assert "@everyone" not in outside_code
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown.encode()) <= LIMIT_BYTES
    assert outside_code.count("<details>") == outside_code.count("</details>")


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_the_terminal_shows_no_escape_sequence(text: str) -> None:
    shown = render_terminal(hostile_document(text), verbose=True)
    shown.encode("utf-8")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown) < 40_000


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_junit_stays_well_formed(text: str) -> None:
    shown = render_junit(hostile_document(text))
    assert len(ET.fromstring(shown)) == 3
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown) < 60_000


@given(st.text(max_size=60))
def test_inline_code_cannot_be_left(text: str) -> None:
    shown = code(text)
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    assert shown.endswith(fence)
    assert fence not in shown[len(fence) : -len(fence)].strip("`") or fence == ""


@given(st.text(max_size=60))
def test_a_cell_holds_no_bar_that_ends_it(text: str) -> None:
    assert "|" not in cell(text).replace("\\|", "")


@given(st.text(max_size=60))
def test_escaped_text_is_one_line(text: str) -> None:
    assert "\n" not in escape(text)


def test_a_long_report_is_cut_by_importance_and_counted() -> None:
    entries = [an_entry(case=f"case-{i}", text="y" * 300) for i in range(2000)]
    shown = render_markdown(a_document(entries=entries, reasons=["r"]))
    assert len(shown.encode()) <= LIMIT_BYTES
    assert "more cases are left out here" in shown
    assert "case-0" in shown


@pytest.mark.parametrize("text", ["x", "\U0001f600&@#1", "\ud800"], ids=["plain", "wide", "broken"])
def test_a_comment_keeps_its_limit_whatever_the_size(text: str) -> None:
    """5,000 broken cases, 200 classes, 300 reasons, 400 changes, texts of a megabyte."""
    long = text * (1_000_000 // len(text))
    document = hostile_document(long)
    document["explanations"] *= 5_000
    document["cases"]["broken"] *= 5_000
    undecided = {**document["classes"][0], "verdict": "inconclusive"}
    why = [f"{i} {long[:3_000]}" for i in range(200)]
    document["classes"] += [{**undecided, "action_class": "c", "reasons": [text]} for text in why]
    for key in ("changes", "budget", "tags", "labels"):
        document[key] *= 200
    document["reasons"] *= 100
    document["reasons"] += [f"c: {text}" for text in why]
    shown = render_markdown(document)
    assert len(shown.encode()) <= LIMIT_BYTES
    assert re.search(r"… [\d,]+ more cases are left out here; the full report has them", shown)
    assert re.search(r"… and \d+ more classes", shown)
    assert "What to do" in shown
    assert "Reproduce one case" in shown


def test_the_terminal_keeps_to_80_columns() -> None:
    entries = [an_entry(case="a-case-with-a-rather-long-name-0001", text="some words " * 20)]
    document = a_document(entries=entries, reasons=["word " * 60], verdict="inconclusive")
    document["classes"] = [a_class("booking.change_flights", "inconclusive")]
    shown = render_terminal(document, verbose=True)
    headline, _, rest = shown.partition("\n")
    assert len(headline) < 120
    assert max(map(len, rest.splitlines())) <= 80
