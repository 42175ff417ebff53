"""Any agent, with its trial's simulated tools served over MCP beside the agent's own dress.

Knows which server a trial is told of and for how long; leaves serving to `simulation.mcp_server`
and `dialgate_evals.running.simulation.mcp_stdio`, and reaching the agent to the adapter inside.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.running.agents.tool_server import ToolServer
from dialgate_evals.running.simulation.mcp_sdk import require_mcp
from dialgate_evals.running.simulation.mcp_server import McpServer
from dialgate_evals.running.simulation.mcp_stdio import stdio_command, stdio_programs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dialgate_evals.running.agent_protocol import Agent, AgentReply, ToolSession, TrialInput
    from dialgate_evals.running.containment.sandbox import Sandbox


class McpAgent:
    """The agent inside, told of an MCP server in each trial (`TrialInput.mcp`)."""

    def __init__(self, inside: Agent, *, over_stdio: bool, sandbox: Sandbox | None = None) -> None:
        """`sandbox` is the agent's; the server is reached from it, whatever its network.

        Raises UsageError where the extra is missing.
        """
        require_mcp()
        self.inside = inside
        self._sandbox = sandbox
        self._over_stdio = over_stdio
        self._http = McpServer()
        self._tool_server = ToolServer()

    @property
    def most_in_flight(self) -> int | None:
        """As many as the agent inside takes."""
        return self.inside.most_in_flight

    async def start(self) -> None:
        """Starts the server, then the agent. Raises InfrastructureError as the agent does."""
        server = self._tool_server if self._over_stdio else self._http
        await server.start()
        if self._sandbox is not None:
            self._sandbox.ports.append(server.port)
            if self._over_stdio:
                for path in stdio_programs():
                    self._sandbox.show_program(path)
        await self.inside.start()

    async def make_ready_alone(self) -> None:
        """As the agent inside does, where it does."""
        make_ready = getattr(self.inside, "make_ready_alone", None)
        if make_ready is not None:
            await make_ready()

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """One trial. Raises what the agent inside raises."""
        async with self._open_trial(trial, tools) as mcp:
            return await self.inside.respond(replace(trial, mcp=mcp), tools)

    @asynccontextmanager
    async def _open_trial(
        self, trial: TrialInput, tools: ToolSession
    ) -> AsyncIterator[dict[str, Any]]:
        if self._over_stdio:
            with self._tool_server.open_trial(tools, trial.tools) as tools_url:
                yield {"mcp_command": stdio_command(tools_url)}
            return
        async with self._http.open_trial(tools, trial.tools) as mcp_url:
            yield {"mcp_url": mcp_url}

    async def close(self) -> None:
        """Ends the agent, then the servers."""
        await self.inside.close()
        await self._http.close()
        await self._tool_server.close()
