"""The harness itself: it writes down what a page does, and a page that does it is caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.axe import serious_findings

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage


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


def test_axe_finds_what_is_serious(open_page: OpenPage) -> None:
    opened = open_page(
        "<!doctype html><html lang='en'><title>t</title><main><h1>t</h1>"
        "<p style='color: #ccc; background: #fff'>too pale</p></main>",
        bypass_csp=True,
    )
    assert [text.partition(":")[0] for text in serious_findings(opened.page)] == ["color-contrast"]


def test_without_script_none_runs(open_page: OpenPage) -> None:
    opened = open_page("<!doctype html><p>old</p><script>alert(1)</script>", script=False)
    assert opened.page.locator("p").inner_text() == "old"
    assert opened.seen.is_quiet
