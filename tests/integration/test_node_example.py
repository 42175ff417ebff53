"""The Node example of the documentation is an agent that works, in under 50 lines."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

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
