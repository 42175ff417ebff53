"""Headless Chromium for tests: how it is started, and what is known of a page that is open.

Knows no report; tests get it through the fixtures of `tests/browser/conftest.py`.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Tabs from disk share a process: to start one costs more than most tests.
    "--renderer-process-limit=1",
    "--process-per-site",
    # No name is looked up: what a page may try ends at the machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
DESKTOP = (1280, 800)
PHONE = (390, 844)
LOOKS = {"desktop, light": (DESKTOP, False), "phone, dark": (PHONE, True)}
"""Size and darkness to look at a page in: colours hang on the one alone, places on the other."""


PROGRAMS = ("chromium-headless-shell", "chromium")
"""The one that never has a window takes half of the other's processor, and shows the same."""
MISSING = "no chromium-headless-shell or chromium on PATH: install the system's package of either"


def chromium_path() -> str | None:
    """The browser on PATH, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def a_browser(path: str) -> Iterator[Browser]:
    """A running browser with an empty profile that is deleted at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            headless=True,
            args=list(FLAGS),
            # Chromium's own sandbox refuses to run as root, which is what containers are.
            chromium_sandbox=os.geteuid() != 0,
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What happened on a page beside what it shows; all of it should stay empty."""

    requests: list[str] = field(default_factory=list)
    # addresses asked for, but for the page itself
    errors: list[str] = field(default_factory=list)
    # console errors (a Content-Security-Policy's among them) and exceptions of scripts
    dialogs: list[str] = field(default_factory=list)
    # alert, confirm, prompt

    @property
    def is_quiet(self) -> bool:
        """Whether nothing was asked for, went wrong or popped up."""
        return not (self.requests or self.errors or self.dialogs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A page that is open, and what was seen since."""

    page: Page
    seen: Seen

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than the window: 0, or it scrolls sideways."""
        script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(script))

    def look(self, size: tuple[int, int], *, dark: bool) -> None:
        """Makes the window so large, and so dark."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(media="null", color_scheme="dark" if dark else "light")

    def styled(self, selector: str, name: str) -> str:
        """The computed style of the first element there."""
        script = "(element, name) => getComputedStyle(element)[name]"
        return str(self.page.locator(selector).first.evaluate(script, name))
