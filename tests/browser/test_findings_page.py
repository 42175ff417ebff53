"""What `fuzz` found, in Chromium: axe, phone and desktop, hostile text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate_reports.texts.findings.findings_page import render_findings_page
from tests.browser.axe import serious_findings
from tests.browser.chromium import LOOKS, PHONE
from tests.reports.hostile import HOSTILE
from tests.reports.texts.findings.test_fuzz_text import a_document, a_finding

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    open_page: OpenPage, size: tuple[int, int], dark: bool
) -> None:
    page = render_findings_page(a_document(a_finding("hi"), a_finding("there")))
    opened = open_page(page, size=size, dark=dark, bypass_csp=True)
    assert serious_findings(opened.page) == []
    assert opened.overflow == 0


def test_hostile_text_runs_nothing_and_a_link_leads_to_its_finding(open_page: OpenPage) -> None:
    texts = [text for text in HOSTILE if len(text) < 1_000]
    opened = open_page(render_findings_page(a_document(*map(a_finding, texts))), size=PHONE)
    assert opened.seen.is_quiet
    assert opened.overflow == 0
    opened.page.locator("nav a").last.click()
    assert opened.page.url.endswith(f"#finding-{len(texts)}")
