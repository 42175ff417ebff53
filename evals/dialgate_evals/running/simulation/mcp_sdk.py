"""The official MCP SDK in both of its shapes: 1.x and 2.x, one thin builder each.

Knows how a server of simulated tools is made with either (extra `mcp`); leaves where it is served
to `dialgate_evals.running.simulation.mcp_server` and `dialgate_evals.running.simulation.mcp_stdio`.
"""

from __future__ import annotations

import importlib.util
import json
from importlib import metadata
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from dialgate_evals.running.agent_protocol import ToolAnswer

    MakeCall = Callable[[str, Any], Awaitable[ToolAnswer]]

SERVER_NAME = "dialgate"


def require_mcp() -> None:
    """Raises UsageError naming the extra where the SDK is not installed."""
    if importlib.util.find_spec("mcp") is None:
        raise UsageError('MCP needs the extra "mcp": pip install "dialgate[mcp]".')


def is_first_generation() -> bool:
    """Whether the installed SDK is 1.x, whose servers register handlers by type."""
    return metadata.version("mcp").partition(".")[0] == "1"


def build_server(schemas: Sequence[Mapping[str, Any]], make_call: MakeCall) -> Any:  # noqa: ANN401 - any data
    """An SDK server that lists these tools and hands every call to `make_call`.

    Arguments are not validated by the SDK: what a real tool says to bad ones is the simulated
    tools' to say, and every call must reach their log. A tool's error is an `isError` answer.
    The type differs between the SDK's generations.
    """
    tools = [_as_mcp_tool(schema) for schema in schemas]
    build = _build_first if is_first_generation() else _build_second
    return build(tools, make_call)


def _build_second(tools: list[dict[str, Any]], make_call: MakeCall) -> Any:  # noqa: ANN401 - any data
    from mcp import types  # noqa: PLC0415 - an extra
    from mcp.server.lowlevel import Server  # noqa: PLC0415 - an extra

    listed = types.ListToolsResult.model_validate({"tools": tools})

    async def list_tools(context: object, params: object) -> types.ListToolsResult:
        del context, params
        return listed

    async def call_tool(
        context: object, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        del context
        answer = await make_call(params.name, params.arguments or {})
        return types.CallToolResult.model_validate(_as_mcp_result(answer))

    return Server(SERVER_NAME, on_list_tools=list_tools, on_call_tool=call_tool)


def _build_first(tools: list[dict[str, Any]], make_call: MakeCall) -> Any:  # noqa: ANN401 - any data
    from mcp import types  # noqa: PLC0415 - an extra
    from mcp.server.lowlevel import Server  # noqa: PLC0415 - an extra

    first: Any = types
    listed = types.ListToolsResult.model_validate({"tools": tools})

    async def list_tools(request: object) -> Any:  # noqa: ANN401 - a type of 1.x
        del request
        return first.ServerResult(listed)

    async def call_tool(request: Any) -> Any:  # noqa: ANN401 - types of 1.x
        answer = await make_call(request.params.name, request.params.arguments or {})
        result = types.CallToolResult.model_validate(_as_mcp_result(answer))
        return first.ServerResult(result)

    # Not by the decorators: those look the tool up before each call and validate by its schema.
    server: Any = Server(SERVER_NAME)
    server.request_handlers[types.ListToolsRequest] = list_tools
    server.request_handlers[types.CallToolRequest] = call_tool
    return server


def _as_mcp_tool(schema: Mapping[str, Any]) -> dict[str, Any]:
    # MCP asks for an object at the root, which a release's schema may leave unsaid.
    parameters = {"type": "object", **schema["parameters"]}
    return {
        "name": schema["name"],
        "description": schema["description"],
        "inputSchema": parameters,
    }


def _as_mcp_result(answer: ToolAnswer) -> dict[str, Any]:
    content = answer.content
    text = content if isinstance(content, str) else json.dumps(content)
    return {"content": [{"type": "text", "text": text}], "isError": answer.is_error}
