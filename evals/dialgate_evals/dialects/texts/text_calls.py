"""Text that looks like a call which nobody parsed: a broken chat template hides actions there.

Counts and never scores: what stands in a text had no effect that the record shows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def text_call_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """What the calls of these tools look like in text; None without tools.

    Calls as JSON, in tags, as `Action: name`, in Harmony's `to=functions.name`, as Python.
    """
    words = "|".join(sorted(map(re.escape, names), key=lambda word: (-len(word), word)))
    if not words:
        return None
    name = rf"(?:functions?\.|default_api\.|tools?\.)?(?:{words})"
    keys = "name|tool|tool_name|toolName|function|function_name|recipient_name|action"
    forms = (
        rf'["\'](?:{keys})["\']\s*:\s*["\']{name}["\']',
        rf'<(?:function|tool|invoke|tool_call|call|parameter)[^<>]{{0,40}}[=\s"\']{name}["\'\s>/]',
        rf"<{name}>",
        rf"(?im:^[ \t>*]*Action(?:\*\*)?\s*:\**[ \t]*`?{name}\b)",
        rf"\bto={name}\b",
        rf"\[TOOL_CALLS\]\s*{name}\b",
        rf"<(?:tool_call|\|tool_call_begin\|)>\s*{name}\b",
        rf"<\uff5ctool\u2581sep\uff5c>\s*{name}\b",
        rf"(?<![\w.]){name}\((?:\s*\{{|\s*\w+\s*=)",
        # without arguments it is a call where it stands alone; in a sentence it names the tool
        rf"(?m:^[\s`>\[]*(?:print\()?{name}\(\s*\)[\s`\]\);]*$)",
    )
    return re.compile("|".join(f"(?:{form})" for form in forms))


def count_text_calls(pattern: re.Pattern[str] | None, texts: Iterable[str]) -> int:
    """How many calls the texts seem to hold."""
    if pattern is None:
        return 0
    return sum([len(pattern.findall(text)) for text in texts if text])
