"""A page for a person at a terminal, in 80 columns, or in a message.

Pure, from the page's JSON; leaves every decision to `gate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator


def render_page(page: dict[str, Any], width: int = 80) -> str:
    """The page: what, since when, which release, whom it is for, and what to do."""
    lines = [printable(page["title"])]
    lines += [wrap(printable(text), width, "  ") for text in _sentences(page)]
    return "\n".join(lines) + "\n"


def _sentences(page: dict[str, Any]) -> Iterator[str]:
    yield page["reason"]
    yield f"Suspect: {page['suspect']}"
    if page.get("events"):
        yield f"Latest events: {', '.join(page['events'][-5:])}"
    yield f"On call: {_answers(page['on_call'])} Runbook: {page['runbook']}."
    if page["kill_switch"] is not None:
        rollback = "" if page["rollback"] is None else f" Rollback to: {page['rollback']}"
        yield f"Kill switch: {page['kill_switch']}{rollback}"
    if page["command"] is not None:
        yield f"To demote: {page['command']}"


def _answers(on_call: dict[str, Any]) -> str:
    accountable = on_call["accountable"]
    name = accountable["name"] or "nobody"
    return f"{on_call['shown']}; accountable: {name}."
