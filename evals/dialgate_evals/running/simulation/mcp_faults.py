"""What an MCP server does wrong, in sentences: the tool at fault, lines that are no messages.

The SDK says it in dumps and tracebacks that name no tool. Leaves asking the server to `mcp_pull`.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.files.problems import show_value

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_SAID = 3


def tool_at_fault(error: BaseException) -> str | None:
    """A sentence on the first tools that the SDK refuses; None where it is about no tool.

    The SDK checks a whole page and keeps the list to itself: it is in the frame that raised.
    """
    if type(error).__name__ != "ValidationError" or not hasattr(error, "errors"):
        return None
    listed = _raw_tools(error)
    said: list[str] = []
    for item in error.errors():
        place = tuple(item["loc"])
        if len(place) < 2 or place[0] != "tools" or not isinstance(place[1], int):
            continue
        where = ".".join(str(part) for part in place[2:]) or "it"
        name = _name_of(listed, place[1])
        said.append(f"{name} at {where}: {item['msg'][:1].lower()}{item['msg'][1:]}")
    if not said:
        return None
    more = f"; {len(said) - _MOST_SAID} more" if len(said) > _MOST_SAID else ""
    return f"the list breaks MCP in {'; '.join(said[:_MOST_SAID])}{more}"


def _raw_tools(error: BaseException) -> list[Any]:
    frame = error.__traceback__
    while frame is not None:
        for value in frame.tb_frame.f_locals.values():
            if isinstance(value, dict) and isinstance(value.get("tools"), list):
                return list(value["tools"])
        frame = frame.tb_next
    return []


def _name_of(listed: list[Any], index: int) -> str:
    tool = listed[index] if index < len(listed) else None
    name = tool.get("name") if isinstance(tool, dict) else None
    return f"the tool {show_value(name)}" if isinstance(name, str) else f"tool {index + 1}"


class _Lines(logging.Handler):
    """Keeps what the SDK logs, without its tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.bad: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One line that was no message; its text is in the error that the SDK caught."""
        error = record.exc_info[1] if record.exc_info else None
        if "parse" in record.getMessage().lower():
            self.bad.append(_line_of(error))


def _line_of(error: BaseException | None) -> str:
    for item in error.errors() if hasattr(error, "errors") else ():  # type: ignore[union-attr]  # of pydantic, not imported
        if isinstance(item.get("input"), str | bytes):
            raw = item["input"]
            return raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
    return ""


@contextmanager
def log_taken() -> Iterator[_Lines]:
    """Takes the SDK's log while a server is asked, so that no traceback reaches the person."""
    logger, lines = logging.getLogger("mcp"), _Lines()
    propagated = logger.propagate
    logger.addHandler(lines)
    logger.propagate = False
    try:
        yield lines
    finally:
        logger.removeHandler(lines)
        logger.propagate = propagated


def describe_lines(bad: list[str]) -> str:
    """One sentence on lines that a server printed between its messages."""
    first = next((line for line in bad if line.strip()), "")
    shown = f", the first {show_value(shorten(printable(first), 100))}" if first else ""
    lines = "a line that is no message" if len(bad) == 1 else f"{len(bad)} lines of no message"
    return (
        f"the server prints {lines} on its standard output{shown}: clients may break off there; "
        "such words belong on standard error"
    )
