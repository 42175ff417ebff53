"""A trajectory in plain lines: who said what, which tools were called, what they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.actions.trajectory import text_of
from dialgate_evals.dialects.front_door import as_chat
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from dialgate_evals.actions.trajectory import Trajectory

_WIDTH = 400


def describe_trajectory(trajectory: Trajectory, width: int = 80) -> list[str]:
    """A few lines per message; long texts are cut with the number of characters left out."""
    lines = []
    for message in as_chat(trajectory.messages):
        text = text_of(message.get("content"))
        if text:
            mark = " (error)" if message.get("error") else ""
            shown = shorten(printable(text), _WIDTH)
            lines.append(wrap(f"{message['role']}{mark}: {shown}", width, "  ", "    "))
        for call in message.get("tool_calls") or ():
            function = call["function"]
            shown = shorten(f"{function['name']}({function['arguments']})", _WIDTH)
            lines.append(wrap(f"calls {shown}", width, "  ", "    "))
    if trajectory.failure:
        lines.append(wrap(f"broke off: {trajectory.failure}", width, "  ", "    "))
    return lines
