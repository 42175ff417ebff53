"""Review pages that a test opens: their server, their tab, what they ask of anybody else."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

from dialgate.cases.accepting.page_server import PageServer, ServedPage
from dialgate_reports.page.review_page import render_review_page, review_policy
from tests.browser.chromium import DESKTOP, Opened, Seen
from tests.dialgate.cases.accepting.reviews import a_session
from tests.dialgate.cases.accepting.test_page_server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

    from tests.workspaces import RecordedSuite


FRAME = ServedPage(html=render_review_page(), policy=review_policy())


class OpenReview(Protocol):
    """Opens the review of a suite."""

    def __call__(
        self, suite: RecordedSuite, reviewer: str = "Ada", *, size: tuple[int, int] = DESKTOP,
        dark: bool = False, bypass_csp: bool = False, found: Path | None = None,
    ) -> tuple[Opened, PageServer]:  # fmt: skip
        """The first tab, with its trajectory shown, and the server."""
        ...


@contextmanager
def opening_reviews(browser: Browser) -> Iterator[OpenReview]:
    """Servers and contexts that end with it."""
    with ExitStack() as stack:

        def opened(
            suite: RecordedSuite, reviewer: str = "Ada", *, size: tuple[int, int] = DESKTOP,
            dark: bool = False, bypass_csp: bool = False, found: Path | None = None,
        ) -> tuple[Opened, PageServer]:  # fmt: skip
            session = a_session(suite, reviewer, found=found)
            server = PageServer(session, {"": FRAME})
            stack.enter_context(serving(server))
            context = browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme="dark" if dark else "light",
                bypass_csp=bypass_csp,
            )
            stack.callback(context.close)
            return a_tab(context.new_page(), server), server

        yield opened


def a_tab(page: Page, server: PageServer, fragment: str = "") -> Opened:
    """The review in this tab; whatever it asks of anybody else is noted."""
    seen = Seen()

    def note_request(found: Request) -> None:
        if not found.url.startswith(server.address):
            seen.requests.append(found.url)

    def note_message(found: ConsoleMessage) -> None:
        # A browser logs a refused decision as a failed request; the page says it in words.
        if found.type in {"error", "warning"} and "status of 4" not in found.text:
            seen.errors.append(found.text)

    def note_dialog(found: Dialog) -> None:
        seen.dialogs.append(found.message)
        found.dismiss()

    page.on("request", note_request)
    page.on("console", note_message)
    page.on("pageerror", lambda found: seen.errors.append(str(found)))
    page.on("dialog", note_dialog)
    page.goto(server.address + fragment)
    page.locator("#item:not([hidden])").wait_for()
    return Opened(page=page, seen=seen)
