"""The fleet's page in Chromium: first screen, roles, links, keys, phone, no script, axe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dialgate_reports.fleet.fleet_page import render_fleet_page
from tests.browser.axe import faults
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import opening_pages
from tests.reports.fleets import a_fleet, hostile_fleet
from tests.reports.hostile import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.chromium import Opened
    from tests.browser.conftest import OpenPage
    from tests.browser.tabs import Tabs


@pytest.fixture(scope="module")
def opened(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Forty suites, nine decisions, on a desktop."""
    with opening_pages(tabs, tmp_path_factory.mktemp("fleet")) as open_page:
        yield open_page(render_fleet_page(a_fleet()))


def test_the_first_screen_says_what_needs_a_decision(opened: Opened) -> None:
    bottom = "e => e.getBoundingClientRect().bottom + scrollY"
    first = opened.page.locator(".needs > li").first
    assert first.evaluate(bottom) <= DESKTOP[1]
    assert opened.page.locator(".needs > li").nth(3).evaluate(bottom) <= DESKTOP[1]
    assert opened.seen.is_quiet


def test_each_role_sees_its_own_decisions(opened: Opened) -> None:
    button = opened.page.get_by_role("button", name="product owner: 1")
    button.press("Enter")
    assert opened.page.locator(".needs > li:visible").count() == 1
    assert button.get_attribute("aria-pressed") == "true"
    opened.page.get_by_role("button", name="everybody").press("Enter")
    assert opened.page.locator(".needs > li:visible").count() == 9


def test_a_link_opens_its_suite(opened: Opened) -> None:
    assert not opened.page.locator("#suite-3 table").is_visible()
    opened.page.locator(".needs > li").nth(2).locator("a").press("Enter")
    expect(opened.page.locator("#suite-3 table")).to_be_visible()


def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(open_page: OpenPage) -> None:
    """Nine suites need something each, a tenth nothing: one of everything that a page can show."""
    fleet = a_fleet(10)
    for suite in fleet["suites"][1:]:
        suite["classes"] = suite["classes"][:1]
    opened = open_page(render_fleet_page(fleet))
    opened.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert faults(opened) == []


def test_without_script_every_decision_is_there(open_page: OpenPage) -> None:
    opened = open_page(render_fleet_page(a_fleet()), script=False)
    assert opened.page.locator(".needs > li").count() == 9
    assert opened.page.locator("#roles").inner_text().startswith("reliability engineer: 1")


def test_hostile_text_runs_nothing_and_stays_within_a_phone(open_page: OpenPage) -> None:
    for text in (HOSTILE[0], HOSTILE[13], HOSTILE[16]):
        opened = open_page(render_fleet_page(hostile_fleet(text)), size=PHONE)
        opened.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert opened.seen.is_quiet
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
