"""A pydantic-ai agent as its quickstart has it; `respond` is all that dialgate needs of it."""

from pydantic_ai import Agent, Tool

agent = Agent(
    "openai:gpt-5-mini",
    instructions="You answer shop customers. Refund up to 50 USD yourself; hand over the rest.",
)


@agent.tool_plain
def get_order(order_id: str) -> dict:
    """Looks up an order."""
    raise NotImplementedError("your shop's own API: gated runs never get here")


async def respond(messages, tools, release):
    """The same agent on one case, with simulated tools in the place of its own."""

    def simulated(schema):
        async def call(**arguments):
            try:
                return await tools.call(schema["name"], arguments)
            except tools.ToolError as error:
                return f"error: {error}"

        return Tool.from_schema(call, schema["name"], schema["description"], schema["parameters"])

    with agent.override(tools=[simulated(schema) for schema in tools.schemas]):
        return (await agent.run(messages[-1]["content"])).output
