"""Agents of well-known frameworks on the simulated tools over MCP, each from its own environment.

`mcp-clients/NAME.txt` lists what an environment holds; DIALGATE_MCP_CLIENTS names the folder of
the environments, one virtual environment a NAME. What is not there is skipped with the reason.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.evals.running.agents.chat_runs import calls, says, tool_messages
from tests.evals.running.http_servers import FakeServer, Received
from tests.evals.running.simulation.served_tools import Served, needs_mcp, over_http, over_stdio
from tests.integration.command_line import PROJECT

pytestmark = needs_mcp  # else nothing is served here either
ENVIRONMENTS = Path(
    os.environ.get("DIALGATE_MCP_CLIENTS", PROJECT / ".venv" / "mcp-clients")
).resolve()

LONGEST_S = 120
"""Frameworks start cold in several seconds; this only ends what hangs."""

PYDANTIC_AI = """
import asyncio, json, sys
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import FunctionModel

STEPS = [("look_up", {"id": "a"}), ("look_up", {"id": "b"}), ("refund", {"id": "a", "amount": 10})]

def model(messages, info):
    assert {tool.name for tool in info.function_tools} == {"look_up", "refund", "send_mail"}
    done = sum(isinstance(message, ModelResponse) for message in messages)
    if done < len(STEPS):
        return ModelResponse(parts=[ToolCallPart(*STEPS[done])])
    return ModelResponse(parts=[TextPart("Done.")])

async def main():
    agent = Agent(FunctionModel(model), toolsets=[MCPToolset(json.loads(sys.argv[1]))])
    print((await agent.run("Please refund a.")).output)

asyncio.run(main())
"""

OPENAI_AGENTS = """
import asyncio, json, sys
from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from openai import AsyncOpenAI

async def main():
    set_tracing_disabled(True)
    address = json.loads(sys.argv[1])
    if isinstance(address, str):
        server = MCPServerStreamableHttp(params={"url": address})
    else:
        server = MCPServerStdio(
            params={"command": address[0], "args": address[1:]}, client_session_timeout_seconds=60
        )
    client = AsyncOpenAI(base_url=sys.argv[2], api_key="none")
    model = OpenAIChatCompletionsModel(model="fake", openai_client=client)
    async with server:
        agent = Agent(name="shop", model=model, mcp_servers=[server])
        print((await Runner.run(agent, "Please refund a.")).final_output)

asyncio.run(main())
"""

LANGGRAPH = """
import asyncio, json, sys
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

async def main():
    address = json.loads(sys.argv[1])
    client = MultiServerMCPClient({"shop": {"transport": "streamable_http", "url": address}})
    tools = await client.get_tools()
    model = ChatOpenAI(model="fake", base_url=sys.argv[2], api_key="none").bind_tools(tools)

    async def ask(state):
        return {"messages": [await model.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("ask", ask)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_edge(START, "ask")
    graph.add_conditional_edges("ask", tools_condition)
    graph.add_edge("tools", "ask")
    done = await graph.compile().ainvoke({"messages": [("user", "Please refund a.")]})
    print(done["messages"][-1].content)

asyncio.run(main())
"""

STEPS = [
    ("look_up", {"id": "a"}),
    ("look_up", {"id": "b"}),
    ("refund", {"id": "a", "amount": 10}),
]
"""What the fake model asks for, one call a turn; the tool answers the second with an error."""


async def fake_model(received: Received) -> bytes:
    done = len(tool_messages(received))
    if done == len(STEPS):
        return says("Done.")
    # A model gives each of its calls another id, and openai-agents insists on it.
    return calls(STEPS[done]).replace(b"call-0", b"call-%d" % done)


def needs(name: str) -> pytest.MarkDecorator:
    here = (ENVIRONMENTS / name / "bin" / "python").exists()
    reason = (
        f"no environment {name}; install tests/integration/agents/mcp-clients/{name}.txt into one "
        "and name its folder by DIALGATE_MCP_CLIENTS"
    )
    return pytest.mark.skipif(not here, reason=reason)


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path)


async def run_client(name: str, script: Path, *arguments: str) -> str:
    """What the client printed; its environment holds nothing of this one's."""
    process = await asyncio.create_subprocess_exec(
        str(ENVIRONMENTS / name / "bin" / "python"),
        "-I",
        str(script),
        *arguments,
        env={"PATH": os.environ["PATH"], "HOME": str(script.parent)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            out, log = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, log.decode()[-4000:]
    return out.decode().strip()


def run_framework(name: str, code: str, open_trial: Any, served: Served, tmp_path: Path) -> Any:
    """What the agent said, and the log of its calls."""
    script = tmp_path / "client.py"
    script.write_text(code)
    session = served.session()

    async def main() -> str:
        async with (
            FakeServer(fake_model).running() as model,
            open_trial(session, served.schemas) as address,
        ):
            return await run_client(name, script, json.dumps(address), f"{model.url}/v1")

    said = asyncio.run(main())
    return said, [(call.name, call.arguments, call.is_error) for call in session.log]


EXPECTED = [(name, arguments, arguments == {"id": "b"}) for name, arguments in STEPS]


@needs("pydantic-ai")
def test_pydantic_ai_over_http(served: Served, tmp_path: Path) -> None:
    said, log = run_framework("pydantic-ai", PYDANTIC_AI, over_http, served, tmp_path)
    assert (said, log) == ("Done.", EXPECTED)


@needs("openai-agents")
@pytest.mark.parametrize(
    "open_trial", [pytest.param(over_http, id="http"), pytest.param(over_stdio, id="stdio")]
)
def test_openai_agents(open_trial: Any, served: Served, tmp_path: Path) -> None:
    said, log = run_framework("openai-agents", OPENAI_AGENTS, open_trial, served, tmp_path)
    assert (said, log) == ("Done.", EXPECTED)


@needs("langgraph")
def test_langgraph_over_http(served: Served, tmp_path: Path) -> None:
    said, log = run_framework("langgraph", LANGGRAPH, over_http, served, tmp_path)
    assert (said, log) == ("Done.", EXPECTED)
