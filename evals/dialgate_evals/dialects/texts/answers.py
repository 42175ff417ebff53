"""An answer of a tool: its text, and the marks of failure that stand inside it."""

from __future__ import annotations

import re

from dialgate_evals.files.json_text import JsonTextError, json_text, parse_json


def answer_text(content: object) -> str:
    """The text of an answer in whatever parts it comes."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list):
        return "".join(_part_text(part) for part in content)
    return json_text(content)


def _part_text(part: object) -> str:
    if isinstance(part, dict):
        for key in ("text", "content", "value"):
            if isinstance(part.get(key), str):
                return str(part[key])
        if isinstance(part.get("json"), dict | list):
            return json_text(part["json"])
        return "" if part.get("type") in {"image", "image_url", "document"} else json_text(part)
    return part if isinstance(part, str) else json_text(part)


_ERROR_TEXTS = re.compile(
    r"An error occurred while running the tool\. Please try again\."  # OpenAI's Agents SDK
    # LangGraph's ToolNode, whose status gets lost where its answers are written as OpenAI's
    r"|Error: .{1,200} is not a valid tool, try one of \[.*\]\.\Z"
    r"|Error: .*\n Please fix your mistakes\.\Z"
    r"|Error (?:executing|invoking) tool '.*\n Please fix the error and try again\.\Z",
    re.DOTALL,
)


def is_error_text(text: str) -> bool:
    """Whether an answer is the very sentence by which a framework tells of a failed call."""
    return text.startswith(("An error", "Error")) and _ERROR_TEXTS.match(text) is not None


def is_mcp_error(content: object) -> bool:
    """Whether an answer is an MCP result, as data or as its text, that says `isError`."""
    if isinstance(content, str):
        if '"isError"' not in content or len(content) > 1_000_000:
            return False
        try:
            content = parse_json(content.encode("utf-8", "surrogatepass"))
        except JsonTextError:
            return False
    if not isinstance(content, dict) or content.get("isError") is not True:
        return False
    return isinstance(content.get("content"), list) or "structuredContent" in content
