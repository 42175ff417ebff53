"""What `fuzz` found, in Chromium: axe, phone and desktop, hostile text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_reports.texts.findings.findings_page import render_findings_page
from tests.browser.axe import faults
from tests.browser.chromium import PHONE
from tests.reports.hostile import HOSTILE
from tests.reports.texts.findings.test_fuzz_text import a_document, a_finding

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage


def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(open_page: OpenPage) -> None:
    opened = open_page(render_findings_page(a_document(a_finding("hi"), a_finding("there"))))
    assert faults(opened) == []


def test_hostile_text_runs_nothing_and_a_link_leads_to_its_finding(open_page: OpenPage) -> None:
    texts = [text for text in HOSTILE if len(text) < 1_000]
    opened = open_page(render_findings_page(a_document(*map(a_finding, texts))), size=PHONE)
    assert opened.seen.is_quiet
    assert opened.overflow == 0
    opened.page.locator("nav a").last.click()
    assert opened.page.url.endswith(f"#finding-{len(texts)}")
