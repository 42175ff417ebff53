"""The story of a judge that may decide: each step prints what its page shows."""

from __future__ import annotations

import pytest

from tests.integration.documents.stories import Story, steps, tell
from tests.needed.extras import need

need("openai", 'the extra "chat" is not installed')

PAGE = "docs/tutorial/a-judge-that-may-decide.md"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return tell(PAGE, tmp_path_factory.mktemp("judge"))


def test_nothing_broke_on_the_way(story: Story) -> None:
    assert "dialgate itself broke" not in story.printed
    assert "Traceback" not in story.printed


@pytest.mark.parametrize("step", steps(PAGE))
def test_a_step_prints_what_the_page_shows(story: Story, step: str) -> None:
    story.shows(step)
