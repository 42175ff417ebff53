"""What judge.toml may not be beside: an agent that is handed the judge's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate_evals.suite.workspace import read_workspace
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.files.problems import Problem

JUDGE = """schema = 1
[judge.strict]
base_url = "http://127.0.0.1:9/v1"
model = "m"
api_key_env = "JUDGE_KEY"
"""


@pytest.fixture
def suite(tmp_path: Path) -> RecordedSuite:
    found = RecordedSuite(tmp_path / "shop", refunds=2)
    found.write("judge.toml", JUDGE)
    return found


def problems(suite: RecordedSuite, agent: str, user: str = "") -> list[str]:
    """What is wrong with the suite once these lines stand in `[agent]`, and this behind all."""
    text = (suite.folder / "suite.toml").read_text("utf-8")
    assert "[agent]\n" in text
    suite.write("suite.toml", text.replace("[agent]\n", f"[agent]\n{agent}\n") + user)
    found: list[Problem] = []
    read_workspace(suite.folder, found)
    return [str(problem) for problem in found]


def line_of(suite: RecordedSuite, file: str, word: str) -> int:
    lines = (suite.folder / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if word in line)


def test_a_judges_key_among_the_agents_variables_is_refused(suite: RecordedSuite) -> None:
    (found,) = problems(suite, 'env = ["LANG", "JUDGE_KEY"]')
    assert f"suite.toml: line {line_of(suite, 'suite.toml', 'JUDGE_KEY')}, agent.env" in found
    assert "JUDGE_KEY, which holds the key of [judge.strict] in judge.toml" in found
    assert "Take JUDGE_KEY out" in found


def test_a_simulated_users_key_is_refused_too(suite: RecordedSuite) -> None:
    user = '[user]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "u"\napi_key_env = "USER_KEY"\n'
    (found,) = problems(suite, 'env = ["USER_KEY"]', user)
    assert "USER_KEY, which holds the key of [user] in suite.toml" in found


def test_a_key_in_the_agents_env_file_is_refused_by_its_line(suite: RecordedSuite) -> None:
    suite.write("agent.env", "# keys\nOWN_KEY=a\nexport JUDGE_KEY = b\n")
    (found,) = problems(suite, 'env_file = "agent.env"')
    assert "agent.env: line 3" in found
    assert "JUDGE_KEY" in found


@pytest.mark.parametrize("agent", ["", 'env = ["OWN_KEY"]', 'env_file = "not-there.env"'])
def test_variables_of_the_agents_own_are_no_problem(suite: RecordedSuite, agent: str) -> None:
    assert problems(suite, agent) == []
