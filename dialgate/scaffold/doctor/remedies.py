"""What mends an agent that doesn't start: a command where there is one, by what is wrong."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.scaffold.module_places import folder_of
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.suite.workspace import Workspace

_NO_MODULE = re.compile(r"No module named '([A-Za-z0-9_]+)[^']*' in (\S+)\.")
_NO_VARIABLE = re.compile(r"environment variable ([A-Za-z_][A-Za-z0-9_]*) is not set")
_STARTED = frozenset({AgentKind.PYTHON, AgentKind.COMMAND})
_SYNTAX = re.compile(r"(?:SyntaxError|IndentationError|TabError): .*?\(([^()]+), line (\d+)\)")
_NAMED_VARIABLE = re.compile(
    r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:API_KEY|KEY|TOKEN|BASE_URL|ENDPOINT|URL|HOST|SECRET))\b"
    r"|KeyError: '([A-Z][A-Z0-9_]{2,})'"
)


def remedy(text: str, workspace: Workspace) -> str:
    """What to do about it; empty where the text says everything that is known."""
    return _by_words(text, workspace) or _by_kind(text, workspace)


def _by_words(text: str, workspace: Workspace) -> str:
    """What the text itself asks for: a module, a variable, a line of code."""
    agent = workspace.suite.agent
    if module := _NO_MODULE.search(text):
        own = (agent.target or "").partition(":")[0].partition(".")[0]
        if module[1] == own:
            return _own_module(own, workspace)
        return f"{shlex.quote(module[2])} -m pip install {module[1]}"
    if variable := _NO_VARIABLE.search(text):
        return f"export {variable[1]}=…"
    if agent.kind in _STARTED and (named := _NAMED_VARIABLE.search(text)):
        return _variable(named[1] or named[2], agent.env)
    if wrong := _SYNTAX.search(text):
        return f"edit {wrong[1]}, line {wrong[2]}"
    return ""


def _by_kind(text: str, workspace: Workspace) -> str:
    agent = workspace.suite.agent
    if "interpreter" in text and "is not there" in text:
        return f"python3 -m venv {shlex.quote(agent.interpreter or '.venv')}"
    if agent.kind is AgentKind.HTTP and "can't be reached" in text:
        return f"start the agent, then: dialgate doctor {shlex.quote(show_path(workspace.folder))}"
    if agent.kind is AgentKind.COMMAND:
        command = shlex.join(agent.command or ())
        folder = shlex.quote(show_path(workspace.folder))
        return f"see what it says: (cd {folder} && {command})"
    return ""


def _own_module(own: str, workspace: Workspace) -> str:
    """The folder that holds the agent's module, where it is one that projects have."""
    found = folder_of(workspace.root, own)
    if found is None:
        return f'name the folder that holds {own}: [agent] pythonpath = ["../../src"]'
    up = os.path.relpath(workspace.root / found, workspace.folder)
    return f'under [agent] in suite.toml: pythonpath = ["{Path(up).as_posix()}"]'


def _variable(name: str, given: Sequence[str]) -> str:
    """Agents get no variable that the suite doesn't name, and none that isn't set."""
    if name in given:
        return f"export {name}=…"
    listed = ", ".join(f'"{variable}"' for variable in [*given, name])
    unset = "" if name in os.environ else f", and: export {name}=…"
    return f"under [agent] in suite.toml: env = [{listed}]{unset}"
