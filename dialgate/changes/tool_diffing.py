"""The tools that an argument names: a tools.json, a release file, or a running MCP server.

Knows how each is read, and how it is called in reports without its secrets; leaves comparing to
`dialgate_gate.changes.tool_drift.schema_drift`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.file_reading import workspace_root
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.release import read_release, read_tools
from dialgate_evals.suite.tools import ToolRegistry, parse_tools
from dialgate_evals.suite.workspace import load_workspace, suite_folder
from dialgate_gate.changes.invalidated_cases import invalidated_calls
from dialgate_gate.changes.tool_drift.schema_drift import compare_registries
from dialgate_reports.texts.drift_text import drift_document

if TYPE_CHECKING:
    from dialgate_evals.files.problems import Problem

MCP = "mcp:"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTools:
    """A registry and what it is called in reports."""

    tools: ToolRegistry
    name: str


def diff_tools(
    *, baseline: str, candidate: str, suite: Path | None, timeout_s: float
) -> dict[str, Any]:
    """What differs, as a document; with a suite also the cases that became invalid.

    Raises UsageError or ConfigurationError where one of the sides, or the suite, can't be read.
    """
    workspace = None if suite is None else load_workspace(suite_folder(suite))
    before, now = (read_side(side, timeout_s=timeout_s) for side in (baseline, candidate))
    actions = None if workspace is None else workspace.actions
    drifts = compare_registries(
        baseline=before.tools,
        candidate=now.tools,
        baseline_actions=actions,
        candidate_actions=actions,
    )
    cases = () if workspace is None else workspace.cases
    return drift_document(
        drifts,
        baseline=before.name,
        candidate=now.name,
        invalidated=invalidated_calls(cases, baseline=before.tools, candidate=now.tools),
    )


def read_side(argument: str, *, timeout_s: float) -> NamedTools:
    """The tools that one argument names."""
    if argument.startswith(("http://", "https://", MCP)):
        from dialgate_evals.running.simulation.mcp_pull import pull_tools  # noqa: PLC0415 - only servers need it

        document = pull_tools(argument.removeprefix(MCP).strip(), timeout_s=timeout_s)
        tools = {tool.name: tool for tool in parse_tools(document["tools"])}
        return NamedTools(tools=ToolRegistry(tools=tools), name=_server_name(argument))
    path = Path("/dev/stdin" if argument == "-" else argument)
    if not path.exists() or path.is_dir():
        raise UsageError(
            f"{argument} is no file. Expected a tools.json, - for standard input, a release "
            f"file (.toml), the URL of an MCP server, or {MCP}COMMAND."
        )
    # A pipe has no name that another person could look up.
    return NamedTools(tools=_read_file(path), name=show_path(path) if path.is_file() else "a pipe")


def _read_file(path: Path) -> ToolRegistry:
    problems: list[Problem] = []
    if path.suffix == ".toml":
        folder = path.parent
        release = read_release(
            path, suite_folder=folder, root=workspace_root(folder), problems=problems
        )
        tools = ToolRegistry(tools={}) if release is None else release.tools
    else:
        tools = read_tools([path], problems)
    if problems:
        raise ConfigurationError(problems)
    return tools


def _server_name(argument: str) -> str:
    """The server without what may be secret: user, query and fragment, a command's arguments."""
    if argument.startswith(MCP) and not argument.startswith((f"{MCP}http://", f"{MCP}https://")):
        try:
            words = shlex.split(argument.removeprefix(MCP))
        except ValueError:
            words = []
        program = Path(words[0]).name if words else ""
        return f"{MCP}{program}{' …' if len(words) > 1 else ''}"
    parts = urlsplit(argument.removeprefix(MCP).strip())
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
