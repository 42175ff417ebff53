"""Fixtures for tests in headless Chromium: one browser, a tab of its own for each page.

The browser lives as long as the tests of this folder run and no longer: the driver keeps an event
loop running in this thread, and tests elsewhere start their own.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Protocol

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import (
    DESKTOP,
    MISSING,
    Opened,
    a_browser,
    chromium_path,
    open_file,
)
from tests.browser.review_tabs import opening_reviews

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.review_tabs import OpenReview


class OpenPage(Protocol):
    """Opens a file, or HTML as a file, in a tab of its own."""

    def __call__(
        self,
        page: Path | str,
        *,
        fragment: str = "",
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        script: bool = True,
        bypass_csp: bool = False,
    ) -> Opened: ...


PATIENCE_MS = 60_000
"""For what a page shall show, on a machine that is busy with other work too."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; where it is missing the tests skip, and in CI they fail."""
    path = chromium_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    expect.set_options(timeout=PATIENCE_MS)
    with a_browser(path) as found:
        yield found


@cache
def a_context(
    browser: Browser, size: tuple[int, int], dark: bool, script: bool, bypass_csp: bool
) -> BrowserContext:
    """A way to look at pages from disk, which keep nothing: a new one costs as much as a test."""
    return browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        bypass_csp=bypass_csp,
    )


@contextmanager
def opening_pages(browser: Browser, folder: Path) -> Iterator[OpenPage]:
    """Opens pages from disk; what they ask for, their errors and dialogs are written down."""
    pages: list[Page] = []

    def opened(
        page: Path | str,
        *,
        fragment: str = "",
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        script: bool = True,
        bypass_csp: bool = False,
    ) -> Opened:
        path = page
        if isinstance(path, str):
            path = folder / f"page-{len(pages)}.html"
            path.write_text(str(page), "utf-8")
        found = open_file(a_context(browser, size, dark, script, bypass_csp), path, fragment)
        pages.append(found.page)
        return found

    try:
        yield opened
    finally:
        for page in pages:
            page.context.clear_permissions()
            page.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[OpenPage]:
    """Opens pages in tabs that end with the test."""
    with opening_pages(browser, tmp_path) as opened:
        yield opened


@pytest.fixture
def open_review(browser: Browser) -> Iterator[OpenReview]:
    """Opens the review of a suite; its servers and contexts end with the test."""
    with opening_reviews(browser) as opened:
        yield opened
