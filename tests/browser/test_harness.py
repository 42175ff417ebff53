"""The harness itself: it writes down what a page does, and a page that does it is caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.axe import faults, serious_findings
from tests.browser.chromium import DESKTOP
from tests.browser.tabs import Kind

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage
    from tests.browser.tabs import Tabs


def test_requests_errors_and_dialogs_are_written_down(open_page: OpenPage) -> None:
    opened = open_page(
        "<!doctype html><img src='http://example.invalid/pixel.png'>"
        "<script>alert('hello'); throw new Error('broken');</script>"
    )
    assert opened.seen.requests == ["http://example.invalid/pixel.png"]
    assert opened.seen.dialogs == ["hello"]
    assert any("broken" in error for error in opened.seen.errors)
    assert not opened.seen.is_quiet


def test_a_page_that_does_nothing_is_quiet(open_page: OpenPage) -> None:
    opened = open_page("<!doctype html><h1>Hello</h1>")
    assert opened.page.inner_text("h1") == "Hello"
    assert opened.seen.is_quiet
    assert opened.overflow == 0


PAGE = """<!doctype html><html lang='en'><title>t</title>
<meta http-equiv='Content-Security-Policy' content="default-src 'none'; style-src 'unsafe-inline'">
<style>{style}</style><main><h1>t</h1>{body}</main>"""


SERIOUS = {
    "color-contrast": "<p style='color: #ccc; background: #fff'>too pale</p>",
    "label": "<input>",
    "button-name": "<button></button>",
    "link-name": "<a href='#x'></a>",
    "image-alt": "<img>",
    "list": "<ul><p>x</p></ul>",
    "aria-roles": "<div role='nonsense'>x</div>",
    "tabindex": "<div tabindex='3'>x</div>",
}


def test_axe_finds_what_is_serious_whatever_the_page_s_policy(open_page: OpenPage) -> None:
    opened = open_page(PAGE.format(style="", body="".join(SERIOUS.values())))
    found = [text.partition(":")[0] for text in serious_findings(opened.page)]
    assert sorted(found) == sorted(SERIOUS)


def test_what_is_wrong_in_one_look_only_is_a_fault(open_page: OpenPage) -> None:
    pale = "@media (prefers-color-scheme: dark) { p { color: #ccc; background: #fff } }"
    wide = "@media (max-width: 400px) { p { width: 500px } }"
    contrast, width = faults(open_page(PAGE.format(style=pale + wide, body="<p>some text</p>")))
    assert contrast.startswith("phone, dark: color-contrast: p: Element has insufficient color")
    assert width.startswith("phone, dark: scrolls sideways by ")


def test_without_script_none_runs(open_page: OpenPage) -> None:
    opened = open_page("<!doctype html><p>old</p><script>alert(1)</script>", script=False)
    assert opened.page.locator("p").inner_text() == "old"
    assert opened.seen.is_quiet


def test_a_tab_that_is_lent_again_knows_nothing_of_the_test_before(tabs: Tabs) -> None:
    with tabs.lent(Kind.FILE) as first:
        first.page.context.set_offline(True)
        first.page.emulate_media(media="print")
        before = first.show("data:text/html,<title>old</title><script>alert(1)</script>")
        assert before.seen.dialogs == ["1"]
    with tabs.lent(Kind.FILE) as second:
        assert second is first
        opened = second.show("about:blank")
        assert opened.seen.is_quiet
        script = "[document.title, navigator.onLine, matchMedia('print').matches, innerWidth]"
        assert opened.page.evaluate(script) == ["", True, False, DESKTOP[0]]


def test_a_tab_that_its_test_broke_is_not_lent_again(tabs: Tabs) -> None:
    with tabs.lent(Kind.FILE) as first:
        first.page.close()
    with tabs.lent(Kind.FILE) as second:
        assert second is not first
