"""Asks a real MCP server's tools, each question once: for reads that no recording answers.

Knows what an answer becomes in a recording; leaves which tools may be asked to the suite, but never
asks one of which the server says that it does more than read.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.errors import UsageError
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.files.plain_text import shorten
from dialgate_evals.running.simulation.mcp_pull import first_cause, list_tools, open_client
from dialgate_evals.running.simulation.mcp_sdk import require_mcp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class RealAnswer(Struct, frozen=True, kw_only=True):
    """What the tool answered, or why it was not asked."""

    result: Any = None
    error: str | None = None
    # a tool's own error
    refused: str | None = None


def ask_tools(
    source: str, calls: Sequence[tuple[str, Mapping[str, Any]]], *, timeout_s: float = 30.0
) -> list[RealAnswer]:
    """The answer to each call, in their order. Raises UsageError where nobody can be asked.

    `source` is a URL or a command line; each step may take `timeout_s`.
    """
    require_mcp()
    try:
        return asyncio.run(_ask(source, calls, timeout_s))
    except (UsageError, KeyboardInterrupt):
        raise
    except BaseException as error:  # the SDK raises types of its own, in groups
        cause = first_cause(error)
        if not isinstance(cause, Exception):
            raise
        said = shorten(str(cause) or type(cause).__name__, 500)
        raise UsageError(f"{shorten(source, 200)}: can't be asked: {said}.") from None


async def _ask(
    source: str, calls: Sequence[tuple[str, Mapping[str, Any]]], timeout_s: float
) -> list[RealAnswer]:
    async with open_client(source) as client:
        async with asyncio.timeout(timeout_s):
            tools = {tool["name"]: tool for tool in await list_tools(client, source)}
        found = []
        for name, arguments in calls:
            refused = _refusal(tools.get(name))
            if refused is not None:
                found.append(RealAnswer(refused=refused))
                continue
            async with asyncio.timeout(timeout_s):
                answer = await client.call_tool(name, dict(arguments))
            found.append(_read(answer.model_dump(mode="json", by_alias=True, exclude_none=True)))
        return found


def _refusal(tool: Mapping[str, Any] | None) -> str | None:
    if tool is None:
        return "the server has no such tool"
    annotations = tool.get("annotations") or {}
    if annotations.get("readOnlyHint") is False or annotations.get("destructiveHint") is True:
        return "the server says that it does more than read"
    return None


def _read(answer: Mapping[str, Any]) -> RealAnswer:
    parts = answer.get("content") or []
    other = [part for part in parts if part.get("type") != "text"]
    text = "\n".join(part["text"] for part in parts if part.get("type") == "text")
    if answer.get("isError"):
        return RealAnswer(error=text or "error")
    if answer.get("structuredContent") is not None:
        return RealAnswer(result=answer["structuredContent"])
    if other:
        return RealAnswer(
            refused=f"it answers with {other[0].get('type')}, which no recording holds"
        )
    return RealAnswer(result=_as_data(text))


def _as_data(text: str) -> Any:  # noqa: ANN401 - JSON data
    """An object or a list as such; a text that is a number stays one."""
    try:
        value = parse_json(text.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        return text
    return value if isinstance(value, dict | list) else text
