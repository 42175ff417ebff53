"""A smolagents agent as its quickstart has it; `respond` is all that dialgate needs of it."""

import os

from smolagents import OpenAIModel, Tool, ToolCallingAgent

PROMPT = "You answer shop customers. Refund up to 50 USD yourself; hand over the rest."


def agent_with(tools):
    """The agent, with these tools."""
    model = OpenAIModel("gpt-5-mini", api_base=os.environ.get("OPENAI_BASE_URL"))
    return ToolCallingAgent(tools=tools, model=model, instructions=PROMPT, verbosity_level=0)


class Simulated(Tool):
    """One of dialgate's tools as smolagents knows them."""

    output_type = "any"
    skip_forward_signature_validation = True

    def __init__(self, schema, call):
        self.name, self.description = schema["name"], schema["description"]
        given = schema["parameters"]["properties"].items()
        self.inputs = {name: {"description": name, **value} for name, value in given}
        self.call = call
        super().__init__()

    def forward(self, **arguments):
        return str(self.call(self.name, arguments))


def respond(messages, tools, release):
    """The same agent on one case, with simulated tools in the place of its own."""
    agent = agent_with([Simulated(schema, tools.call) for schema in tools.schemas])
    return str(agent.run(messages[-1]["content"]))
