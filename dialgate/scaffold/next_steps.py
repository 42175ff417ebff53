"""What to do after `init`, a line each: what of the scaffold is not one's own yet comes first."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.scaffold.choices import WorkspaceChoices
    from dialgate.scaffold.surroundings import Surroundings


def next_steps(choices: WorkspaceChoices, around: Surroundings, where: str) -> Iterator[str]:
    """The lines; `where` goes before a command, for whoever is in another folder."""
    suite = f"suites/{choices.name}"
    if around.framework is not None and choices.kind is AgentKind.PYTHON and choices.is_own:
        yield (
            f"{suite}/agent/my_agent.py is an example: call your {around.framework} agent there, "
            "or name it in suite.toml."
        )
    for server in around.mcp_servers[:3]:
        yield f"The tools of the MCP server {shlex.quote(server)}: dialgate tools pull --help"
    if choices.kind is AgentKind.HTTP and choices.is_own:
        yield f"Start the agent first: {where}python3 {suite}/agent/server.py"
    if choices.kind is AgentKind.CHAT:
        yield "Name your model in release.toml, and set OPENAI_API_KEY."
    if not choices.is_own and choices.kind is not AgentKind.TRANSCRIPT:
        yield "The cases are the scaffold's: put your own tools and cases in their places."
        yield f"Does the agent start? {where}dialgate doctor {suite}"
    yield f"Now try: {where}dialgate check {suite}"
