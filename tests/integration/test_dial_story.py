"""The story of the dial, from shadow to the evidence pack: each step prints what its page shows.

The commands run once, as they stand; each section of the page is a test of its own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import a_browser, chromium_path
from tests.integration.command_line import PROJECT, dialgate
from tests.integration.readers import reader_s_shell

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "docs/tutorial/the-dial-from-shadow-to-demotion.md"
SCREEN = (1280, 900)
MOST_SCREENS = 4
MARK = "=== step: "


def sections() -> dict[str, list[tuple[str, str]]]:
    """By heading the blocks of the section: their language and their text."""
    text = (PROJECT / PAGE).read_text("utf-8")
    parts = re.split(r"^## (.+)$", "## Before\n" + text, flags=re.MULTILINE)[1:]
    return {
        heading: re.findall(r"^```(\w*)\n(.*?)^```", body, flags=re.MULTILINE | re.DOTALL)
        for heading, body in zip(parts[::2], parts[1::2], strict=True)
    }


STEPS = [name for name, found in sections().items() if any(not language for language, _ in found)]


class Story:
    """What was printed in each section, and where the reader ended."""

    def __init__(self, folder: Path, printed: str) -> None:
        self.folder = folder
        self.printed = printed
        parts = re.split(rf"^{MARK}(.+)$", printed, flags=re.MULTILINE)[1:]
        self.by_step = dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    checkout = folder / "checkout"
    for name in ("suites", "golden", "examples"):
        unwanted = shutil.ignore_patterns("__pycache__", ".dialgate")
        shutil.copytree(PROJECT / name, checkout / name, ignore=unwanted)
    script = [
        f"echo; echo '{MARK}{heading}'\n" + "".join(text for lang, text in found if lang == "sh")
        for heading, found in sections().items()
    ]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=checkout,
        env=reader_s_shell(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
    )
    return Story(folder / "desk-story", done.stdout)


def test_nothing_broke_on_the_way(story: Story) -> None:
    assert "dialgate itself broke" not in story.printed


@pytest.mark.parametrize("step", STEPS)
def test_a_step_prints_what_the_page_shows(story: Story, step: str) -> None:
    """Each line in this order, but for dates and line ends."""
    rest = " ".join(story.by_step[step].split())
    shown = "".join(text for language, text in sections()[step] if not language)
    for line in shown.splitlines():
        _, found, rest = rest.partition(" ".join(line.split()))
        assert found, f"{line!r} is not printed there:\n{story.by_step[step]}"


def test_the_longest_report_of_the_story_is_under_four_screens(story: Story) -> None:
    """Ten classes, one with a decision: the page's height at 1280 pixels, nothing unfolded."""
    path = chromium_path()
    if path is None:
        pytest.skip("chromium is not on PATH: install the system's package of that name")
    made = dialgate("report", "recommendation.json", "--html", "report.html", folder=story.folder)
    assert made.code == 0, made.err
    with a_browser(path) as browser:
        width, height = SCREEN
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto((story.folder / "report.html").as_uri())
        found = int(page.evaluate("document.documentElement.scrollHeight"))
    assert found < MOST_SCREENS * height
