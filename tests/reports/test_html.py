"""The HTML page: self-contained, no script, nothing live in it whatever an agent said."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from reports.html import draw_interval, render_html
from tests.reports.documents import a_class, a_document, an_entry
from tests.reports.test_hostile_text import HOSTILE


class Tags(HTMLParser):
    """Collects elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_text_adds_no_element_and_no_attribute(text: str) -> None:
    plain = parsed(render_html(a_document(entries=[an_entry()], reasons=["x"])))
    page = render_html(a_document(entries=[an_entry(case=text[:300], text=text)], reasons=[text]))
    page.encode("utf-8")
    hostile = parsed(page)
    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    assert not hostile.attributes & {"src", "onerror", "onclick", "href", "style"}
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert len(page) < 60_000


def test_the_policy_forbids_scripts_and_requests() -> None:
    page = render_html(a_document())
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_every_plot_has_words_and_a_table_beside_it() -> None:
    shown = "".join(parsed(render_html(a_document())).text)
    assert "difference −10.0 points, interval −40.0 to +10.0, tolerated loss 5 %" in shown
    assert "−10.0 [−40.0, +10.0]" in shown


def test_a_class_without_a_comparison_has_no_plot() -> None:
    assert draw_interval({**a_class(), "interval": None, "difference": None}) == "–"


def test_a_first_release_has_no_column_for_before() -> None:
    estimates = {**a_document()["suite_estimates"], "baseline": None}
    page = render_html(a_document(baseline=None, suite_estimates=estimates))
    assert "Before" not in page


def test_the_same_document_gives_the_same_bytes() -> None:
    assert render_html(a_document()) == render_html(a_document())
