"""`check` on an agent that decides by chance: suspects are confirmed before anything is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import Finished, dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

# The agent of release "2" does what {body} says; a counter in a file stands in for chance.
AGENT = """
import os

async def respond(messages, tools, release):
    case = messages[0]["content"].split()[-1].rstrip(".")
    path = os.path.join(os.environ["COUNTS"], release["version"] + case)
    number = len(open(path).read()) if os.path.exists(path) else 0
    with open(path, "a") as file:
        file.write("x")
    broken = False
    if release["version"] == "2":
        {body}
    if not broken:
        await tools.call("refund", {{"id": case, "amount": 10}})
    else:
        await tools.call("look_up", {{"id": case}})
    return "Done."
"""


@pytest.fixture
def suite(tmp_path: Path) -> RecordedSuite:
    suite = RecordedSuite(tmp_path / "shop", refunds=80)
    text = (suite.folder / "suite.toml").read_text()
    agent = '[agent]\nkind = "python"\ntarget = "agent:respond"\nworkers = 1\n'
    suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    (tmp_path / "counts").mkdir()
    return suite


def check(suite: RecordedSuite, body: str, **policy: str) -> Finished:
    suite.write("agent.py", AGENT.format(body=body))
    text = (suite.folder / "policy.toml").read_text()
    for key, value in policy.items():
        text = text.replace("[gate]", f"[gate]\n{key} = {value}")
    suite.write("policy.toml", text)
    folder = suite.folder.parent
    return dialgate(
        *("check", suite.folder, "--release", "releases/2.toml"),
        *("--baseline", "releases/1.toml", "--json", "-"),
        folder=folder,
        COUNTS=str(folder / "counts"),
    )


def test_a_case_that_failed_once_by_chance_is_cleared(suite: RecordedSuite) -> None:
    finished = check(suite, 'broken = case == "refund-003" and number == 0')
    verdict = finished.verdict()
    assert verdict["confirmation"]["cleared"] == ["refund-003"]
    assert verdict["confirmation"]["agent_calls"] == 2
    assert verdict["verdict"] == "pass"
    assert finished.code == 0


def test_cases_that_broke_are_confirmed_and_fail_their_class(suite: RecordedSuite) -> None:
    finished = check(suite, 'broken = case in ("refund-003", "refund-004", "refund-005")')
    verdict = finished.verdict()
    assert finished.code == 1
    assert (
        "refund/success" in verdict["confirmation"]["shown"]
        or "suite" in (verdict["confirmation"]["shown"])
    )
    assert "confirmed by fresh paired trials" in verdict["reasons"][0]
    assert verdict["usage"]["agent_calls"] == 160 + verdict["confirmation"]["agent_calls"]
    assert verdict["confirmation"]["agent_calls"] <= 24


def test_a_spent_budget_leaves_suspects_open_and_says_so(suite: RecordedSuite) -> None:
    finished = check(suite, 'broken = case == "refund-003"', max_agent_calls="162")
    verdict = finished.verdict()
    assert finished.code == 3
    assert verdict["confirmation"]["out_of_budget"]
    assert any("raise max_agent_calls" in reason for reason in verdict["reasons"])


def test_without_confirmation_a_suspect_stays_open(suite: RecordedSuite) -> None:
    finished = check(suite, 'broken = case == "refund-003"', confirm_trials="0")
    assert finished.code == 3
    assert finished.verdict()["confirmation"] is None
