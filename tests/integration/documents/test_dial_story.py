"""The story of the dial, from shadow to the evidence pack: each step prints what its page shows.

Each section of the page is a test of its own.
"""

from __future__ import annotations

import pytest

from tests.browser.chromium import MISSING, a_browser, chromium_path
from tests.integration.command_line import dialgate
from tests.integration.documents.stories import Story, steps, tell

PAGE = "docs/tutorial/the-dial-from-shadow-to-demotion.md"
SCREEN = (1280, 900)
MOST_SCREENS = 4


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return tell(PAGE, tmp_path_factory.mktemp("story"))


def test_nothing_broke_on_the_way(story: Story) -> None:
    assert "dialgate itself broke" not in story.printed


@pytest.mark.parametrize("step", steps(PAGE))
def test_a_step_prints_what_the_page_shows(story: Story, step: str) -> None:
    story.shows(step)


def test_the_longest_report_of_the_story_is_under_four_screens(story: Story) -> None:
    """Ten classes, one with a decision: the page's height at 1280 pixels, nothing unfolded."""
    path = chromium_path()
    if path is None:
        pytest.skip(MISSING)
    desk = story.folder / "desk-story"
    made = dialgate("report", "recommendation.json", "--html", "report.html", folder=desk)
    assert made.code == 0, made.err
    with a_browser(path) as browser:
        width, height = SCREEN
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto((desk / "report.html").as_uri())
        found = int(page.evaluate("document.documentElement.scrollHeight"))
    assert found < MOST_SCREENS * height
