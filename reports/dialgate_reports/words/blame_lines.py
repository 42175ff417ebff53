"""Which change broke it, in a sentence of a verdict, where `check` looked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import shorten
from dialgate_evals.files.problems import join_words
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_NAMED = 4


def blamed_line(document: Mapping[str, Any]) -> str:
    """What breaks it and by how many trials that is known; empty where nobody looked."""
    found = document.get("blame")
    if not isinstance(found, dict):
        return ""
    if "why_not" in found:
        return f"Which change broke it was not found: {str(found['why_not']).rstrip('.')}."
    if not found["breaks"]:
        return "No case broke so clearly that a change could be blamed for it."
    trials = count_of(found["trials"], "trial")
    if not found["is_done"]:
        return (
            f"It is broken by one or more of {count_of(len(found['breaks']), 'change')}: "
            f"{trials} were not enough to tell."
        )
    named = [piece_words(item) for item in found["breaks"][:_MOST_NAMED]]
    more = len(found["breaks"]) - len(named)
    together = " together" if len(found["breaks"]) > 1 else ""
    rest = f" and {more} more" if more else ""
    return f"Broken{together} by {join_words(named)}{rest} ({trials})."


def piece_words(item: Mapping[str, Any]) -> str:
    """One change with its place, where its words don't begin with it."""
    text = shorten(item["text"], 240)
    if str(item["text"]).startswith(str(item["path"])):
        return text
    line = "" if item["line"] is None else f", line {item['line']}"
    return f"{text} ({item['path']}{line})"
