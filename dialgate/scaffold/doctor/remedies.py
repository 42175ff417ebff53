"""What mends an agent that doesn't start: a command where there is one, by what is wrong."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from dialgate_evals.suite.workspace import Workspace

_NO_MODULE = re.compile(r"No module named '([A-Za-z0-9_]+)[^']*' in (\S+)\.")
_NO_VARIABLE = re.compile(r"environment variable ([A-Za-z_][A-Za-z0-9_]*) is not set")


def remedy(text: str, workspace: Workspace) -> str:
    """What to do about it; empty where the text says everything that is known."""
    agent = workspace.suite.agent
    module = _NO_MODULE.search(text)
    if module is not None:
        own = (agent.target or "").partition(":")[0].partition(".")[0]
        if module[1] == own:
            return f'name the folder that holds {own}: [agent] pythonpath = ["../../src"]'
        return f"{shlex.quote(module[2])} -m pip install {module[1]}"
    variable = _NO_VARIABLE.search(text)
    if variable is not None:
        return f"export {variable[1]}=…"
    if "interpreter" in text and "is not there" in text:
        return f"python3 -m venv {shlex.quote(agent.interpreter or '.venv')}"
    if agent.kind is AgentKind.HTTP and "can't be reached" in text:
        return f"start the agent, then: dialgate doctor {shlex.quote(show_path(workspace.folder))}"
    if agent.kind is AgentKind.COMMAND:
        command = shlex.join(agent.command or ())
        folder = shlex.quote(show_path(workspace.folder))
        return f"see what it says: (cd {folder} && {command})"
    return ""
