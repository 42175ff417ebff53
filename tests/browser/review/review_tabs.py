"""Review pages that a test opens: their server, their tab, what they ask of anybody else."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from dialgate.cases.accepting.page_server import PageServer, ServedPage
from dialgate_reports.page.review_page import render_review_page, review_policy
from tests.browser.tabs import Kind
from tests.dialgate.cases.accepting.reviews import a_session
from tests.dialgate.cases.accepting.test_page_server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.chromium import Opened
    from tests.browser.tabs import Tabs
    from tests.workspaces import RecordedSuite


FRAME = ServedPage(html=render_review_page(), policy=review_policy())
REFUSED = "status of 4"
"""A browser logs a refused decision as a failed request; the page says it in words."""


class OpenReview:
    """Opens the review of a suite."""

    def __init__(self, tabs: Tabs, stack: ExitStack) -> None:
        self._tabs = tabs
        self._stack = stack

    def __call__(
        self, suite: RecordedSuite, reviewer: str = "Ada", *, found: Path | None = None
    ) -> tuple[Opened, PageServer]:
        """The first tab, with its trajectory shown, and the server."""
        server = PageServer(a_session(suite, reviewer, found=found), {"": FRAME})
        self._stack.enter_context(serving(server))
        return self.tab(server), server

    def tab(self, server: PageServer) -> Opened:
        """One more tab on that server."""
        tab = self._stack.enter_context(self._tabs.lent(Kind.SERVED))
        opened = tab.show(server.address, expected=REFUSED)
        opened.page.locator("#item:not([hidden])").wait_for()
        return opened


@contextmanager
def opening_reviews(tabs: Tabs) -> Iterator[OpenReview]:
    """Servers that end with it, and tabs that are cleared."""
    with ExitStack() as stack:
        yield OpenReview(tabs, stack)
