"""Several suites' verdicts as one comment: a row each, and each one's own comment folded.

A pure function of the document, under GitHub's limit: the worst suites get their room first, and
what has none is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_reports.verdict.markdown import LIMIT_BYTES, MARKS, render_markdown
from dialgate_reports.verdict.several import several_words as words
from dialgate_reports.words.markdown_text import cell, clipped, escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_reports.page.subject import Subject

_MOST_ROWS = 60
_LEAST_ROOM = 12_000
"""Bytes under which a suite's own comment says too little to be worth its fold."""
_LARGEST = 30_000


def render(subject: Subject) -> str:
    """The form `markdown` of several suites in `dialgate_reports.formats`."""
    return render_several_markdown(subject.document)


def render_several_markdown(document: Mapping[str, Any], *, limit_bytes: int = LIMIT_BYTES) -> str:
    """Several verdicts as one comment of at most `limit_bytes`; what doesn't fit is left out."""
    items = document["suites"]
    mark = MARKS.get(words.CODES.get(document["exit_code"], ""), "🚫")
    head = [f"### {mark} dialgate: {clipped(words.headline(document), 600)}", _table(items)]
    tail = [clipped(words.untouched_line(document), 2_000)]
    tail += [escape(words.budget_line(document))] if items else []
    room = limit_bytes - sum(len(part.encode()) + 2 for part in (*head, *tail)) - 200
    folds = _folds(items, room)
    return "\n\n".join(part for part in (*head, *folds, *tail) if part) + "\n"


def _table(items: Sequence[Mapping[str, Any]]) -> str:
    if not items:
        return ""
    rows = [
        f"| {cell(item['folder'])} | {_marked(item)} | {clipped(words.sentence(item), 300)} | "
        f"{clipped(item['why'], 200)} |"
        for item in items[:_MOST_ROWS]
    ]
    more = len(items) - len(rows)
    note = [f"\n… and {more} more suites; the JSON has them."] if more else []
    return "\n".join(["| Suite | Verdict | What was found | Judged because |",
                      "| --- | --- | --- | --- |",
                      *rows, *note])  # fmt: skip


def _marked(item: Mapping[str, Any]) -> str:
    shown = words.word(item)
    return f"{MARKS.get(shown, '🚫')}\u00a0{shown}"


def _folds(items: Sequence[Mapping[str, Any]], room: int) -> list[str]:
    """The suites' own comments, the worst first, as long as there is room."""
    folds: list[str] = []
    shown = [item for item in items if item["document"] is not None]
    for number, item in enumerate(shown):
        share = min(_LARGEST, room // max(1, min(len(shown) - number, 4)))
        if share < _LEAST_ROOM:
            left = len(shown) - number
            are = "verdict has" if left == 1 else "verdicts have"
            folds.append(f"{left} more {are} no room here; the JSON has them.")
            break
        body = render_markdown(item["document"], limit_bytes=share - 400)
        title = f"{escape(words.word(item))}: {clipped(item['folder'], 120)}"
        fold = f"<details><summary>{title}</summary>\n\n{body}\n</details>"
        room -= len(fold.encode()) + 2
        folds.append(fold)
    return folds
