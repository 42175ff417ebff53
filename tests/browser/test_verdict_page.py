"""The verdict's page as a person uses it: filters, search, keyboard, links, print, no script."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.browser.axe import faults
from tests.browser.chromium import DESKTOP
from tests.browser.conftest import opening_pages
from tests.browser.verdict_pages import ENTRIES, PASSING, a_rich_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.chromium import Opened
    from tests.browser.conftest import OpenPage
    from tests.browser.tabs import Tabs

EVERYTHING = [entry["case"] for entry in ENTRIES] + [item["case"] for item in PASSING]
VISIBLE = "#cases > li:not([hidden])"


@pytest.fixture(scope="module")
def html() -> str:
    return a_rich_page()


@pytest.fixture(scope="module")
def unfiltered(tabs: Tabs, html: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """One page for all filters; a test leaves it as it found it."""
    with opening_pages(tabs, tmp_path_factory.mktemp("page")) as open_page:
        yield open_page(html)


@pytest.fixture
def opened(open_page: OpenPage, html: str) -> Opened:
    return open_page(html)


def listed(page: Page) -> list[str]:
    """The cases that the list shows now."""
    script = "rows => rows.map(row => row.dataset.case)"
    found: list[str] = page.locator(VISIBLE).evaluate_all(script)
    return found


def focused(page: Page) -> str | None:
    """The case whose row has the focus."""
    script = "document.activeElement.closest('#cases > li')?.dataset.case ?? null"
    found: str | None = page.evaluate(script)
    return found


def is_open(page: Page, case: str) -> bool:
    found: bool = page.locator(f'[data-case="{case}"] > details').evaluate(
        "details => details.open"
    )
    return found


class TestFilters:
    """Each filter leaves the cases that have it; several narrow each other; the number is said."""

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            ("move", "broken", ["refund-7", "mail/ü 2"]),
            ("move", "fixed", ["refund-10"]),
            ("move", "flaky", ["refund-8"]),
            ("class", "mail", ["mail/ü 2", *(item["case"] for item in PASSING)]),
            ("tag", "money", ["refund-7", "refund-8", "refund-10"]),
            ("origin", "reviewer", ["mail/ü 2"]),
        ],
    )
    def test_a_choice_leaves_the_cases_that_have_it(
        self, unfiltered: Opened, name: str, value: str, expected: list[str]
    ) -> None:
        page = unfiltered.page
        assert listed(page) == EVERYTHING
        page.select_option(f"select[name={name}]", value)
        assert listed(page) == expected
        assert page.inner_text("#count") == f"{len(expected)} of {len(EVERYTHING)} cases"
        page.select_option(f"select[name={name}]", "")

    def test_marks_and_search_narrow_what_is_left(self, opened: Opened) -> None:
        opened.page.check("input[name=silent]")
        assert listed(opened.page) == ["refund-7"]
        opened.page.uncheck("input[name=silent]")
        opened.page.fill("input[name=search]", "MAIL broken")
        assert listed(opened.page) == ["mail/ü 2"]
        opened.page.select_option("select[name=move]", "fixed")
        assert listed(opened.page) == []
        assert opened.page.inner_text("#count") == f"0 of {len(EVERYTHING)} cases"


class TestKeyboard:
    """The whole page works without a mouse; single keys can be switched off (WCAG 2.1.4)."""

    def test_search_list_open_and_close(self, opened: Opened) -> None:
        keyboard = opened.page.keyboard
        keyboard.press("/")
        keyboard.type("money")
        keyboard.press("ArrowDown")
        assert focused(opened.page) == "refund-7"
        keyboard.press("j")
        keyboard.press("ArrowDown")
        keyboard.press("k")
        assert focused(opened.page) == "refund-8"
        keyboard.press("Enter")
        assert is_open(opened.page, "refund-8")
        keyboard.press("Escape")
        assert not is_open(opened.page, "refund-8")
        assert focused(opened.page) == "refund-8"

    def test_escape_empties_the_search(self, opened: Opened) -> None:
        opened.page.keyboard.press("/")
        opened.page.keyboard.type("refund-9/j")
        assert listed(opened.page) == []
        opened.page.keyboard.press("Escape")
        assert listed(opened.page) == EVERYTHING

    def test_single_keys_can_be_switched_off(self, opened: Opened) -> None:
        opened.page.uncheck("input[name=keys]")
        opened.page.locator("h1").click()
        for key in ("/", "j"):
            opened.page.keyboard.press(key)
        assert focused(opened.page) is None
        assert opened.page.input_value("input[name=search]") == ""

    def test_every_stop_of_the_tab_key_shows_where_it_is(self, opened: Opened) -> None:
        for _ in range(20):
            opened.page.keyboard.press("Tab")
            width = opened.page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            assert width == "2px", opened.page.evaluate("document.activeElement.outerHTML")


def test_every_section_has_its_link_at_the_top(opened: Opened) -> None:
    links = opened.page.locator("nav a")
    assert links.count() == 8
    for index in range(8):
        links.nth(index).click()
        place = opened.page.url.partition("#")[2]
        assert opened.page.locator(f"h2#{place}").is_visible()
    assert opened.seen.is_quiet


class TestOneCase:
    """A link opens a case; both sides stand beside each other, the differing call marked."""

    def test_a_deep_link_opens_the_case_and_shows_both_sides(
        self, open_page: OpenPage, html: str
    ) -> None:
        case = "mail/ü 2"
        opened = open_page(html, fragment=f"#case={quote(case, safe='')}")
        row = opened.page.locator(f'[data-case="{case}"]')
        row.locator("[data-state=shown]").wait_for()
        assert focused(opened.page) == case
        assert row.locator(".sides h3").all_inner_texts() == [
            "Baseline, trial 0", "Candidate, trial 0",
        ]  # fmt: skip
        assert row.locator("li.differs .who").all_inner_texts() == ["calls refund – differs"] * 2
        assert row.locator("li.differs pre").all_inner_texts() == [
            '{\n "id": "old"\n}', '{\n "id": "new"\n}',
        ]  # fmt: skip
        assert opened.seen.is_quiet

    def test_a_button_goes_to_the_first_call_that_differs(self, opened: Opened) -> None:
        opened.page.click('[data-case="refund-8"] summary')
        opened.page.get_by_role("button", name="Go to the first call that differs").click()
        script = "document.activeElement.querySelector('.who').textContent"
        assert opened.page.evaluate(script) == "calls refund – differs"

    def test_a_link_on_the_page_opens_its_case_and_undoes_a_filter_that_hides_it(
        self, opened: Opened
    ) -> None:
        opened.page.select_option("select[name=move]", "fixed")
        opened.page.click("a[href^='#case=refund-7']")
        opened.page.locator('[data-case="refund-7"] [data-state=shown]').wait_for()
        assert is_open(opened.page, "refund-7")
        assert listed(opened.page) == EVERYTHING

    def test_opening_a_case_makes_its_link(self, opened: Opened) -> None:
        opened.page.click('[data-case="refund-8"] summary')
        opened.page.locator('[data-case="refund-8"] [data-state=shown]').wait_for()
        assert opened.page.url.endswith("#case=refund-8")

    def test_a_link_to_no_case_is_no_error(self, open_page: OpenPage, html: str) -> None:
        opened = open_page(html, fragment="#case=%E0%A4%A")
        assert listed(opened.page) == EVERYTHING
        assert opened.seen.is_quiet


MATTERS = [
    "FAIL: this release is worse in refund", "What to do", "It got worse", "More words. 7",
    '"id": "x"', "Six words are new", '"maximum": 50', "Three more months of reviews",
    "Latency of a trial", "Recorded runs", "sha256:2", "dialgate run suites/shop",
]  # fmt: skip


class TestOtherWaysToRead:
    """Paper, phone, dark, without script: what matters is there, and nothing scrolls sideways."""

    def test_print_shows_what_is_folded_and_says_what_is_left_out(self, opened: Opened) -> None:
        opened.page.emulate_media(media="print")
        for text in MATTERS:
            assert opened.page.get_by_text(text).filter(visible=True).count(), text
        assert opened.page.locator("#controls").is_hidden()
        assert opened.page.get_by_text("5 cases that passed and did not move").is_visible()
        assert opened.page.get_by_text("quiet-1", exact=True).is_hidden()
        assert opened.page.pdf().startswith(b"%PDF")

    def test_without_script_the_list_is_readable(self, open_page: OpenPage, html: str) -> None:
        opened = open_page(html, script=False)
        assert opened.page.locator("#controls").is_hidden()
        assert opened.page.locator(VISIBLE).count() == len(EVERYTHING)
        opened.page.click('[data-case="refund-7"] summary')
        assert opened.page.get_by_text("wrong_arguments in").first.is_visible()
        assert opened.page.get_by_text("need this page's script").is_visible()

    def test_no_serious_finding_and_no_sideways_scroll(
        self, open_page: OpenPage, html: str
    ) -> None:
        opened = open_page(html, fragment="#case=refund-7")
        opened.page.locator('[data-case="refund-7"] [data-state=shown]').wait_for()
        assert faults(opened) == []

    def test_the_page_is_dark_where_its_reader_wants_it(self, unfiltered: Opened) -> None:
        ground = []
        for dark in (True, False):
            unfiltered.look(DESKTOP, dark=dark)
            ground.append(unfiltered.styled("body", "backgroundColor"))
        assert ground[1] == "rgb(255, 255, 255)"
        assert ground[0] != ground[1]
