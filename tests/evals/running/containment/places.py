"""A small workspace, and a program that is run in its sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from dialgate_evals.running.containment.machine import find_walls
from dialgate_evals.running.containment.sandbox import Sandbox
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate_evals.running.containment.walls import MachineWalls


def walls_by(means: str) -> MachineWalls | None:
    """What that means can do here; None where it can't."""
    found = find_walls(means)
    return found if found.means.value == means else None


def a_suite(tmp_path: Path, agent: str = "") -> RecordedSuite:
    """A suite with a Python agent, in a git checkout, with cases outside of its folder."""
    root = tmp_path / "repo"
    (root / ".git").mkdir(parents=True)
    (root / ".git" / "secret").write_text("an old version of a case")
    suite = RecordedSuite(root / "suites" / "shop", refunds=3)
    (root / "golden" / "shop").mkdir(parents=True)
    (suite.folder / "cases.jsonl").rename(root / "golden" / "shop" / "cases.jsonl")
    text = (suite.folder / "suite.toml").read_text()
    text = text.replace('"cases.jsonl"', '"../../golden/shop/*.jsonl"')
    start = text.index("[agent]")
    suite.write(
        "suite.toml",
        f'{text[:start]}[agent]\nkind = "python"\ntarget = "agent:respond"\n{agent}',
    )
    suite.write("agent.py", "def respond(messages, tools, release):\n    return ''\n")
    (root / "src").mkdir()
    (root / "src" / "shared.py").write_text("VALUE = 1\n")
    return suite


class Place:
    """The sandbox of a suite's agent."""

    def __init__(
        self, suite: RecordedSuite, machine: MachineWalls, environ: Mapping[str, str] | None = None
    ) -> None:
        workspace = load_workspace(suite.folder)
        self.sandbox = Sandbox(
            workspace.suite,
            suite_folder=suite.folder,
            root=workspace.root,
            machine=machine,
            environ={"PATH": "/usr/bin:/bin"} if environ is None else environ,
        )

    def see(self, program: str) -> Any:
        """What the program leaves in `seen`, run by this interpreter in the sandbox."""
        head = "import json, os, sys\nseen = None\n"
        code = f"{head}{program}\nprint(json.dumps(seen))"
        done = self.start([sys.executable, "-c", code])
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Runs the command to its end."""
        launch = self.sandbox.launch(command)
        assert launch.line is not None
        assert launch.theirs is not None
        with launch.line, launch.theirs:
            return subprocess.run(
                launch.command,
                cwd=launch.folder,
                env=dict(launch.environment),
                pass_fds=(launch.theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
