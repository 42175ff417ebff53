"""An agent without isolation gets and sends what one in a process of its own would."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from dialgate_evals.running.agents.python_inline import PythonInlineAgent
from dialgate_evals.running.engine import Engine, PlannedTrial
from dialgate_evals.suite.workspace import load_workspace

from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.actions.trajectory import Trajectory

NAMES = count()  # a module stays imported for as long as the tests run
AGENT = """
def nested():
    value = []
    for _ in range(5000):
        value = [value]
    return value

async def respond(messages, tools, release):
    case = messages[0]["content"].split()[-1].rstrip(".")
    arguments = {"id": case, "amount": 10}
    BODY
    return "Done."
"""


def run(tmp_path: Path, body: str) -> dict[str, Trajectory]:
    """The trajectories of six cases; of the case refund-001, the body is what the agent does."""
    module = f"inline_agent_{next(NAMES)}"
    suite = RecordedSuite(tmp_path / "shop", refunds=6)
    suite.write(f"{module}.py", AGENT.replace("BODY", body))
    text = (suite.folder / "suite.toml").read_text()
    agent = f'[agent]\nkind = "python"\ntarget = "{module}:respond"\nisolation = "none"\n'
    suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    workspace = load_workspace(suite.folder)
    found: dict[str, Trajectory] = {}
    Engine(
        agent=PythonInlineAgent(workspace.suite, suite_folder=suite.folder),
        release=workspace.release(),
        suite=workspace.suite,
        actions=workspace.actions,
        on_finished=lambda case, done: found.update({case.id: done}),
    ).run([PlannedTrial(case=case, trial=0) for case in workspace.cases])
    return found


def sent(trajectory: Trajectory) -> list[Any]:
    """The arguments of the calls, as the record has them."""
    calls = [call for message in trajectory.messages for call in message.get("tool_calls", ())]
    return [json.loads(call["function"]["arguments"]) for call in calls]


@pytest.mark.parametrize(
    "arguments",
    ['{"id": {1}}', '{"amount": float("nan")}', "b'x'", "[object()]", '{"x": 10**5000}',
     '{"x": "a", 1: 2, "1": 3}', '{(1, 2): 3}', "nested()"],
)  # fmt: skip
def test_arguments_that_are_no_json_cost_their_own_trial_only(
    arguments: str, tmp_path: Path
) -> None:
    body = f"""
    if case == "refund-001":
        try:
            await tools.call("refund", {arguments})
        except Exception:
            pass  # what went wrong is on record all the same
    else:
        await tools.call("refund", arguments)
    """
    found = run(tmp_path, body.strip())
    failure = found.pop("refund-001").failure
    assert failure is not None
    assert failure.startswith("not JSON: ")
    assert {trajectory.failure for trajectory in found.values()} == {None}
    assert all(sent(trajectory)[0]["amount"] == 10 for trajectory in found.values())


def test_arguments_are_recorded_as_a_wire_carries_them(tmp_path: Path) -> None:
    body = 'await tools.call("refund", {1: (1, 2.5), "x": [{"y": None}]})'
    # The schema asks for other arguments; what was sent is on record all the same.
    found = run(tmp_path, f"try:\n        {body}\n    except tools.ToolError:\n        pass")
    assert sent(found["refund-000"]) == [{"1": [1, 2.5], "x": [{"y": None}]}]


def test_what_the_agent_changes_later_changes_no_record_and_no_other_trial(
    tmp_path: Path,
) -> None:
    body = """
    answer = await tools.call("refund", arguments)
    answer["status"] = arguments["amount"] = "changed"
    messages[0]["content"] = "changed"
    messages.append({"role": "user", "content": "more"})
    answer = await tools.call("refund", {"id": case, "amount": 11})
    assert answer == {"status": "ok"}, answer
    """
    found = run(tmp_path, body.strip())
    for case_id, trajectory in found.items():
        assert trajectory.failure is None
        assert [arguments["amount"] for arguments in sent(trajectory)] == [10, 11]
        assert trajectory.messages[0]["content"].endswith(f"{case_id}.")
