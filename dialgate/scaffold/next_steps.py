"""What to do after `init`, a line each: what of the scaffold is not one's own yet comes first."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate.scaffold.plans import WorkspacePlan
    from dialgate.scaffold.surroundings import Surroundings


def next_steps(plan: WorkspacePlan, around: Surroundings, where: str) -> Iterator[str]:
    """The lines; `where` goes before a command, for whoever is in another folder."""
    suite = f"suites/{plan.name}"
    if around.framework is not None and plan.kind is AgentKind.PYTHON and plan.is_own:
        yield (
            f"{suite}/agent/my_agent.py is an example: call your {around.framework} agent there, "
            "or name it in suite.toml."
        )
    for server in around.mcp_servers[:3]:
        yield f"The tools of the MCP server {shlex.quote(server)}: dialgate tools pull --help"
    if plan.kind is AgentKind.HTTP and plan.is_own:
        yield f"Start the agent first: {where}python3 {suite}/agent/server.py"
    if plan.kind is AgentKind.CHAT:
        yield "Name your model in release.toml, and set OPENAI_API_KEY."
    if not plan.is_own and plan.kind is not AgentKind.TRANSCRIPT:
        yield "The cases are the scaffold's: put your own tools and cases in their places."
        yield f"Does the agent start? {where}dialgate doctor {suite}"
    yield f"Now try: {where}dialgate check {suite}"
