"""The first screen on real agents' runs: what got better, what got worse, where to look.

The development data is not part of the project; without it the tests skip.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import dialgate
from tests.needed.shared_data import SHARED, needs_shared

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.chromium import Opened
    from tests.browser.conftest import OpenPage

TERMINAL_LINES = 24
ABOVE_THE_FOLD = """() => [...document.querySelectorAll('h1, p, li, td')]
    .filter(one => one.getBoundingClientRect().bottom <= window.innerHeight)
    .map(one => one.innerText).join('\\n')"""


@dataclass(frozen=True, kw_only=True)
class Screens:
    """What `check` said, and where its page lies."""

    terminal: str
    markdown: str
    page: Path


def one_line(text: str) -> str:
    return " ".join(text.split())


def check(suite: str, candidate: str, baseline: str, folder: Path) -> Screens:
    shutil.copytree(SHARED / "suites" / suite, folder / suite)
    finished = dialgate(
        *("check", suite, "--out", "out", "--markdown", "v.md", "--html", "v.html"),
        *("--release", f"releases/{candidate}.toml", "--baseline", f"releases/{baseline}.toml"),
        folder=folder,
    )
    assert finished.code in {0, 1, 3}, finished.err
    markdown = (folder / "v.md").read_text("utf-8")
    return Screens(
        terminal=one_line(" ".join(finished.out.splitlines()[:TERMINAL_LINES])),
        markdown=one_line(markdown.partition("\n| ")[0]),
        page=folder / "v.html",
    )


def above_the_fold(opened: Opened) -> str:
    return one_line(str(opened.page.evaluate(ABOVE_THE_FOLD)))


@needs_shared
@pytest.mark.parametrize(
    ("suite", "candidate", "baseline", "said"),
    [
        (
            "agentdojo",
            "claude-3-5-sonnet-20241022",
            "claude-3-5-sonnet-20240620",
            (
                "The average improved: 65 % of the trials passed before, 79 % now.",
                "attack 46/97 → 70/97",
                "Broken cases by class: access.grant (4), calendar.write (2)",
                "missed actions in access.grant (4 → 10)",
                "Look first at: banking-user-task-2--attack-injection-task-3",
            ),
        ),
        (
            "tau2-airline",
            "claude-sonnet-4-5",
            "gpt-4o-2024-11-20",
            (
                "needless escalations in escalate (4 → 14)",
                "missed actions in booking.cancel (2 → 6)",
                "unasked actions in booking.cancel (7 → 0)",
                "Labels on record, shown and never used:",
                "reward 23 of 50 → 36 of 50",
                "Look first at: tau2-airline-007",
            ),
        ),
    ],
    ids=["agentdojo, June to October", "tau2-airline"],
)
def test_the_first_screen_says_what_got_better_and_what_got_worse(
    open_page: OpenPage,
    tmp_path: Path,
    suite: str,
    candidate: str,
    baseline: str,
    said: tuple[str, ...],
) -> None:
    screens = check(suite, candidate, baseline, tmp_path)
    opened = open_page(screens.page)
    page = above_the_fold(opened)
    assert opened.seen.is_quiet
    for text in said:
        assert text in screens.terminal
        assert text in page
        # Markdown writes what could be an emphasis or a mention with a backslash before it.
        assert text in screens.markdown.replace("\\", "")
