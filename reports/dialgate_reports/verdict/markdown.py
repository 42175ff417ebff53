"""The verdict as a pull-request comment: verdict and reason first, then what moved, then folds.

A pure function of the verdict document, under GitHub's limit whatever the size of the run: each
section has its room, and what has none is counted.
"""

from __future__ import annotations

from typing import Any

from dialgate_reports.words import figures
from dialgate_reports.words.case_text import call_text
from dialgate_reports.words.markdown_text import cell, clipped, code, escape, fitting
from dialgate_reports.words.movements import movement_lines
from dialgate_reports.words.verdict_words import headline, next_step, split_reasons

LIMIT_BYTES = 60_000
_MARKS = {"pass": "✅", "fail": "❌", "inconclusive": "❔", "invalid": "🚫"}
# What a section may take, in bytes; cases get what the others leave.
_ROOM_MOVED = 7_000
_ROOM_TABLE = 9_000
_ROOM_REASONS = 5_000
_ROOM_CHANGES = 6_000
_ROOM_FOOT = 4_000
_FOLDED = 6
"""Reasons that are shown; the others are in a fold."""


def render_markdown(document: dict[str, Any], *, limit_bytes: int = LIMIT_BYTES) -> str:
    """The comment; the least important cases are left out until it is under `limit_bytes`."""
    why, missing = split_reasons(document)
    head = [
        f"### {_MARKS[document['verdict']]} dialgate: {clipped(headline(document), 1_500)}",
        f"**{clipped(next_step(document), 1_000)}**",
        _moved(document),
        _table(document),
        _reasons("Why", why),
        _reasons("What is missing for a decision", missing),
    ]
    tail = [_changes(document), _foot(document)]
    fixed = [part for part in (*head, *tail) if part]
    room = limit_bytes - len("\n\n".join(fixed).encode()) - 400
    cases = _cases(document, room)
    return "\n\n".join(part for part in (*head, cases, *tail) if part) + "\n"


def _moved(document: dict[str, Any]) -> str:
    lines = [*figures.suite_lines(document), *movement_lines(document)]
    return "\n".join(fitting(lines, _item, _ROOM_MOVED))


def _item(text: str) -> str:
    return f"- {clipped(text, 1_000)}"


def _table(document: dict[str, Any]) -> str:
    if not document["classes"]:
        return ""
    has_baseline = document["baseline"] is not None
    headers = ["Action class", "Now"]
    headers += ["Before", "Difference, points"] if has_baseline else []
    headers += ["Silent failures", "Cases", "Verdict"]
    head = [
        "| " + " | ".join(headers) + " |",
        "| --- |" + " ---: |" * (len(headers) - 3) + " --- | --- |",
    ]
    rows = fitting(
        document["classes"],
        lambda item: _row(item, has_baseline=has_baseline),
        _ROOM_TABLE,
        "\n… and {} more classes",
    )
    return "\n".join([*head, *rows])


def _row(item: dict[str, Any], *, has_baseline: bool) -> str:
    row = [figures.rate(item["candidate"])]
    if has_baseline:
        row += [figures.rate(item["baseline"]), figures.interval(item)]
    row.append(figures.silent(item))
    # Figures stay on one line; names and words may break.
    row = [cell(item["action_class"]), *(text.replace(" ", "\u00a0") for text in row)]
    row += [figures.moves(item), f"{_MARKS[item['verdict']]} {item['verdict']}"]
    return "| " + " | ".join(row) + " |"


def _reasons(title: str, reasons: list[str]) -> str:
    if not reasons:
        return ""
    shown = "\n".join(map(_item, reasons[:_FOLDED]))
    if len(reasons) <= _FOLDED:
        return f"**{title}**\n\n{shown}"
    more = "- … and {} more in the full report"
    rest = "\n".join(fitting(reasons[_FOLDED:], _item, _ROOM_REASONS, more))
    summary = f"{len(reasons) - _FOLDED} more reasons"
    return f"**{title}**\n\n{shown}\n\n{_fold(summary, rest)}"


def _fold(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _cases(document: dict[str, Any], room: int) -> str:
    """A fold with the failing and broken cases, as many as fit."""
    entries = [entry for entry in document["explanations"] if entry["move"] != "fixed"]
    if not entries:
        return ""
    blocks: list[str] = []
    used = 0
    for entry in entries:
        block = _case(entry)
        used += len(block.encode()) + 2
        if used > room:
            break
        blocks.append(block)
    broken = sum(entry["move"] == "broken" for entry in entries)
    others = len(entries) - broken
    title = f"{broken} broken{f', {others} more failing or flaky' if others else ''}"
    cut = len(entries) - len(blocks)
    if cut:
        blocks.append(f"… {cut} more cases are left out here; the full report has them.")
    return _fold(f"Cases, expected and actual: {title}", "\n\n".join(blocks))


def _case(entry: dict[str, Any]) -> str:
    marks = [entry["move"], *(word for word in ("silent", "critical") if entry[word])]
    lines = [f"**{clipped(entry['case'], 400)}** ({', '.join(marks)})", ""]
    for item in [one for one in entry["candidate"]["decisions"] if not one["is_correct"]][:8]:
        lines.append(f"- {item['outcome']} in {code(item['action_class'])}")
        lines += [
            f"  - {word} {code(call_text(item[word], 300), 320)}"
            for word in ("expected", "actual")
            if item[word] is not None
        ]
    lines += [f"- {clipped(text, 600)}" for text in entry["candidate"]["reply_failures"][:4]]
    return "\n".join(lines)


def _changes(document: dict[str, Any]) -> str:
    changes = document["changes"]
    if not changes:
        return ""
    body = "\n".join(fitting(changes, _change, _ROOM_CHANGES))
    return _fold(f"What changed in the release: {len(changes)}", body)


def _change(change: dict[str, Any]) -> str:
    where = f" {code(change['path'])}" if change["path"] else ""
    detail = clipped(change["detail"], 600)
    kind = figures.change_kind(change)
    return f"- {escape(change['component'])}{where} {escape(kind)}: {detail}"


def _foot(document: dict[str, Any]) -> str:
    """Cost and latency, what the verdict rests on, how to see one case again."""
    texts = [
        figures.task_line(document),
        *(item["sentence"] for item in document["budget"]),
        figures.counts_line(document),
        figures.flaky_line(document),
        figures.pass_line(document),
        f"{figures.usage_line(document)}. Judged by {document['judged_by']}.",
    ]
    first = f"- Reproduce one case: {code(document['reproduce'], 400)}\n"
    more = "- … and {} more lines in the full report"
    lines = fitting([text for text in texts if text], _item, _ROOM_FOOT, more)
    return (first if document["reproduce"] else "") + "\n".join(lines)
