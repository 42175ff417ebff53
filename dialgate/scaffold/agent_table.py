"""The `[agent]` table of a scaffolded suite.toml, and the release's model, by the agent's kind."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, assert_never

from dialgate.scaffold.module_places import folder_of
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate.scaffold.choices import WorkspaceChoices
    from dialgate.scaffold.surroundings import Surroundings

CHAT_MODEL = """\
[model]
provider = "openai"
name = "gpt-4.1-mini-2025-04-14"       # yours; a name with a date stays the same model
"""


def agent_table(choices: WorkspaceChoices, around: Surroundings, directory: Path) -> str:
    """The table, from its head, for a suite below the directory."""
    lines = _lines(choices, around, directory)
    return "\n".join(["[agent]", f'kind = "{choices.kind.value}"', *lines, ""])


def _lines(choices: WorkspaceChoices, around: Surroundings, directory: Path) -> Iterator[str]:
    target = json.dumps(choices.target)
    match choices.kind:
        case AgentKind.PYTHON:
            yield f"target = {target}"
            if not choices.is_own:
                yield from _python_lines(choices, around, directory)
        case AgentKind.COMMAND:
            words = ", ".join(map(json.dumps, shlex.split(choices.target)))
            yield f"command = [{words}]           # JSON-RPC 2.0 over its standard streams"
            if not choices.is_own:
                yield from _command_lines(around, directory)
        case AgentKind.HTTP:
            yield f"url = {target}"
        case AgentKind.CHAT:
            yield f"base_url = {target}"
            yield 'api_key_env = "OPENAI_API_KEY"'
        case AgentKind.TRANSCRIPT:
            yield 'path = "transcripts/{version}.jsonl"   # what was recorded'
        case _ as never:
            assert_never(never)


def _python_lines(
    choices: WorkspaceChoices, around: Surroundings, directory: Path
) -> Iterator[str]:
    source = "src/" if around.has_source_folder else ""
    found = folder_of(directory, choices.target)
    place = f"../../{source if found is None else found}".rstrip("/")
    yield f'pythonpath = ["{place}"]'
    if around.interpreter is not None:
        yield f"interpreter = {json.dumps(around.interpreter)}"
    yield from _variables(around)


def _command_lines(around: Surroundings, directory: Path) -> Iterator[str]:
    yield 'working_folder = "../.."'
    if (directory / "node_modules").is_dir():
        yield 'needs = ["../../node_modules"]  # what git does not hold, for both releases'
    yield from _variables(around)


def _variables(around: Surroundings) -> Iterator[str]:
    if around.variables:
        yield f"env = {json.dumps(around.variables)}       # variables that reach the agent"
