"""Anthropic's messages: blocks in `content`, answers in the user's next message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.dialects.openai_chat import is_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.dialects.reading import Part, PartReader, Path, Reading, Role

NAME = "Anthropic"

HARMLESS = frozenset(
    "image document thinking redacted_thinking search_result container_upload compaction fallback "
    "web_search_tool_result web_fetch_tool_result advisor_tool_result code_execution_tool_result "
    "bash_code_execution_tool_result text_editor_code_execution_tool_result "
    "tool_search_tool_result mcp_tool_listing tool_addition tool_removal tool_reference".split()
)

_ON_THE_SERVER = frozenset(
    "web_search web_fetch code_execution bash_code_execution text_editor_code_execution "
    "tool_search_tool_regex tool_search_tool_bm25 tool_search advisor".split()
)
"""Tools that the provider runs in its own sandbox."""


def _use(reading: Reading, role: Role, part: Part, path: Path) -> None:
    del role
    reading.dialects.add(NAME)
    reading.call(
        part.get("name"), part.get("input"), call_id=part.get("id"), failed=is_error(part),
        path=path,
    )  # fmt: skip


def _server_use(reading: Reading, role: Role, part: Part, path: Path) -> None:
    reading.dialects.add(NAME)
    if part.get("name") not in _ON_THE_SERVER:
        _use(reading, role, part, path)


def _result(reading: Reading, role: Role, part: Part, path: Path) -> None:
    del role
    reading.dialects.add(NAME)
    reading.answer(
        part.get("content"), call_id=part.get("tool_use_id"), failed=is_error(part), path=path
    )


PARTS: Mapping[str, PartReader] = {
    "tool_use": _use, "mcp_tool_use": _use, "server_tool_use": _server_use,
    "tool_result": _result, "mcp_tool_result": _result,
}  # fmt: skip
