"""A suite with a stateful simulator: the right end state is what counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.command_line import dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

WORLD = """
class ToolError(Exception):
    pass

class World:
    def __init__(self):
        self.paid = {}
    def call(self, name, arguments):
        if name == "refund":
            if arguments["id"] in self.paid:
                raise ToolError("already refunded")
            self.paid[arguments["id"]] = arguments["amount"]
        return {"ok": True}
    def state(self):
        return {"paid": self.paid}
"""

AGENT = """
async def respond(messages, tools, release):
    case = messages[0]["content"].split()[-1].rstrip(".")
    await tools.call("refund", {"id": case, "amount": 10})
    return "Done."
"""


def suite_with(tmp_path: Path, state: dict[str, Any], world: str = WORLD) -> RecordedSuite:
    suite = RecordedSuite(tmp_path / "shop", refunds=2)
    suite.cases[0]["expect"]["state"] = state
    suite.write_cases()
    suite.write("agent.py", AGENT)
    suite.write("sim.py", world)
    text = (suite.folder / "suite.toml").read_text()
    agent = (
        '[agent]\nkind = "python"\ntarget = "agent:respond"\nworkers = 1\n'
        '[tools]\nsimulator = "sim.py:World"\n'
    )
    suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    return suite


@pytest.mark.parametrize(
    ("state", "passed"),
    [
        ({"patch": [{"op": "add", "path": "/paid/refund-000", "value": 10}]}, 2),
        ({"patch": [{"op": "add", "path": "/paid/refund-000", "value": 11}]}, 1),
        ({"where": {"properties": {"paid": {"required": ["refund-000"]}}}}, 2),
        ({"where": {"properties": {"paid": {"maxProperties": 0}}}}, 1),
    ],
    ids=["the patch", "another patch", "the schema", "another schema"],
)
def test_the_end_state_decides(state: dict[str, Any], passed: int, tmp_path: Path) -> None:
    suite = suite_with(tmp_path, state)
    finished = dialgate("run", suite.folder, folder=tmp_path)
    assert f"{passed} of 2 trials passed" in finished.out, finished.err


def test_a_simulator_that_breaks_makes_the_trial_errored(tmp_path: Path) -> None:
    world = WORLD.replace('return {"ok": True}', "return 1 / 0")
    suite = suite_with(tmp_path, {"where": {}}, world)
    finished = dialgate("run", suite.folder, folder=tmp_path)
    assert finished.code == 4
    assert "ZeroDivisionError" in finished.err


def test_an_end_state_without_a_simulator_is_refused(tmp_path: Path) -> None:
    suite = suite_with(tmp_path, {"where": {}})
    text = (suite.folder / "suite.toml").read_text()
    suite.write("suite.toml", text[: text.index("[tools]")])
    finished = dialgate("run", suite.folder, folder=tmp_path)
    assert finished.code == 2
    assert "expects an end state" in finished.err
