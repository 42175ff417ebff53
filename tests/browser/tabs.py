"""Tabs that are used again and again: a new one, with its process, costs more than most tests.

Between two uses a tab shows nothing, tells nobody what happens in it, and is as it was at first.
"""

from __future__ import annotations

from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING

from playwright.sync_api import Error

from tests.browser.chromium import DESKTOP, Opened, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request

NOTHING = "about:blank"


class Kind(Enum):
    """What a tab is for. Another kind of address would be another process of the browser."""

    FILE = "a page from disk"
    SERVED = "a page from a server on this machine"
    WITHOUT_SCRIPT = "a page from disk whose scripts don't run"


class Tab:
    """A tab, and what is written down of the page that it shows."""

    def __init__(self, page: Page, kind: Kind) -> None:
        self.page = page
        self.kind = kind
        self._own = NOTHING
        self._expected: str | None = None
        self._seen = Seen()
        page.on("request", self._note_request)
        page.on("console", self._note_message)
        page.on("pageerror", lambda found: self._seen.errors.append(str(found)))
        page.on("dialog", self._note_dialog)

    def show(
        self, own: str, rest: str = "", *, size: tuple[int, int] = DESKTOP, dark: bool = False,
        expected: str | None = None,
    ) -> Opened:  # fmt: skip
        """Opens an address, `rest` after it.

        `own`: the address that may be asked for; all that are under it where it ends with a slash.
        `expected`: what a message may say and isn't written down.
        """
        self._own, self._expected, self._seen = own, expected, Seen()
        opened = Opened(page=self.page, seen=self._seen)
        opened.look(size, dark=dark)
        self.page.goto(own + rest)
        return opened

    def clear(self) -> None:
        """Shows nothing, as at first; what the last page still does is nobody's."""
        self._seen = Seen()
        self.page.unroute_all()
        self.page.context.set_offline(False)
        self.page.context.clear_permissions()
        self.page.mouse.move(0, 0)
        self.page.goto(NOTHING)

    def _note_request(self, found: Request) -> None:
        address = found.url.partition("#")[0]
        is_served = self._own.endswith("/") and address.startswith(self._own)
        if address != self._own and not is_served:
            self._seen.requests.append(found.url)

    def _note_message(self, found: ConsoleMessage) -> None:
        is_expected = self._expected is not None and self._expected in found.text
        if found.type in {"error", "warning"} and not is_expected:
            self._seen.errors.append(found.text)

    def _note_dialog(self, found: Dialog) -> None:
        self._seen.dialogs.append(found.message)
        found.dismiss()


class Tabs:
    """A browser's tabs."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[bool, BrowserContext] = {}
        self._idle: dict[Kind, list[Tab]] = {kind: [] for kind in Kind}

    @contextmanager
    def lent(self, kind: Kind) -> Iterator[Tab]:
        """A tab that shows nothing yet, and that another may have afterwards."""
        idle = self._idle[kind]
        tab = idle.pop() if idle else Tab(self._context(kind).new_page(), kind)
        try:
            yield tab
        finally:
            self._take_back(tab)

    def _context(self, kind: Kind) -> BrowserContext:
        script = kind is not Kind.WITHOUT_SCRIPT
        if script not in self._contexts:
            self._contexts[script] = self._browser.new_context(java_script_enabled=script)
        return self._contexts[script]

    def _take_back(self, tab: Tab) -> None:
        try:
            tab.clear()
        except Error:
            # Whatever a test did to it, the next one shall not meet it.
            tab.page.close()
        else:
            self._idle[tab.kind].append(tab)
