"""A suite's simulator: one world per trial, behind the case's recordings and faults."""

from __future__ import annotations

import asyncio
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.running.simulation import simulator_process
from dialgate_evals.running.simulation.simulated_tools import CaseTools
from dialgate_evals.running.simulation.simulator import WorldTools, load_simulator
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.tools import ToolRegistry, parse_tools
from tests.workspaces import ACTIONS, TOOLS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate_evals.running.agent_protocol import ToolAnswer

WORLD = """
class ToolError(Exception):
    pass

class World:
    def __init__(self):
        self.paid = {"7": 10}
        self.refunds = []

    def call(self, name, arguments):
        if name == "look_up":
            return {"total": self.paid[arguments["id"]]}
        if arguments["amount"] > self.paid.get(arguments["id"], 0):
            raise ToolError("more than was paid")
        self.refunds.append(arguments)
        return {"refunded": arguments["amount"]}

    def state(self):
        return {"refunds": self.refunds}
"""
REFUND = {"id": "7", "amount": 10}


def make_tools(
    tmp_path: Path, recordings: list[Mapping[str, Any]] | None = None, world: str = WORLD
) -> WorldTools:
    (tmp_path / "sim.py").write_text(world)
    registry = {tool.name: tool for tool in parse_tools(TOOLS)}
    case = parse_case(
        {
            "id": "c",
            "origin": "golden",
            "messages": [{"role": "user", "content": "Refund order 7."}],
            "recordings": recordings or [],
            "expect": {"actions": []},
        }
    )
    actions = ActionRegistry(classes=parse_classes(tomllib.loads(ACTIONS)), rules={})
    prepared = CaseTools(case, tools=ToolRegistry(tools=registry), actions=actions)
    make_world = load_simulator("sim.py:World", folder=tmp_path)
    return WorldTools(prepared, make_world=make_world, most_calls=10)


def call(tools: WorldTools, name: str, arguments: object) -> ToolAnswer:
    return asyncio.run(tools.call(name, arguments))


def test_a_call_changes_the_state_and_the_next_call_sees_it(tmp_path: Path) -> None:
    tools = make_tools(tmp_path)
    assert call(tools, "refund", REFUND).content == {"refunded": 10}
    assert tools.state() == {"initial": {"refunds": []}, "final": {"refunds": [REFUND]}}
    assert tools.defect is None


def test_each_trial_has_a_world_of_its_own(tmp_path: Path) -> None:
    tools = make_tools(tmp_path)
    call(tools, "refund", REFUND)
    tools.restart()
    assert tools.state()["final"] == {"refunds": []}
    assert tools.log == []


def test_a_tool_error_of_the_world_is_one_for_the_agent(tmp_path: Path) -> None:
    tools = make_tools(tmp_path)
    answer = call(tools, "refund", {"id": "7", "amount": 11})
    assert (answer.is_error, answer.content) == (True, "more than was paid")
    assert tools.defect is None
    assert tools.log[0].is_error


def test_any_other_exception_is_the_simulators_fault_not_the_agents(tmp_path: Path) -> None:
    tools = make_tools(tmp_path)
    answer = call(tools, "look_up", {"id": "unknown"})
    assert answer.is_error
    assert tools.defect == "the simulator failed: KeyError: 'unknown'"


def test_a_call_that_breaks_the_schema_never_reaches_the_world(tmp_path: Path) -> None:
    tools = make_tools(tmp_path)
    assert "invalid arguments" in call(tools, "refund", {"amount": "much"}).content
    assert "there is no tool" in call(tools, "no_such_tool", {}).content
    assert tools.defect is None


def test_a_recording_answers_before_the_world(tmp_path: Path) -> None:
    tools = make_tools(tmp_path, [{"name": "refund", "arguments": REFUND, "result": "recorded"}])
    assert call(tools, "refund", REFUND).content == "recorded"
    assert tools.state()["final"] == {"refunds": []}


@pytest.mark.parametrize(
    ("fault", "took_effect"),
    [("timeout", True), ("malformed", True), ("slow", True), ("error", False)],
)
def test_a_fault_stands_before_the_world_as_often_as_it_says(
    fault: str, took_effect: bool, tmp_path: Path
) -> None:
    """After a timeout the call took effect: who tries again refunds twice."""
    tools = make_tools(tmp_path, [{"name": "refund", "where": {}, "fault": fault, "times": 1}])
    first = call(tools, "refund", REFUND)
    assert first.is_error is (fault in {"timeout", "error"})
    assert tools.log[0].fault == fault
    assert tools.state()["final"] == {"refunds": [REFUND] if took_effect else []}
    second = call(tools, "refund", REFUND)
    assert second.content == {"refunded": 10}
    assert len(tools.state()["final"]["refunds"]) == (2 if took_effect else 1)


