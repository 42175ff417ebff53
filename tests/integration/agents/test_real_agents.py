"""Agents of well-known frameworks run inside the worker, each in an environment of its own.

Each asks a model behind a local endpoint what to do, does it on the harness's tools, tells the
model, and answers with the model's words: once in two cases, so that nothing of the first is in the
way of the second. Those of pydantic-ai and openai-agents do so in `tests/outside/test_recipes.py`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.evals.running.agents.python_agents import replies, run_source
from tests.integration.agents.dresses.servers import serving
from tests.integration.agents.test_mcp_clients import ENVIRONMENTS

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "amount": {"type": "integer"}},
    "required": ["id", "amount"],
}

OPENAI = """
import json, openai

client = openai.OpenAI(base_url=URL, api_key="none", max_retries=0)

def respond(messages, tools, release):
    sent = list(messages)
    listed = [{"type": "function", "function": schema} for schema in tools.schemas]
    while True:
        answer = client.chat.completions.create(model="fake", messages=sent, tools=listed)
        message = answer.choices[0].message
        if not message.tool_calls:
            return message.content
        sent.append(message.model_dump(exclude_none=True))
        for call in message.tool_calls:
            result = tools.call(call.function.name, json.loads(call.function.arguments))
            sent.append(
                {"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)}
            )
"""

OPENAI_ASYNC = """
import json, openai

async def respond(messages, tools, release):
    async with openai.AsyncOpenAI(base_url=URL, api_key="none", max_retries=0) as client:
        sent, listed = list(messages), [{"type": "function", "function": s} for s in tools.schemas]
        while True:
            answer = await client.chat.completions.create(model="fake", messages=sent, tools=listed)
            message = answer.choices[0].message
            if not message.tool_calls:
                return {"reply": message.content}
            sent.append(message.model_dump(exclude_none=True))
            for call in message.tool_calls:
                result = await tools.call(call.function.name, json.loads(call.function.arguments))
                sent.append({"role": "tool", "tool_call_id": call.id, "content": str(result)})
"""

LANGGRAPH = """
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

def respond(messages, tools, release):
    @tool
    def refund(id: str, amount: int) -> str:
        "Refunds an order."
        return str(tools.call("refund", {"id": id, "amount": amount}))

    model = ChatOpenAI(model="fake", base_url=URL, api_key="none").bind_tools([refund])
    graph = StateGraph(MessagesState)
    graph.add_node("ask", lambda state: {"messages": [model.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode([refund]))
    graph.add_edge(START, "ask")
    graph.add_conditional_edges("ask", tools_condition)
    graph.add_edge("tools", "ask")
    asked = {"messages": [("user", messages[-1]["content"])]}
    return graph.compile().invoke(asked)["messages"][-1].content
"""

PLAIN = """
import json, multiprocessing, threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
import httpx, requests

def by_requests(sent):
    return requests.post(URL + "/chat/completions", json=sent, timeout=60).json()

def by_httpx(sent):
    return httpx.post(URL + "/chat/completions", json=sent, timeout=60).json()

def told(ask, sent):
    return ask(sent)["choices"][0]["message"]

def respond(messages, tools, release):
    # A process of its own asks first; the call is made in a thread; another thread asks again.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        message = pool.submit(told, by_requests, {"messages": messages}).result()
    (call,) = message["tool_calls"]
    done = []
    arguments = json.loads(call["function"]["arguments"])
    thread = threading.Thread(
        target=lambda: done.append(tools.call(call["function"]["name"], arguments))
    )
    thread.start()
    thread.join()
    answer = {"role": "tool", "tool_call_id": call["id"], "content": json.dumps(done)}
    with ThreadPoolExecutor(1) as pool:
        sent = {"messages": [*messages, message, answer]}
        return pool.submit(told, by_httpx, sent).result()["content"]
"""

AGENTS = {
    "openai": ("openai", OPENAI),
    "openai, async": ("openai", OPENAI_ASYNC),
    "requests, httpx, multiprocessing and threads": ("openai", PLAIN),
    "langgraph": ("langgraph", LANGGRAPH),
}


def model(document: Any) -> Any:
    """Asks for one refund of the order that the user names, then says what the tool said."""
    messages = document["messages"]
    last = messages[-1]
    if last["role"] == "tool":
        message: dict[str, Any] = {"role": "assistant", "content": f"Done: {last['content']}"}
    else:
        order = str(last["content"]).split()[-1].rstrip(".")
        function = {"name": "refund", "arguments": json.dumps({"id": order, "amount": 10})}
        call = {"id": f"call {order}", "type": "function", "function": function}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    reason = "tool_calls" if message["content"] is None else "stop"
    choice = {"index": 0, "message": message, "finish_reason": reason}
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    head = {"id": "x", "object": "chat.completion", "created": 1, "model": "fake"}
    return {**head, "choices": [choice], "usage": usage}


@pytest.mark.parametrize(("environment", "source"), AGENTS.values(), ids=AGENTS)
def test_it_asks_acts_and_answers(environment: str, source: str, tmp_path: Path) -> None:
    interpreter = ENVIRONMENTS / environment / "bin" / "python"
    if not interpreter.exists():
        pytest.skip(f"the environment {environment} is not there: make mcp-clients")
    agent = f'interpreter = "{interpreter}"\nnetwork = "loopback"'
    with serving(model) as url:
        text = f'URL = "{url}/v1"\n{source}'
        found = run_source(tmp_path, text, cases=2, agent=agent, suite="timeout_s = 120")
    assert all(reply.startswith("Done: ") for reply in replies(found)), replies(found)
    for case in ("refund-000", "refund-001"):
        (call,) = [call for m in found[case].messages for call in m.get("tool_calls", ())]
        assert call["function"]["name"] == "refund"
        assert json.loads(call["function"]["arguments"])["id"] == case
