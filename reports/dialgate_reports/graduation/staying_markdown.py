"""The classes without a decision in Markdown: those that lack the same are said in one line.

Pure, from the document that `dial recommend --json` writes; every text is escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import shorten
from dialgate_evals.files.problems import join_words
from dialgate_reports.graduation.folded_words import is_open, name_of
from dialgate_reports.graduation.graduation_words import mode, stale_lines
from dialgate_reports.words.markdown_text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_LINES, _MOST_STALE = 60, 20


def staying_markdown(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> str:
    """The section; empty where every class has a decision."""
    staying = [entry for entry, item in pairs if not is_open(entry, item)]
    if not staying:
        return ""
    groups: dict[tuple[str, str], list[str]] = {}
    for entry in staying:
        groups.setdefault((entry["mode"], _missing(entry)), []).append(entry["action_class"])
    lines = [
        f"- {_text(join_words(names), 600)}: stay {mode(at)}; {_text(missing, 400)}."
        for (at, missing), names in groups.items()
    ]
    more = f"- *{len(lines) - _MOST_LINES} more lines are left out.*"
    shown = [*lines[:_MOST_LINES], *([more] if len(lines) > _MOST_LINES else [])]
    stale = [
        f"- {_text(entry['action_class'], 80)}: {_text(text, 300)}"
        for entry in staying
        for text in stale_lines(entry)
    ]
    intro = "Numbers stand in the table above; the HTML page has every bar."
    return "\n".join(["## What stays", "", intro, "", *shown, *stale[:_MOST_STALE]])


def _missing(entry: Mapping[str, Any]) -> str:
    """The names of what the next mode lacks."""
    if entry["next"] is None:
        return "there is no further mode"
    points = (*entry["conditions"], *entry["readiness"])
    names = [f"“{name_of(point)}”" for point in points if not point["met"]]
    return f"missing: {join_words(names) or 'nothing'}"


def _text(text: str, width: int) -> str:
    return escape(shorten(text, width))
