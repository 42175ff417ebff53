"""A LangChain agent as its quickstart has it; `respond` is all that dialgate needs of it."""

from langchain.agents import create_agent
from langchain_core.tools import StructuredTool


def agent_with(tools):
    """The agent, with these tools."""
    return create_agent(
        "openai:gpt-5-mini",
        tools=tools,
        system_prompt="You answer customers. Refund up to 50 USD yourself; hand over the rest.",
    )


async def respond(messages, tools, release):
    """The same agent on one case, with simulated tools in the place of its own."""

    def simulated(schema):
        async def call(**arguments):
            try:
                return await tools.call(schema["name"], arguments)
            except tools.ToolError as error:
                return f"error: {error}"

        given = {"name": schema["name"], "description": schema["description"]}
        return StructuredTool(**given, args_schema=schema["parameters"], coroutine=call)

    agent = agent_with([simulated(schema) for schema in tools.schemas])
    return (await agent.ainvoke({"messages": messages}))["messages"][-1].content
