"""Agents of well-known frameworks load and act inside the worker, each in its own environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.evals.running.agents.python_agents import replies, run_source
from tests.integration.test_mcp_clients import ENVIRONMENTS

if TYPE_CHECKING:
    from pathlib import Path

PYDANTIC_AI = """
from pydantic_ai import Agent
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import FunctionModel

def model(messages, info):
    if any(isinstance(message, ModelResponse) for message in messages):
        return ModelResponse(parts=[TextPart("Done.")])
    return ModelResponse(parts=[ToolCallPart("refund", {"id": "refund-000", "amount": 10})])

def respond(messages, tools, release):
    agent = Agent(FunctionModel(model))

    @agent.tool_plain
    def refund(id: str, amount: int) -> str:
        return str(tools.call("refund", {"id": id, "amount": amount}))

    return agent.run_sync(messages[-1]["content"]).output
"""

LANGGRAPH = """
import multiprocessing, threading
import httpx, openai, requests
from langgraph.graph import END, START, StateGraph

def act(state):
    state["tools"].call("refund", {"id": "refund-000", "amount": 10})
    return {"reply": "Done."}

graph = StateGraph(dict)
graph.add_node("act", act)
graph.add_edge(START, "act")
graph.add_edge("act", END)
app = graph.compile()

def double(number):
    return 2 * number

def respond(messages, tools, release):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(double, [21]) == [42]
    thread = threading.Thread(target=double, args=(1,))
    thread.start()
    thread.join()
    return app.invoke({"tools": tools})["reply"]
"""

OPENAI_AGENTS = """
import agents, openai, requests

@agents.function_tool
async def refund(context: agents.RunContextWrapper, id: str, amount: int) -> str:
    return str(await context.context.call("refund", {"id": id, "amount": amount}))

async def respond(messages, tools, release):
    assert openai.AsyncOpenAI(api_key="none")
    assert refund.name == "refund"
    await tools.call("refund", {"id": "refund-000", "amount": 10})
    return "Done."
"""

AGENTS = {"pydantic-ai": PYDANTIC_AI, "langgraph": LANGGRAPH, "openai-agents": OPENAI_AGENTS}


@pytest.mark.parametrize(("name", "source"), AGENTS.items(), ids=AGENTS)
def test_it_loads_and_acts(name: str, source: str, tmp_path: Path) -> None:
    interpreter = ENVIRONMENTS / name / "bin" / "python"
    if not interpreter.exists():
        pytest.skip(f"the environment {name} is not there: make mcp-clients")
    agent = f'interpreter = "{interpreter}"'
    found = run_source(tmp_path, source, cases=1, agent=agent, suite="timeout_s = 120")
    assert replies(found) == ["Done."]
    assert "refund" in str(found["refund-000"].messages[1]["tool_calls"])
