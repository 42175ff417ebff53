"""What an agent written for dialgate is given, as types: `Tools`, and the error that a call raises.

For people's own annotations and `except` clauses. Light: an agent's process may import it. The
worker, which needs nothing installed, has a `Tools` of its own of this shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ToolError(Exception):
    """What a tool call raises where the tool answers with an error."""


class Tools(Protocol):
    """What an agent may call in one trial, and where else it finds the same tools."""

    schemas: Sequence[Mapping[str, Any]]
    # the release's: name, description, parameters
    mcp_url: str | None
    # with `[agent] mcp = true`: the same tools over MCP
    mcp_command: Sequence[str] | None
    # with `[agent] mcp = "stdio"`
    ToolError: type[Exception]

    def call(self, name: str, arguments: Any = None) -> Any:  # noqa: ANN401 - JSON data
        """The tool's result: awaited in an async function, at once in a plain one.

        Raises ToolError where the tool answers with an error.
        """
        ...
