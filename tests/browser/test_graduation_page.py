"""The graduation report in Chromium: keys, links, print, phone, no script, axe, hostile text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dialgate_reports.graduation.graduation_page import render_graduation_page
from tests.browser.axe import faults
from tests.browser.chromium import DESKTOP
from tests.browser.conftest import opening_pages
from tests.reports.graduations import a_graduation, hostile_graduation
from tests.reports.hostile import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.chromium import Opened
    from tests.browser.conftest import OpenPage
    from tests.browser.tabs import Tabs

SIGN = "dialgate dial set suites/shop refund.small shadow --by 'Ada Byron'"


@pytest.fixture(scope="module")
def opened(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """The report of all six situations, on a desktop."""
    with opening_pages(tabs, tmp_path_factory.mktemp("page")) as open_page:
        yield open_page(render_graduation_page(a_graduation()))


def is_in_view(opened: Opened, selector: str) -> bool:
    script = (
        "e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.top < innerHeight }"
    )
    return bool(opened.page.locator(selector).first.evaluate(script))


def test_the_first_screen_shows_every_dial_and_what_to_do(opened: Opened) -> None:
    assert opened.page.locator("svg.dial").count() == 6
    rows = opened.page.locator("table.stack tbody tr").all_inner_texts()
    assert "take back: shadow" in rows[0]
    assert "promote: on the loop" in rows[1]
    bottom = "e => e.getBoundingClientRect().bottom + scrollY"
    assert opened.page.locator("table.stack").evaluate(bottom) <= DESKTOP[1]
    assert opened.seen.is_quiet


def test_the_arrow_of_a_class_points_where_its_words_say(opened: Opened) -> None:
    down = opened.page.locator("svg.dial.demote")
    assert float(down.locator(".to").get_attribute("cx") or 0) < float(
        down.locator(".at").get_attribute("cx") or 0
    )
    assert "take back: shadow" in (down.locator("title").text_content() or "")


def test_a_figure_s_source_is_one_click_away(opened: Opened) -> None:
    condition = opened.page.locator(".conditions li", has_text="Interventions in production").first
    condition.get_by_role("link", name="source: review events").click()
    assert is_in_view(opened, "#source-events")
    assert "events.jsonl" in opened.page.locator("#source-events + dd").inner_text()


def test_a_link_to_a_class_leads_there_by_keyboard(opened: Opened) -> None:
    opened.page.locator("table.stack tbody a").nth(3).focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.url.endswith("#class-4")
    assert is_in_view(opened, "#class-4")


def test_what_is_folded_opens_by_keyboard_and_holds_the_figures(opened: Opened) -> None:
    summary = opened.page.locator("details.behind summary").first
    summary.focus()
    opened.page.keyboard.press("Enter")
    table = opened.page.locator("details.behind table").first
    assert table.is_visible()
    assert table.locator("tbody tr").count() == 6
    opened.page.keyboard.press("Enter")
    assert not table.is_visible()


def test_a_command_is_copied_whole(opened: Opened) -> None:
    opened.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = opened.page.locator("button.copy").first
    button.click()
    expect(button).to_have_text("Copied")
    copied = str(opened.page.evaluate("navigator.clipboard.readText()"))
    assert copied == f"{SIGN} --evidence recommendation.json"


def test_a_click_selects_a_command_as_a_whole(opened: Opened) -> None:
    opened.page.locator("#command-1").click()
    assert str(opened.page.evaluate("getSelection().toString()")).startswith(SIGN)


def test_on_paper_there_is_a_line_to_sign_and_nothing_to_click(opened: Opened) -> None:
    assert not opened.page.locator(".signature").first.is_visible()
    opened.page.emulate_media(media="print")
    assert opened.page.locator(".signature").first.is_visible()
    assert not opened.page.locator("nav.jump").is_visible()
    assert not opened.page.locator("button.copy").first.is_visible()
    opened.page.emulate_media(media="screen")


def test_without_script_everything_is_there_but_the_copy_button(open_page: OpenPage) -> None:
    opened = open_page(render_graduation_page(a_graduation()), script=False)
    assert SIGN in opened.page.locator("#command-1").inner_text()
    assert not opened.page.locator("button.copy").first.is_visible()
    opened.page.locator("details.how summary").click()
    assert opened.page.get_by_text("the agent acts alone").is_visible()


def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(open_page: OpenPage) -> None:
    """The other two situations show nothing that these four don't."""
    shown = a_graduation("refund.small", "ticket.close", "address.change", "read")
    opened = open_page(render_graduation_page(shown))
    opened.page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    assert faults(opened) == []


def test_hostile_text_runs_nothing_and_asks_for_nothing(open_page: OpenPage) -> None:
    texts = [text for text in HOSTILE if len(text) < 1_000]
    for text in ("".join(texts)[:250], "".join(reversed(texts))[:250], *texts[:2]):
        opened = open_page(render_graduation_page(hostile_graduation(text)))
        opened.page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        assert opened.seen.is_quiet
        assert opened.overflow == 0


def test_the_policy_stops_a_script_that_got_in_all_the_same(open_page: OpenPage) -> None:
    opened = open_page(render_graduation_page(a_graduation("read")))
    opened.page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
            document.body.append(Object.assign(new Image(), {src: 'https://example.com/x.png'}));
        }"""
    )
    assert opened.page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in opened.seen.errors)
