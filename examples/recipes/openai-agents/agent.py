"""An openai-agents agent as its quickstart has it; `respond` is all that dialgate needs of it."""

import json

from agents import Agent, FunctionTool, Runner, function_tool, set_tracing_disabled

set_tracing_disabled(True)  # traces would be sent to OpenAI


@function_tool
def get_order(order_id: str) -> dict:
    """Looks up an order."""
    raise NotImplementedError("your shop's own API: gated runs never get here")


agent = Agent(
    name="Shop desk",
    model="gpt-5-mini",
    instructions="You answer shop customers. Refund up to 50 USD yourself; hand over the rest.",
    tools=[get_order],
)


async def respond(messages, tools, release):
    """The same agent on one case, with simulated tools in the place of its own."""

    def simulated(schema):
        async def call(context, arguments):
            try:
                return str(await tools.call(schema["name"], json.loads(arguments)))
            except tools.ToolError as error:
                return f"error: {error}"

        name, description, parameters = schema["name"], schema["description"], schema["parameters"]
        return FunctionTool(name, description, parameters, call, strict_json_schema=False)

    gated = agent.clone(tools=[simulated(schema) for schema in tools.schemas])
    return (await Runner.run(gated, messages)).final_output
