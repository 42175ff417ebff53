"""A running MCP server's tool list as tools.json: asked by the SDK's client, checked, sorted.

Knows both kinds of address (a URL, a command), what of a tool is kept, and when a file may be
overwritten; leaves drift to whoever compares two lists.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import JsonTextError, canonical_json, parse_json
from dialgate_evals.files.plain_text import shorten
from dialgate_evals.files.problems import Problem, show_path, show_value
from dialgate_evals.files.schema_validation import check_document, schema_defects
from dialgate_evals.running.simulation.mcp_faults import (
    describe_lines,
    log_taken,
    tool_at_fault,
)
from dialgate_evals.running.simulation.mcp_sdk import is_first_generation, require_mcp
from dialgate_evals.suite.tool_reading.forms import ToolDefect, read_tool_list

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

    ListPage = Callable[[str | None], Awaitable[Any]]
    # cursor to one page of the SDK's type

_KEPT = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
"""Icons and `_meta` say nothing about what the tool does."""

_MOST_PAGES = 1000


def _nothing(said: str) -> None:
    del said


def pull_tools(
    source: str, *, timeout_s: float = 30.0, say: Callable[[str], None] = _nothing
) -> dict[str, Any]:
    """What tools.json is to hold: the tools of the server at a URL, or behind a command line.

    `say` hears what is odd about a server that can be asked all the same.

    Tools are sorted by name; inside a schema the server's order stays, because models see it.
    Raises UsageError where the server can't be asked, ConfigurationError where what it lists is
    no tool registry.
    """
    require_mcp()
    try:
        with log_taken() as lines:
            listed = asyncio.run(_list_tools(source, timeout_s))
    except TimeoutError:
        raise UsageError(f"{_shown(source)}: no tool list within {timeout_s:g} s.") from None
    except (UsageError, KeyboardInterrupt):
        raise
    except BaseException as error:  # the SDK and its transports raise types of their own, in groups
        cause = first_cause(error)
        if not isinstance(cause, Exception):
            raise
        if isinstance(cause, UsageError):
            raise cause from None
        said = tool_at_fault(cause) or shorten(str(cause) or type(cause).__name__, 500)
        raise UsageError(f"{_shown(source)}: no tool list: {said}.") from None
    if lines.bad:
        say(f"{_shown(source)}: {describe_lines(lines.bad)}.")
    return checked_registry(listed, source)


async def _list_tools(source: str, timeout_s: float) -> list[dict[str, Any]]:
    async with asyncio.timeout(timeout_s), open_client(source) as client:
        return await list_tools(client, source)


async def list_tools(client: Any, source: str) -> list[dict[str, Any]]:  # noqa: ANN401 - differs by generation
    """Every page of a connected server's list."""
    tools: list[dict[str, Any]] = []
    list_page = _pager(client)
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(_MOST_PAGES):
        page = await list_page(cursor)
        document = page.model_dump(mode="json", by_alias=True, exclude_none=True)
        tools += [{key: tool[key] for key in _KEPT if key in tool} for tool in document["tools"]]
        cursor = document.get("nextCursor")
        if cursor is None:
            return tools
        if cursor in seen:
            raise UsageError(
                f"{_shown(source)}: its tool list has no end: the cursor {show_value(cursor)} "
                "comes a second time."
            )
        seen.add(cursor)
    raise UsageError(f"{_shown(source)}: a tool list of more than {_MOST_PAGES} pages.")


@asynccontextmanager
async def open_client(source: str) -> AsyncIterator[Any]:
    """A connected client of either generation of the SDK."""
    if is_first_generation():
        async with _open_first(source) as session:
            yield session
        return
    import mcp  # noqa: PLC0415 - an extra

    async with mcp.Client(source if _is_url(source) else _stdio_parameters(source)) as client:
        yield client


