"""Fixtures for tests in headless Chromium: one browser, a tab for each page.

The browser lives as long as the tests of this folder run and no longer: the driver keeps an event
loop running in this thread, and tests elsewhere start their own.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import DESKTOP, MISSING, Opened, a_browser, chromium_path
from tests.browser.review.review_tabs import opening_reviews
from tests.browser.tabs import Kind, Tabs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.review.review_tabs import OpenReview


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
    ) -> Opened: ...


PATIENCE_MS = 60_000
"""For what a page shall show, on a machine that is busy with other work too."""


@pytest.fixture(scope="package")
def tabs() -> Iterator[Tabs]:
    """Chromium's tabs; where it is missing the tests skip, and in CI they fail."""
    path = chromium_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    expect.set_options(timeout=PATIENCE_MS)
    with a_browser(path) as browser:
        yield Tabs(browser)


@contextmanager
def opening_pages(tabs: Tabs, folder: Path) -> Iterator[OpenPage]:
    """Opens pages from disk; what they ask for, their errors and dialogs are written down."""
    with ExitStack() as stack:
        count = 0

        def opened(
            page: Path | str,
            *,
            fragment: str = "",
            size: tuple[int, int] = DESKTOP,
            dark: bool = False,
            script: bool = True,
        ) -> Opened:
            nonlocal count
            path = page
            if isinstance(path, str):
                path = folder / f"page-{count}.html"
                path.write_text(str(page), "utf-8")
            count += 1
            kind = Kind.FILE if script else Kind.WITHOUT_SCRIPT
            tab = stack.enter_context(tabs.lent(kind))
            return tab.show(path.resolve().as_uri(), fragment, size=size, dark=dark)

        yield opened


@pytest.fixture
def open_page(tabs: Tabs, tmp_path: Path) -> Iterator[OpenPage]:
    """Opens pages in tabs that are cleared after the test."""
    with opening_pages(tabs, tmp_path) as opened:
        yield opened


@pytest.fixture
def open_review(tabs: Tabs) -> Iterator[OpenReview]:
    """Opens the review of a suite; its server ends with the test."""
    with opening_reviews(tabs) as opened:
        yield opened