def test_a_slow_answer_is_the_worlds_own(tmp_path: Path) -> None:
    tools = make_tools(tmp_path, [{"name": "refund", "where": {}, "fault": "slow"}])
    assert call(tools, "refund", REFUND).content == {"refunded": 10}
    tools.restart()
    answer = call(tools, "refund", {"id": "7", "amount": 11})
    assert (answer.is_error, answer.content) == (True, "more than was paid")


def test_neither_side_can_change_the_others_data_later(tmp_path: Path) -> None:
    tools = make_tools(tmp_path)
    arguments = dict(REFUND)
    call(tools, "refund", arguments)
    before = tools.state()
    arguments["amount"] = 99
    call(tools, "refund", REFUND)
    assert before["final"] == {"refunds": [REFUND]}
    assert tools.state()["final"] == {"refunds": [REFUND, REFUND]}


@pytest.mark.parametrize("gives", ["object()", "float('nan')", "{1, 2}"])
def test_an_answer_that_is_no_json_is_the_simulators_fault(gives: str, tmp_path: Path) -> None:
    world = f"class World:\n def call(self, n, a): return {gives}\n def state(self): return 1\n"
    tools = make_tools(tmp_path, world=world)
    assert call(tools, "refund", REFUND).is_error
    assert (tools.defect or "").startswith("the simulator gave")


def test_a_state_that_fails_later_is_the_simulators_fault(tmp_path: Path) -> None:
    world = WORLD.replace('return {"refunds": self.refunds}', "return 1 // (not self.refunds)")
    tools = make_tools(tmp_path, world=world)
    call(tools, "refund", REFUND)
    assert tools.state() == {"initial": 1, "final": None}
    assert "ZeroDivisionError" in (tools.defect or "")


UNUSABLE = {
    "no such class": ("x = 1", "no attribute 'World'"),
    "no syntax": ("class World(", "SyntaxError"),
    "no state": ("class World:\n def call(self, n, a): pass", "no attribute 'state'"),
    "no call": ("class World:\n def state(self): return 1", 'without the method "call"'),
    "cannot be made": ("class World:\n def __init__(self, x): pass", "missing 1 required"),
    "a state that is no JSON": ("class World:\n def state(self): return {1, 2}", "JSON can't hold"),
}


@pytest.mark.parametrize(("text", "says"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_simulator_that_cannot_be_used_is_a_problem_of_the_workspace(
    text: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "sim.py").write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        load_simulator("sim.py:World", folder=tmp_path)
    assert says in str(raised.value)


@pytest.mark.parametrize("reference", ["none.py:World", "../sim.py:World"])
def test_only_a_file_in_the_suites_folder_is_loaded(reference: str, tmp_path: Path) -> None:
    (tmp_path / "sim.py").write_text(WORLD)
    (tmp_path / "suite").mkdir()
    with pytest.raises(ConfigurationError, match="no such file"):
        load_simulator(reference, folder=tmp_path / "suite")


def test_a_simulator_that_ends_its_process_ends_no_other(tmp_path: Path) -> None:
    world = WORLD.replace("raise ToolError", "import os; os._exit(0); raise ToolError")
    tools = make_tools(tmp_path, world=world)
    assert call(tools, "refund", {"id": "7", "amount": 11}).is_error
    assert tools.defect == "the simulator failed: its process ended"
    assert call(tools, "refund", REFUND).is_error


def test_a_simulator_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = WORLD.replace("raise ToolError", "import time; time.sleep(600); raise ToolError")
    tools = make_tools(tmp_path, world=world)
    monkeypatch.setattr(simulator_process, "ANSWER_S", 0.05)
    assert call(tools, "refund", {"id": "7", "amount": 11}).is_error
    assert tools.defect == "the simulator failed: no answer within 0.05 s"


def test_what_a_simulator_prints_or_changes_in_its_process_is_its_own(tmp_path: Path) -> None:
    world = WORLD + "\nimport json, sys\nprint('noise')\njson.dumps = None\nsys.exit = None\n"
    with pytest.raises(ConfigurationError, match="can't be used"):
        make_tools(tmp_path, world=world)
    tools = make_tools(tmp_path, world=WORLD + "\nprint('noise')\n")
    assert call(tools, "refund", REFUND).content == {"refunded": 10}