@asynccontextmanager
async def _open_first(source: str) -> AsyncIterator[Any]:
    import mcp  # noqa: PLC0415 - an extra
    from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415 - an extra

    if _is_url(source):
        transport: Any = streamable_http_client(source)
    else:
        transport = mcp.stdio_client(_stdio_parameters(source))
    async with transport as streams, mcp.ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        yield session


def _pager(client: Any) -> ListPage:  # noqa: ANN401 - differs by generation
    async def list_page(cursor: str | None) -> Any:  # noqa: ANN401 - differs by generation
        if not is_first_generation():
            return await client.list_tools(cursor=cursor)
        from mcp import types  # noqa: PLC0415 - an extra

        return await client.list_tools(params=types.PaginatedRequestParams(cursor=cursor))

    return list_page


def _stdio_parameters(command: str) -> Any:  # noqa: ANN401 - the SDK's type
    import mcp  # noqa: PLC0415 - an extra

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"{_shown(command)}: no command line: {error}.") from None
    if not words:
        raise UsageError("--mcp: found nothing; expected a URL or a command line.")
    # The whole environment: a server that a person starts by hand has its keys there.
    return mcp.StdioServerParameters(command=words[0], args=words[1:], env=dict(os.environ))


def _is_url(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _shown(source: str) -> str:
    return shorten(source, 200)


def first_cause(error: BaseException) -> BaseException:
    """What is behind an error of the SDK, which raises types of its own, in groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def checked_registry(listed: Sequence[dict[str, Any]], source: str) -> dict[str, Any]:
    """The registry's document. Raises ConfigurationError with all that is wrong with it."""
    document = {"schema": 1, "tools": sorted(listed, key=lambda tool: str(tool["name"]))}
    shown = _shown(source)
    try:
        # Through text and back: what a file can't hold must not come out later.
        parse_json(canonical_json(document).encode("ascii"))
    except JsonTextError as error:
        problem = Problem(file=shown, found=str(error), expected="a tool list that JSON can hold")
        raise ConfigurationError([problem]) from None
    problems = check_document(document, "tools", shown, json_pointer)
    problems = problems or [*_schema_problems(document, shown), *_doubles(document, shown)]
    if problems:
        raise ConfigurationError(problems)
    return document


def _schema_problems(document: dict[str, Any], shown: str) -> list[Problem]:
    problems = []
    for entry in read_tool_list(document):
        place = json_pointer(entry.path)
        if isinstance(entry, ToolDefect):
            expected = entry.expected
            problems.append(Problem(file=shown, place=place, found=entry.found, expected=expected))
            continue
        problems += [
            Problem(
                file=shown,
                place=place,
                found=f'parameters of "{entry.name}" that are no usable schema: {defect}',
                expected="JSON Schema without outside references, in the dialect of its $schema",
            )
            for defect in schema_defects(entry.parameters)
        ]
    return problems


def _doubles(document: dict[str, Any], shown: str) -> list[Problem]:
    names = [tool["name"] for tool in document["tools"]]
    return [
        Problem(file=shown, found=f'the tool "{name}" a second time', expected="every tool once")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]


def write_registry(path: Path, document: dict[str, Any], *, force: bool) -> bool:
    """Whether the file was written: one that holds equal data already is left as it is.

    Raises UsageError where it holds anything else and `force` is not set, or can't be written.
    """
    try:
        known = path.read_bytes()
    except FileNotFoundError:
        known = None
    except OSError as error:
        raise UsageError(f"{show_path(path)} can't be read: {error.strerror}.") from None
    if known is not None and _is_equal(known, document):
        return False
    if known is not None and not force:
        raise UsageError(
            f"{show_path(path)} holds something else; --force overwrites it, --out FILE keeps both."
        )
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    try:
        write_atomically(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"{show_path(path)} can't be written: {error.strerror}.") from None
    return True


def _is_equal(raw: bytes, document: dict[str, Any]) -> bool:
    try:
        return canonical_json(parse_json(raw)) == canonical_json(document)
    except JsonTextError:
        return False
