"""A Claude Agent SDK agent as its quickstart has it; `respond` is all that dialgate needs of it."""

from claude_agent_sdk import ClaudeAgentOptions, ResultMessage, SdkMcpTool, query
from claude_agent_sdk import create_sdk_mcp_server as serve

PROMPT = "You answer shop customers. Refund up to 50 USD yourself; hand over the rest."


async def ask(text, tools):
    """The agent's answer; it has these tools and none of Claude Code's own."""
    options = ClaudeAgentOptions(
        system_prompt=PROMPT,
        tools=[],
        mcp_servers={"shop": serve("shop", tools=tools)},
        allowed_tools=[f"mcp__shop__{tool.name}" for tool in tools],
    )
    async for message in query(prompt=text, options=options):
        if isinstance(message, ResultMessage):
            return message.result


async def respond(messages, tools, release):
    """The same agent on one case, with simulated tools in the place of its own."""

    def simulated(schema):
        async def call(arguments):
            try:
                text = str(await tools.call(schema["name"], arguments))
            except tools.ToolError as error:
                return {"content": [{"type": "text", "text": str(error)}], "is_error": True}
            return {"content": [{"type": "text", "text": text}]}

        return SdkMcpTool(schema["name"], schema["description"], schema["parameters"], call)

    return await ask(messages[-1]["content"], [simulated(schema) for schema in tools.schemas])
