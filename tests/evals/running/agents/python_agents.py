"""Runs the source of a Python agent on a small suite, in a worker as users' agents run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.running.agents.registry import open_agent
from dialgate_evals.running.engine import DueTrial, Engine
from dialgate_evals.suite.workspace import load_workspace
from tests.workspaces import RecordedSuite

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.actions.trajectory import Trajectory

CASE = 'messages[0]["content"].split()[-1].rstrip(".")'
REFUND = f'"refund", {{"id": {CASE}, "amount": 10}}'


async def at_once(_: float) -> None:
    """Instead of waiting between attempts."""


def run_source(
    folder: Path,
    source: str,
    *,
    target: str = "agent:respond",
    cases: int = 2,
    agent: str = "",
    suite: str = "",
    files: dict[str, str] | None = None,
    **places: Any,
) -> dict[str, Trajectory]:
    """Each case's trajectory; `agent` and `suite` are more lines of suite.toml."""
    shop = RecordedSuite(folder / "shop", refunds=cases)
    for name, text in {"agent.py": source, **(files or {})}.items():
        shop.write(name, text)
    text = (shop.folder / "suite.toml").read_text()
    more = f'{suite}\n[agent]\nkind = "python"\ntarget = "{target}"\nworkers = 1\n{agent}\n'
    shop.write("suite.toml", text[: text.index("[agent]")] + more)
    workspace = load_workspace(shop.folder)
    release = workspace.release()
    found: dict[str, Trajectory] = {}
    Engine(
        agent=open_agent(
            workspace.suite,
            release=release,
            suite_folder=workspace.folder,
            root=workspace.root,
            **places,
        ),
        release=release,
        suite=workspace.suite,
        actions=workspace.actions,
        on_finished=lambda case, trajectory: found.update({case.id: trajectory}),
        sleep=at_once,
    ).run([DueTrial(case=case, trial=0) for case in workspace.cases])
    return found


def replies(found: dict[str, Trajectory]) -> list[str]:
    """The last text of each trial; of one that failed, why."""
    return [
        trajectory.error or trajectory.failure or str(trajectory.messages[-1]["content"])
        for _, trajectory in sorted(found.items())
    ]
