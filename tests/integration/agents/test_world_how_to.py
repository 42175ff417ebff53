"""The how-to of simulators, end states and faults: its program and its cases do what it says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.command_line import PROJECT, dialgate

if TYPE_CHECKING:
    from pathlib import Path

PAGE = PROJECT / "docs/how-to/simulate-a-world.md"
PATIENT = """
from agent.my_agent import respond as once


class Patient:
    def __init__(self, tools):
        self.tools, self.ToolError, self.schemas = tools, tools.ToolError, tools.schemas

    async def call(self, name, arguments):
        try:
            return await self.tools.call(name, arguments)
        except self.tools.ToolError:
            return await self.tools.call(name, arguments)


async def respond(messages, tools, release):
    return await once(messages, Patient(tools), release)
"""


def blocks(language: str) -> list[str]:
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    found = fence.findall(PAGE.read_text("utf-8"))
    return [str(block) for block in found]


CASES = [json.loads(block) for block in blocks("json")]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    assert dialgate("init", "--yes", folder, folder=folder).code == 0
    suite = folder / "suites/my-agent"
    (suite / "sim.py").write_text(blocks("python")[0])
    with (suite / "suite.toml").open("a") as settings:
        settings.write(f"workers = 1\n\n{blocks('toml')[0]}")
    (suite / "agent/patient.py").write_text(PATIENT)
    return folder


def passed(workspace: Path, *cases: dict[str, Any], agent: str = "agent.my_agent") -> int:
    """How many of the cases the agent passes."""
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    (workspace / "golden/my-agent/cases.jsonl").write_text(lines)
    settings = workspace / "suites/my-agent/suite.toml"
    text = settings.read_text()
    settings.write_text(re.sub(r'target = "[\w.]+:', f'target = "{agent}:', text))
    found = dialgate("run", "suites/my-agent", "--no-cache", folder=workspace)
    assert found.code == 0, found.err
    counted = re.search(rf"(\d+) of {len(cases)} trials? passed", found.out)
    assert counted is not None, found.out
    return int(counted[1])


def with_state(state: Any) -> dict[str, Any]:
    case, other = CASES[0], json.loads(json.dumps(CASES[0]))
    other["expect"]["state"] = state
    assert case["expect"]["state"] != state
    return {**other, "id": "another"}


def test_the_end_state_is_that_of_the_page(workspace: Path) -> None:
    wrong = {"patch": [{"op": "add", "path": "/refunds/A-106", "value": 31}]}
    assert passed(workspace, CASES[0], with_state(CASES[1]["state"])) == 2
    assert passed(workspace, CASES[0], with_state(wrong)) == 1


def test_a_fault_is_survived_by_an_agent_that_asks_again(workspace: Path) -> None:
    assert passed(workspace, CASES[2]) == 0
    assert passed(workspace, CASES[2], agent="agent.patient") == 1
