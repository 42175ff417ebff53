"""The Node examples of the documentation work: an agent in under 50 lines, a reader of the dial."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from dialgate import Dial
from tests.integration.command_line import PROJECT, dialgate
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = PROJECT / "examples/agents/node/agent.js"


def test_it_fits_in_50_lines() -> None:
    assert len(EXAMPLE.read_text("utf-8").splitlines()) < 50


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_a_suite_reaches_it_by_its_command(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=12)
    shutil.copy(EXAMPLE, suite.folder / "agent.js")
    text = (suite.folder / "suite.toml").read_text()
    agent = '[agent]\nkind = "command"\ncommand = ["node", "agent.js"]\n'
    suite.write("suite.toml", text[: text.index("[agent]")] + agent)
    finished = dialgate("run", suite.folder, folder=tmp_path)
    assert "12 of 12 trials passed" in finished.out, finished.err


DIAL_ACTIONS = """schema = 1
[class."refund.small"]
tools = ["refund"]
when.properties = { amount = { exclusiveMaximum = 50 }, currency = { enum = ["USD"] } }
when.required = ["amount"]
effect = "write"
blast_radius = "low"
reversible = true
[class."refund.large"]
tools = ["refund"]
when = { properties = { amount = { minimum = 50 } } }
effect = "write"
blast_radius = "high"
reversible = true
[class.internal]
tools = ["send_mail"]
when = { properties = { to = { pattern = "@shop.example$" } }, required = ["to"] }
effect = "write"
blast_radius = "low"
reversible = true
[class.mail]
tools = ["send_mail"]
effect = "write"
blast_radius = "low"
reversible = true
[class.look]
tools = ["look_up"]
effect = "read"
blast_radius = "low"
reversible = true
"""
CALLS: list[tuple[str, Any]] = [
    ("refund", {"id": "1", "amount": 49.5}),
    ("refund", {"id": "1", "amount": 50}),
    ("refund", {"id": "1", "amount": 5, "currency": "EUR"}),
    ("refund", {"id": "1", "amount": True}),
    ("refund", {"amount": 49.5}),
    ("refund", {}),
    ("look_up", {"id": "1", "anything": [1]}),
    ("look_up", None),
    ("look_up", []),
    ("unknown", {}),
    ("constructor", {}),
]
"""Tools whose checks tell the class: the answer is the one that Python gives."""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_reader_of_the_dial_says_what_python_says_or_the_strictest(tmp_path: Path) -> None:
    suite = RecordedSuite(tmp_path / "shop", refunds=1)
    suite.write("actions.toml", DIAL_ACTIONS)
    moves = {"refund.small": "on_the_loop", "internal": "on_the_loop", "mail": "shadow"}
    for name, mode in moves.items():
        move = ("dial", "set", "shop", name, mode, "--by", "Ada", "--override", "x")
        assert dialgate(*move, folder=tmp_path).code == 0
    dialgate("dial", "show", "shop", "--json", "dial.json", folder=tmp_path)
    calls = [*CALLS, ("send_mail", {"to": "a@shop.example"}), ("send_mail", {})]
    script = (
        f"const {{Dial}} = require({json.dumps(str(PROJECT / 'examples/dial/dial.js'))});"
        f"const dial = Dial.load('dial.json'); const calls = {json.dumps(calls)};"
        "console.log(JSON.stringify(calls.map(([name, args]) => dial.mode(name, args))))"
    )
    node = subprocess.run(
        ["node", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    dial = Dial.load(suite.folder)
    expected = [dial.mode(name, arguments).value for name, arguments in CALLS]
    assert json.loads(node.stdout) == [*expected, "shadow", "shadow"]
    assert {"on_the_loop", "in_the_loop", "out_of_the_loop"} <= set(expected)
