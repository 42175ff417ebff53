"""A Google ADK agent as its quickstart has it; `respond` is all that dialgate needs of it."""

from google.adk.agents import Agent
from google.adk.runners import InMemoryRunner
from google.adk.tools import BaseTool
from google.genai import types


def agent_with(tools):
    """The agent, with these tools."""
    return Agent(
        name="shop_desk",
        model="gemini-2.5-flash",
        instruction="You answer shop customers. Refund up to 50 USD yourself; hand over the rest.",
        tools=tools,
    )


async def respond(messages, tools, release):
    """The same agent on one case, with simulated tools in the place of its own."""

    class Simulated(BaseTool):
        def __init__(self, schema):
            super().__init__(name=schema["name"], description=schema["description"])
            self.parameters = schema["parameters"]

        def _get_declaration(self):
            given = {"name": self.name, "description": self.description}
            return types.FunctionDeclaration(**given, parameters_json_schema=self.parameters)

        async def run_async(self, *, args, tool_context):
            try:
                return {"result": await tools.call(self.name, args)}
            except tools.ToolError as error:
                return {"error": str(error)}

    runner = InMemoryRunner(agent_with([Simulated(schema) for schema in tools.schemas]))
    events = await runner.run_debug(messages[-1]["content"], quiet=True)
    return "".join(part.text or "" for part in events[-1].content.parts)
