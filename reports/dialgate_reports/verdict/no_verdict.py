"""A check that ended without a verdict, for people: what it said, and that nothing was judged.

Pure functions of the exit code and of what was printed; leaves verdicts to `verdict.markdown`.
"""

from __future__ import annotations

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.verdict.github_annotations import Annotation
from dialgate_reports.words.markdown_text import escape

_MOST_LINES = 200

MEANINGS = {
    0: "ended well but left no verdict that can be read",
    2: "a usage or configuration error",
    4: "evidence is missing or can't be trusted",
    130: "interrupted",
}


def render_no_verdict(exit_code: int, log: str, *, limit_bytes: int) -> str:
    """Markdown under the limit: the exit code in words, then what was printed, as text."""
    head = f"### 🚫 dialgate: no verdict ({escape(_meaning(exit_code))})"
    lines = _lines(log)
    shown: list[str] = []
    room = limit_bytes - len(head.encode()) - 200
    for line in lines[:_MOST_LINES]:
        item = f"- {escape(shorten(line, 1000))}"
        room -= len(item.encode()) + 1
        if room < 0:
            break
        shown.append(item)
    if len(shown) < len(lines):
        shown.append(f"- … and {len(lines) - len(shown)} more lines in the job's log")
    body = "\n".join(shown) or "Nothing was printed. See the job's log."
    return f"{head}\n\nNothing was judged; this is never a pass.\n\n{body}\n"


def annotate_failure(exit_code: int, log: str) -> list[Annotation]:
    """One error for each line that was printed: a problem of the workspace, or what broke."""
    title = f"dialgate: {_meaning(exit_code)}"
    lines = _lines(log) or ["Nothing was printed. See the job's log."]
    return [
        Annotation(level="error", title=title, message=shorten(printable(line), 2000))
        for line in lines
    ]


def _meaning(exit_code: int) -> str:
    return f"{MEANINGS.get(exit_code, 'it broke')}, exit code {exit_code}"


def _lines(log: str) -> list[str]:
    return [line for line in log.splitlines() if line.strip()]
