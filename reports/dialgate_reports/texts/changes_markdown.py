"""What changed in a release and its suite, as Markdown for a pull request or a job's summary.

A pure function of the document of `changes`, in the words of `dialgate_reports.texts.changes_text`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dialgate_reports.texts.changes_text import (
    INVALIDATED,
    NAMED_ONLY,
    WEAKENED,
    affected_lines,
    difference_lines,
    head_lines,
    invalidated_lines,
    is_shown_by_words,
    split_changes,
)
from dialgate_reports.words.figures import change_kind
from dialgate_reports.words.markdown_text import code, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_CHANGES = 60


def render_changes_markdown(document: dict[str, Any]) -> str:
    """Headline, the changes with what differs folded away, then classes and warnings."""
    first, *rest = head_lines(document)
    triggering, named = split_changes(document)
    parts = [
        f"### dialgate changes: {escape(first)}",
        "  \n".join(escape(line) for line in rest),
        _list(triggering),
        _titled("May be affected:", affected_lines(document)),
        _titled(NAMED_ONLY, [], _list(named)),
        _titled(INVALIDATED, invalidated_lines(document)),
        _titled(WEAKENED, document["loosened"]),
        "\n\n".join(escape(text) for text in document["unpinned"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _titled(title: str, lines: Sequence[str], body: str = "") -> str:
    body = body or "\n".join(f"- {escape(line)}" for line in lines)
    return f"{title}\n\n{body}" if body else ""


def _list(changes: Sequence[dict[str, Any]]) -> str:
    lines = [_change(change) for change in changes[:_MOST_CHANGES]]
    if len(changes) > _MOST_CHANGES:
        lines.append(f"- … and {len(changes) - _MOST_CHANGES} more")
    return "\n".join(lines)


def _change(change: dict[str, Any]) -> str:
    path = f" {code(change['path'])}" if change["path"] else ""
    kind, detail = escape(change_kind(change)), escape(change["detail"][:500])
    line = f"- {escape(change['component'])}{path} {kind}: {detail}"
    if not change.get("difference"):
        return line
    text = "\n".join(difference_lines(change, 200))
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    language = "" if is_shown_by_words(change) else "diff"
    block = f"{fence}{language}\n{text}\n{fence}".replace("\n", "\n  ")
    return f"{line}\n  <details><summary>What differs</summary>\n\n  {block}\n\n  </details>"
