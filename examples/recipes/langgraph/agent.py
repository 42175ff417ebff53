"""A LangGraph agent as its quickstart has it; `respond` is all that dialgate needs of it."""

from langchain_core.messages import SystemMessage
from langchain_core.tools import StructuredTool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

PROMPT = "You answer shop customers. Refund up to 50 USD yourself; hand over the rest."


def agent_with(tools):
    """The model asks for tools until it has an answer."""
    model = ChatOpenAI(model="gpt-5-mini").bind_tools(tools)

    async def ask(state):
        return {"messages": [await model.ainvoke([SystemMessage(PROMPT), *state["messages"]])]}

    graph = StateGraph(MessagesState)
    graph.add_node("ask", ask)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_edge(START, "ask")
    graph.add_conditional_edges("ask", tools_condition)
    graph.add_edge("tools", "ask")
    return graph.compile()


async def respond(messages, tools, release):
    """The same graph on one case, with simulated tools in the place of its own."""

    def simulated(schema):
        async def call(**arguments):
            return await tools.call(schema["name"], arguments)

        given = {"name": schema["name"], "description": schema["description"]}
        return StructuredTool(**given, args_schema=schema["parameters"], coroutine=call)

    graph = agent_with([simulated(schema) for schema in tools.schemas])
    return (await graph.ainvoke({"messages": messages}))["messages"][-1].content
