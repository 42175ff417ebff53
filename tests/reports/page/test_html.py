"""The HTML page: self-contained, only its own script, nothing live in it whatever an agent said."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from dialgate_reports.page.case_rows import list_rows
from dialgate_reports.page.html import MOST_OUTCOMES, render_html
from dialgate_reports.page.page_blocks import unpack_block
from tests.reports.documents import a_document, an_entry
from tests.reports.hostile import HOSTILE, PLAIN, hostile_document, hostile_records
from tests.reports.pages import some_records


class Tags(HTMLParser):
    """Collects elements, attributes and scripts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.scripts: list[tuple[str | None, str]] = []
        self.text: list[str] = []
        self._script: str | None = ""
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self._in_script = tag == "script"
        if self._in_script:
            self._script = dict(attrs).get("type")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append((self._script, data))
        else:
            self.text.append(data)


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def hostile_page(text: str) -> str:
    return render_html(hostile_document(text), hostile_records(text))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_text_adds_no_element_and_no_attribute(text: str) -> None:
    plain, page = parsed(hostile_page(PLAIN)), hostile_page(text)
    page.encode("utf-8")
    hostile = parsed(page)
    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    assert not hostile.attributes & {"src", "onerror", "onclick", "style", "action", "target"}
    assert all(re.fullmatch(r"#(case=.*|[a-z]+)", link) for link in hostile.links)
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert len(page) < 250_000


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_text_in_a_trajectory_is_data_and_printable(text: str) -> None:
    blocks = [
        data for kind, data in parsed(hostile_page(text)).scripts
        if kind == "application/octet-stream"
    ]  # fmt: skip
    (found,) = [case for block in blocks for case in unpack_block(block).values()]
    reply = found["candidate"]["steps"][-1]["text"]
    assert "\x1b" not in reply
    assert "\u202e" not in reply
    assert len(reply) < 25_000


def test_the_policy_names_the_page_s_own_script_and_style_and_nothing_else() -> None:
    page = render_html(a_document(), some_records())
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    (script,) = [text for kind, text in parsed(page).scripts if kind is None]
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    digests = {
        name: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for name, text in (("script", script), ("style", style))
    }
    assert policy.replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'sha256-{digests['style']}'; "
        f"script-src 'sha256-{digests['script']}'; base-uri 'none'; form-action 'none'"
    )
    assert "http://" not in page
    assert "https://" not in page


def test_every_plot_has_words_and_its_figures_beside_it() -> None:
    shown = "".join(parsed(render_html(a_document(), some_records())).text)
    words = "success before 100 %, now 90 %; difference −10.0 points, interval −40.0 to +10.0"
    assert f"{words}, tolerated loss 5 %" in shown
    assert "−10.0 [−40.0, +10.0]" in shown
    assert "baseline: half of 2 trials under 10 ms, 95 % under 20 ms" in shown
    assert "success over 2 recorded runs: 90 %, 100 %" in shown


def test_long_ids_that_are_cut_alike_stay_apart() -> None:
    cases = [f"{'y' * 300}{ending}" for ending in ("a", "b")]
    rows = list_rows(a_document(entries=[an_entry(case=case) for case in cases]))
    assert len({row.shown_id for row in rows}) == 2


def test_outcomes_that_are_not_listed_are_counted() -> None:
    entry = an_entry()
    wrong = entry["candidate"]["decisions"][0]
    entry["candidate"]["decisions"] = [
        {**wrong, "action_class": f"class-{i}"} for i in range(MOST_OUTCOMES + 3)
    ]
    assert "3 more outcomes are not listed here" in render_html(a_document(entries=[entry]))


def test_a_first_release_has_no_column_for_before() -> None:
    estimates = {**a_document()["suite_estimates"], "baseline": None}
    page = render_html(a_document(baseline=None, suite_estimates=estimates))
    assert "Before" not in page


def test_the_same_document_gives_the_same_bytes() -> None:
    pages = {render_html(a_document(), some_records()) for _ in range(2)}
    assert len(pages) == 1


def test_the_page_says_what_it_could_not_show() -> None:
    page = render_html(a_document(), some_records(problems=("The record is gone.",)))
    assert "The record is gone." in page


def test_trajectories_without_room_are_counted() -> None:
    page = render_html(a_document(), some_records(), most_bytes=10)
    assert "The trajectories of 1 case at the end of the list are left out" in page
    assert "block-0" not in page


def test_one_run_is_no_history() -> None:
    history = some_records().history[:1]
    assert "Recorded runs" not in render_html(a_document(), some_records(history=history))


def test_cases_that_passed_are_listed_after_those_to_look_at() -> None:
    passing = [{"case": "quiet", "origin": "reviewer", "tags": ["t"], "classes": ["refund"]}]
    page = render_html(a_document(passing=passing))
    assert page.index('data-case="case-1"') < page.index('data-case="quiet"')
    assert """data-classes='["refund"]' data-tags='["t"]'""" in page


def test_words_that_changed_in_a_prompt_are_marked() -> None:
    document: dict[str, Any] = a_document()
    document["changes"][0]["difference"] = [
        {"op": "same", "text": "up to "},
        {"op": "removed", "text": "50"},
        {"op": "added", "text": "200"},
        {"op": "skipped", "text": "30 words"},
    ]
    assert (
        'up to <del>50</del><ins>200</ins><span class="skipped">[… 30 words …]</span>'
        in render_html(document)
    )
